package session

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func put(t *testing.T, s *Sessions, id string, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if err := s.Put(start, id, k, []byte("1")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestIdentitiesAreRandom(t *testing.T) {
	s, seen := New(), map[string]bool{}
	for range 1000 {
		id := s.Begin(start)
		if len(id) != 32 || seen[id] {
			t.Fatalf("the identity %q is no new one of 128 bits", id)
		}
		seen[id] = true
	}
}

func TestRefreshSweeps(t *testing.T) {
	s := New()
	id, other := s.Begin(start), s.Begin(start)
	put(t, s, id, "temp_a", "old_fig", "cache_x", "theme", "a_temp_", "temp")
	put(t, s, other, "temp_a")
	v, err := s.Refresh(start, id)
	if err != nil || v.Swept != 3 || !slices.Equal(v.Keys, []string{"a_temp_", "temp", "theme"}) {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := s.Use(start, other); err != nil || len(v.Keys) != 1 {
		t.Errorf("another session was swept too: %+v, %v", v, err)
	}
	if n := s.DropTemporary(); n != 1 {
		t.Errorf("%d temporary keys were dropped of the one there was", n)
	}
}

func TestEveryFiftiethLoadSweeps(t *testing.T) {
	s := New()
	id, other := s.Begin(start), s.Begin(start)
	for i := 1; i <= 3*SweepLoads; i++ {
		put(t, s, id, "temp_a", "theme")
		if _, err := s.Load(start, other); err != nil { // the loads of others do not count
			t.Fatal(err)
		}
		v, err := s.Load(start, id)
		if err != nil || v.Loads != uint64(i) || v.AllLoads != uint64(2*i) {
			t.Fatalf("load %d: %+v, %v", i, v, err)
		}
		if want := i%SweepLoads == 0; (v.Swept == 1) != want || slices.Contains(v.Keys, "temp_a") == want {
			t.Fatalf("load %d: %+v", i, v)
		}
	}
}

func TestUnusedSessionsExpire(t *testing.T) {
	s := New()
	id, idle := s.Begin(start), s.Begin(start)
	put(t, s, idle, "theme")
	for i := range 4 { // one that is used lives on
		if _, err := s.Use(start.Add(time.Duration(i)*(TTL-1)), id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Use(start.Add(TTL), idle); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session unused for %v: %v", TTL, err)
	}
	if n := s.Sweep(start.Add(4*(TTL-1) + 1)); n != 1 {
		t.Errorf("%d sessions were swept", n)
	}
	if v := s.Stats(); v.Sessions != 0 || v.Bytes != 0 || v.Expired != 2 {
		t.Errorf("%+v", v)
	}
}

func TestLongestUnusedGoes(t *testing.T) {
	s := New()
	first, second := s.Begin(start), s.Begin(start)
	for range MaxSessions - 2 {
		s.Begin(start)
	}
	if _, err := s.Use(start, first); err != nil {
		t.Fatal(err)
	}
	s.Begin(start)
	if _, err := s.Use(start, first); err != nil {
		t.Error("the session used last had to go")
	}
	if _, err := s.Use(start, second); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session longest unused is still there: %v", err)
	}
}

func TestWhatIsNotKept(t *testing.T) {
	s := New()
	id := s.Begin(start)
	for _, key := range []string{"", strings.Repeat("k", MaxKeyBytes+1), "a\nb", "\xff", "\x1b[2J", "\u202e"} {
		if err := s.Put(start, id, key, nil); !errors.Is(err, ErrKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	if err := s.Put(start, id, "a", make([]byte, MaxValueBytes+1)); !errors.Is(err, ErrValue) {
		t.Error(err)
	}
	for i := range MaxKeys {
		if err := s.Put(start, id, fmt.Sprint(i), make([]byte, MaxValueBytes)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(start, id, "one more", nil); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	if err := s.Put(start, id, "0", []byte("another")); err != nil {
		t.Errorf("a key that is there cannot be written in a full session: %v", err)
	}
	if err := s.Put(start, "nobody", "a", nil); !errors.Is(err, ErrNoSession) {
		t.Error(err)
	}
	if _, err := s.Get(start, id, "absent"); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
}

// TestAllTogetherAreBounded fills every session to its own bounds.
func TestAllTogetherAreBounded(t *testing.T) {
	s := New()
	var last string
	for range MaxSessions {
		last = s.Begin(start)
		for i := range MaxKeys {
			if err := s.Put(start, last, fmt.Sprint(i), make([]byte, MaxValueBytes)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if v := s.Stats(); v.Bytes > MaxBytes || v.Bytes < MaxBytes/2 {
		t.Errorf("%d bytes are kept; the bound is %d", v.Bytes, MaxBytes)
	}
	if v, err := s.Use(start, last); err != nil || len(v.Keys) != MaxKeys {
		t.Errorf("the session written last lost something: %+v, %v", v, err)
	}
}

// TestAnyCourse plays any course of events against plain maps. Few sessions are used, so
// that none has to go for another.
func TestAnyCourse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := New(), start
		type twin struct {
			values map[string]string
			loads  uint64
			used   time.Time
		}
		twins := map[string]*twin{}
		var all uint64
		keys := rapid.SampledFrom(strings.Split("a b temp_a old_b cache_c temp tempo é", " "))
		pick := func(t *rapid.T) string {
			ids := append(slices.Sorted(maps.Keys(twins)), "0123456789abcdef0123456789abcdef")
			return rapid.SampledFrom(ids).Draw(t, "id")
		}
		alive := func(id string) *twin {
			x := twins[id]
			if x == nil || now.Sub(x.used) >= TTL {
				delete(twins, id)
				return nil
			}
			x.used = now
			return x
		}
		sweep := func(x *twin) {
			maps.DeleteFunc(x.values, func(k, _ string) bool {
				return strings.HasPrefix(k, "temp_") || strings.HasPrefix(k, "old_") || strings.HasPrefix(k, "cache_")
			})
		}
		same := func(t *rapid.T, x *twin, v View, err error) {
			if (err == nil) != (x != nil) {
				t.Fatalf("the session is %v, the error %v", x, err)
			}
			if x != nil && (v.Loads != x.loads || v.AllLoads != all || !slices.Equal(v.Keys, slices.Sorted(maps.Keys(x.values)))) {
				t.Fatalf("%+v instead of %+v, %d in all", v, x, all)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"begin": func(t *rapid.T) {
				if len(twins) < 5 {
					twins[s.Begin(now)] = &twin{values: map[string]string{}, used: now}
				}
			},
			"use": func(t *rapid.T) {
				id := pick(t)
				x := alive(id)
				v, err := s.Use(now, id)
				same(t, x, v, err)
			},
			"load": func(t *rapid.T) {
				id := pick(t)
				x := alive(id)
				for range rapid.SampledFrom([]int{1, 7, 49}).Draw(t, "times") {
					if x != nil {
						x.loads++
						all++
						if x.loads%50 == 0 {
							sweep(x)
						}
					}
					v, err := s.Load(now, id)
					same(t, x, v, err)
				}
			},
			"refresh": func(t *rapid.T) {
				id := pick(t)
				x := alive(id)
				if x != nil {
					sweep(x)
				}
				v, err := s.Refresh(now, id)
				same(t, x, v, err)
			},
			"put": func(t *rapid.T) {
				id, key, value := pick(t), keys.Draw(t, "key"), rapid.StringN(0, 20, 40).Draw(t, "value")
				x := alive(id)
				if err := s.Put(now, id, key, []byte(value)); (err == nil) != (x != nil) {
					t.Fatal(err)
				}
				if x != nil {
					x.values[key] = value
				}
			},
			"get": func(t *rapid.T) {
				id, key := pick(t), keys.Draw(t, "key")
				x := alive(id)
				v, err := s.Get(now, id, key)
				want, ok := "", false
				if x != nil {
					want, ok = x.values[key]
				}
				if (err == nil) != ok || string(v) != want {
					t.Fatalf("%q, %v instead of %q", v, err, want)
				}
			},
			"delete": func(t *rapid.T) {
				id, key := pick(t), keys.Draw(t, "key")
				x := alive(id)
				ok := false
				if x != nil {
					_, ok = x.values[key]
					delete(x.values, key)
				}
				if err := s.Delete(now, id, key); (err == nil) != ok {
					t.Fatal(err)
				}
			},
			"wait":  func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "min")) * time.Minute) },
			"sweep": func(t *rapid.T) { s.Sweep(now) },
			"": func(t *rapid.T) {
				held := 0
				for _, x := range s.sessions {
					for k, v := range x.values {
						held += len(k) + len(v)
					}
				}
				v := s.Stats()
				if v.Bytes != held || v.Loads != all || v.Evicted != 0 || uint64(v.Sessions)+v.Expired != v.Begun {
					t.Fatalf("%+v with %d bytes held", v, held)
				}
			},
		})
	})
}
