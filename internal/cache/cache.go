// Package cache keeps answers that are dear to make, for a short while and within bounds:
// a class of answers has its age, and all classes together have a number of entries and of
// bytes. An answer is made once, however many ask for it at the same time.
//
// It owns no clock and no goroutine: the time is an argument, and who owns the cache calls
// Sweep.
package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Class is a kind of answer. Its age is how long one may be shown again.
type Class uint8

// The classes of answers.
const (
	// Status is what changes with somebody's action rather than by itself: state of the
	// core, of the store.
	Status Class = iota
	// Metrics are figures over a range of time.
	Metrics
	classes
)

// The ages are those of the dashboard this monitor descends from: figures are looked at
// more closely than states.
const (
	StatusAge  = 60 * time.Second
	MetricsAge = 30 * time.Second
)

// Bounds of a cache, and how often its owner sweeps it.
const (
	// MaxEntries is enough for one page: each of its panels asks for one answer.
	MaxEntries = 10
	// MaxBytes holds ten answers of 2,000 points.
	MaxBytes = 1 << 20
	// SweepInterval is how long an answer that nobody asks for again may stay after its age.
	SweepInterval = 5 * time.Minute
	// entryBytes is what an entry costs beside its key and its value.
	entryBytes = 160
)

// MaxAge is how old an answer of the class may be when it is shown.
func (c Class) MaxAge() time.Duration {
	if c == Status {
		return StatusAge
	}
	return MetricsAge
}

// Make makes an answer. The bytes belong to the cache afterwards and are never changed.
type Make func(ctx context.Context) ([]byte, error)

// Cache is safe for concurrent use.
type Cache struct {
	mu      sync.Mutex
	entries map[key]*entry
	making  map[key]*work
	// used counts uses: the entry with the smallest is the one longest unused.
	used       uint64
	generation uint64 // counts clears: what was begun before one is not kept
	bytes      int
	stats      Stats
}

type key struct {
	class Class
	name  string
}

type entry struct {
	value []byte
	made  time.Time
	used  uint64
	bytes int
}

// work is one answer while it is made.
type work struct {
	done  chan struct{}
	value []byte
	err   error
}

// Stats counts since the cache was made.
type Stats struct {
	Entries int
	Bytes   int
	// Hits were answered from memory; Misses had to be made, or waited for the making.
	Hits, Misses uint64
	// Expired entries had passed their age, Evicted ones had to make room.
	Expired, Evicted uint64
	Cleared          uint64 // entries dropped by Clear
}

// New returns an empty cache.
func New() *Cache {
	return &Cache{entries: make(map[key]*entry, MaxEntries+1), making: map[key]*work{}}
}

// Get returns the answer of that name, made at most the age of its class ago, and makes it
// where there is none. Those who ask while it is being made wait for it, or until their
// own ctx ends. An error is given to all who waited and is not kept; when it is only that
// the one who made the answer went away, another of them makes it.
// The bytes are shared: they must not be changed.
func (c *Cache) Get(ctx context.Context, now time.Time, class Class, name string, produce Make) ([]byte, error) {
	if class >= classes {
		panic(fmt.Sprintf("BUG: no class of answers has the number %d", class))
	}
	id, asked := key{class, name}, false
	for {
		value, w, mine := c.find(now, id, asked)
		switch {
		case value != nil:
			return value, nil
		case mine:
			return c.produce(ctx, now, id, w, produce)
		}
		asked = true
		select {
		case <-w.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if gone(w.err) && ctx.Err() == nil {
			continue
		}
		return w.value, w.err
	}
}

// gone is the error of somebody who did not wait for what he asked for. What took too long
// would take the others as long.
func gone(err error) bool { return errors.Is(err, context.Canceled) }

// find returns the entry that holds, or the work that will make it; mine says that the
// caller has to do that work. Whoever asks for a second time is counted no more.
func (c *Cache) find(now time.Time, id key, again bool) (value []byte, w *work, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[id]; e != nil {
		if fresh(now, id.class, e) {
			if !again {
				c.stats.Hits++
			}
			c.used++
			e.used = c.used
			return e.value, nil, false
		}
		c.drop(id)
		c.stats.Expired++
	}
	if !again {
		c.stats.Misses++
	}
	if w := c.making[id]; w != nil {
		return nil, w, false
	}
	w = &work{done: make(chan struct{})}
	c.making[id] = w
	return nil, w, true
}

// fresh reports whether an entry may be shown. One from the future was made before the
// clock was set back, and nobody knows how long ago.
func fresh(now time.Time, class Class, e *entry) bool {
	age := now.Sub(e.made)
	return age >= 0 && age < class.MaxAge()
}

// errAbandoned is what those who wait are told when making an answer panicked.
var errAbandoned = errors.New("the answer could not be made: making it ended early")

func (c *Cache) produce(ctx context.Context, now time.Time, id key, w *work, produce Make) ([]byte, error) {
	c.mu.Lock()
	generation := c.generation
	c.mu.Unlock()
	w.err = errAbandoned
	defer func() {
		c.mu.Lock()
		delete(c.making, id)
		if w.err == nil && generation == c.generation {
			c.keep(now, id, w.value)
		}
		c.mu.Unlock()
		close(w.done)
	}()
	value, err := produce(ctx)
	if err == nil && value == nil {
		value = []byte{}
	}
	w.value, w.err = value, err
	return value, err
}

// keep stores an answer and drops those longest unused until all bounds hold. An answer
// that is larger than the whole cache is not kept.
func (c *Cache) keep(now time.Time, id key, value []byte) {
	e := &entry{value: value, made: now, bytes: len(value) + len(id.name) + entryBytes}
	if e.bytes > MaxBytes {
		return
	}
	c.drop(id)
	c.used++
	e.used = c.used
	c.entries[id] = e
	c.bytes += e.bytes
	for len(c.entries) > MaxEntries || c.bytes > MaxBytes {
		var oldest key
		least := uint64(0)
		for k, x := range c.entries {
			if least == 0 || x.used < least {
				oldest, least = k, x.used
			}
		}
		c.drop(oldest)
		c.stats.Evicted++
	}
}

func (c *Cache) drop(id key) {
	if e := c.entries[id]; e != nil {
		c.bytes -= e.bytes
		delete(c.entries, id)
	}
}

// Sweep drops what has passed its age and returns how many entries that were.
func (c *Cache) Sweep(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for id, e := range c.entries {
		if !fresh(now, id.class, e) {
			c.drop(id)
			n++
		}
	}
	c.stats.Expired += uint64(n)
	return n
}

// Clear drops every entry and returns how many there were and their bytes, keys and
// bookkeeping included. An answer that is being made goes to those who wait and is not kept.
func (c *Cache) Clear() (entries, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, bytes = len(c.entries), c.bytes
	clear(c.entries)
	c.bytes = 0
	c.generation++
	c.stats.Cleared += uint64(entries)
	return entries, bytes
}

// Stats returns the counts of this moment.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries, s.Bytes = len(c.entries), c.bytes
	return s
}
