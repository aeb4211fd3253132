// Package session keeps the little state of a browser's session that has to be on the
// server: page loads and a few small values under keys. Everything has a bound, so that
// neither a page left open for a month nor somebody who asks without a cookie can make it
// grow.
//
// It owns no clock: the time is an argument, and who owns the sessions calls Sweep.
package session

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of sessions.
const (
	// MaxSessions is more browsers than look at one machine. The session longest unused
	// goes for a new one.
	MaxSessions = 256
	// TTL is how long a session lives without being used: a lunch break.
	TTL = 30 * time.Minute
	// MaxKeys, MaxKeyBytes and MaxValueBytes hold the settings of a page, and no data.
	MaxKeys       = 32
	MaxKeyBytes   = 64
	MaxValueBytes = 1 << 10
	// MaxBytes bounds the keys and values of all sessions together, which at their own
	// bounds would be 9 MB. The sessions longest unused go for what is written now.
	MaxBytes = 1 << 20
	// SweepLoads is after how many page loads temporary keys are swept, for pages that
	// are never refreshed.
	SweepLoads = 50
	// idBytes makes an identity that nobody guesses (128 bit).
	idBytes = 16
)

// Temporary are the beginnings of keys that live until the next refresh.
var Temporary = [...]string{"temp_", "old_", "cache_"}

// The reasons for which a value is not kept.
var (
	ErrNoSession = errors.New("there is no such session")
	ErrNoKey     = errors.New("the session has no such key")
	ErrKey       = errors.New("a key has 1 to 64 bytes of printable text")
	ErrValue     = errors.New("a value has at most 1,024 bytes")
	ErrFull      = errors.New("a session has at most 32 keys")
)

// Sessions is safe for concurrent use.
type Sessions struct {
	mu       sync.Mutex
	sessions map[string]*session
	uses     uint64
	bytes    int
	stats    Stats
}

type session struct {
	values map[string][]byte
	loads  uint64
	used   time.Time
	order  uint64 // of its last use among those of all sessions
	owner  string // see BeginFor
}

// Stats counts over all sessions since the beginning.
type Stats struct {
	Sessions int // alive
	Bytes    int // of keys and values
	Loads    uint64
	// Begun sessions; those of them that Expired unused, and those Evicted for others.
	Begun, Expired, Evicted uint64
	Swept                   uint64 // temporary keys dropped
}

// View is what is known of one session.
type View struct {
	Loads    uint64   // page loads of this session
	AllLoads uint64   // of all sessions since the beginning
	Keys     []string // sorted
	// Swept is how many temporary keys the call dropped.
	Swept int
}

// New returns no sessions yet.
func New() *Sessions { return &Sessions{sessions: map[string]*session{}} }

// Begin makes a session and returns its identity, which is secret: who has it is taken for
// that browser.
func (s *Sessions) Begin(now time.Time) string {
	var b [idBytes]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
	id := hex.EncodeToString(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	x := &session{}
	s.sessions[id] = x
	s.touch(x, now)
	s.stats.Begun++
	for len(s.sessions) > MaxSessions {
		s.evict(x)
	}
	return id
}

// Use returns what is known of a session and keeps it alive.
func (s *Sessions) Use(now time.Time, id string) (View, error) {
	return s.with(now, id, func(*session) int { return 0 })
}

// Load counts one page load. Every 50th of a session sweeps its temporary keys.
func (s *Sessions) Load(now time.Time, id string) (View, error) {
	return s.with(now, id, func(x *session) int {
		x.loads++
		s.stats.Loads++
		if x.loads%SweepLoads == 0 {
			return s.sweepKeys(x)
		}
		return 0
	})
}

// Refresh sweeps the temporary keys of a session.
func (s *Sessions) Refresh(now time.Time, id string) (View, error) {
	return s.with(now, id, s.sweepKeys)
}

// with does something to a session and returns what is known of it then.
func (s *Sessions) with(now time.Time, id string, do func(*session) int) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.find(now, id)
	if err != nil {
		return View{}, err
	}
	v := View{Swept: do(x), Loads: x.loads, AllLoads: s.stats.Loads, Keys: make([]string, 0, len(x.values))}
	for k := range x.values {
		v.Keys = append(v.Keys, k)
	}
	slices.Sort(v.Keys)
	return v, nil
}

// Put stores a copy of the value under the key.
func (s *Sessions) Put(now time.Time, id, key string, value []byte) error {
	if !validKey(key) {
		return ErrKey
	}
	if len(value) > MaxValueBytes {
		return ErrValue
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.find(now, id)
	if err != nil {
		return err
	}
	old, there := x.values[key]
	if !there && len(x.values) >= MaxKeys {
		return ErrFull
	}
	if x.values == nil {
		x.values = map[string][]byte{}
	}
	if there {
		s.bytes -= len(old)
	} else {
		s.bytes += len(key)
	}
	x.values[strings.Clone(key)] = slices.Clone(value) // not the whole request
	s.bytes += len(value)
	for s.bytes > MaxBytes {
		s.evict(x)
	}
	return nil
}

// Get returns the value under a key. It must not be changed.
func (s *Sessions) Get(now time.Time, id, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.find(now, id)
	if err != nil {
		return nil, err
	}
	v, ok := x.values[key]
	if !ok {
		return nil, ErrNoKey
	}
	return v, nil
}

// Delete drops a key.
func (s *Sessions) Delete(now time.Time, id, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.find(now, id)
	if err != nil {
		return err
	}
	if _, ok := x.values[key]; !ok {
		return ErrNoKey
	}
	s.drop(x, key)
	return nil
}

// Sweep drops the sessions that were unused for too long and returns how many.
func (s *Sessions) Sweep(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expire(now)
}

// DropTemporary sweeps the temporary keys of all sessions, as memory is short, and returns
// how many.
func (s *Sessions) DropTemporary() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, x := range s.sessions {
		n += s.sweepKeys(x)
	}
	return n
}

// Stats returns the counts of this moment.
func (s *Sessions) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.stats
	v.Sessions, v.Bytes = len(s.sessions), s.bytes
	return v
}

func (s *Sessions) find(now time.Time, id string) (*session, error) {
	x := s.sessions[id]
	if x == nil {
		return nil, ErrNoSession
	}
	if stale(now, x) {
		s.forget(id)
		s.stats.Expired++
		return nil, ErrNoSession
	}
	s.touch(x, now)
	return x, nil
}

func (s *Sessions) touch(x *session, now time.Time) {
	s.uses++
	x.used, x.order = now, s.uses
}

func stale(now time.Time, x *session) bool { return now.Sub(x.used) >= TTL }

func (s *Sessions) expire(now time.Time) int {
	n := 0
	for id, x := range s.sessions {
		if stale(now, x) {
			s.forget(id)
			n++
		}
	}
	s.stats.Expired += uint64(n)
	return n
}

// evict forgets the session longest unused, whatever is left but the given one.
func (s *Sessions) evict(keep *session) {
	oldest, least := "", uint64(0)
	for id, x := range s.sessions {
		if x != keep && (oldest == "" || x.order < least) {
			oldest, least = id, x.order
		}
	}
	s.forget(oldest)
	s.stats.Evicted++
}

func (s *Sessions) forget(id string) {
	x := s.sessions[id]
	for k, v := range x.values {
		s.bytes -= len(k) + len(v)
	}
	delete(s.sessions, id)
}

func (s *Sessions) sweepKeys(x *session) int {
	n := 0
	for k := range x.values {
		if temporary(k) {
			s.drop(x, k)
			n++
		}
	}
	s.stats.Swept += uint64(n)
	return n
}

func (s *Sessions) drop(x *session, key string) {
	s.bytes -= len(key) + len(x.values[key])
	delete(x.values, key)
}

func temporary(key string) bool {
	return slices.ContainsFunc(Temporary[:], func(p string) bool { return strings.HasPrefix(key, p) })
}

func validKey(key string) bool {
	return key != "" && len(key) <= MaxKeyBytes && utf8.ValidString(key) && !strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) })
}
