package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func constant(text string) Make {
	return func(context.Context) ([]byte, error) { return []byte(text), nil }
}

func get(t *testing.T, c *Cache, now time.Time, class Class, name, made string) string {
	t.Helper()
	v, err := c.Get(t.Context(), now, class, name, constant(made))
	if err != nil {
		t.Fatal(err)
	}
	return string(v)
}

// await returns when so many have asked in vain.
func await(c *Cache, misses uint64) {
	for c.Stats().Misses < misses {
		runtime.Gosched()
	}
}

func TestAges(t *testing.T) {
	for class, age := range map[Class]time.Duration{Status: 60 * time.Second, Metrics: 30 * time.Second} {
		c := New()
		get(t, c, start, class, "a", "old")
		if got := get(t, c, start.Add(age-1), class, "a", "new"); got != "old" {
			t.Errorf("class %d: just before its age the answer is made anew", class)
		}
		if got := get(t, c, start.Add(age), class, "a", "new"); got != "new" {
			t.Errorf("class %d: at its age the answer still comes from memory", class)
		}
		if s := c.Stats(); s.Hits != 1 || s.Misses != 2 || s.Expired != 1 || s.Entries != 1 {
			t.Errorf("class %d: %+v", class, s)
		}
	}
}

func TestClassesAreApart(t *testing.T) {
	c := New()
	get(t, c, start, Status, "a", "status")
	if got := get(t, c, start, Metrics, "a", "metrics"); got != "metrics" {
		t.Errorf("the answer of another class was given: %q", got)
	}
}

func TestClockSetBack(t *testing.T) {
	c := New()
	get(t, c, start, Status, "a", "future")
	if got := get(t, c, start.Add(-time.Hour), Status, "a", "now"); got != "now" {
		t.Errorf("an answer from the future was shown: %q", got)
	}
}

func TestSweepDropsOnlyTheOld(t *testing.T) {
	c := New()
	get(t, c, start, Metrics, "m", "x")
	get(t, c, start, Status, "s", "x")
	if n := c.Sweep(start.Add(45 * time.Second)); n != 1 {
		t.Errorf("%d entries were swept, not the one that passed its age", n)
	}
	if got := get(t, c, start.Add(45*time.Second), Status, "s", "anew"); got != "x" {
		t.Error("an entry within its age was swept")
	}
}

func TestClear(t *testing.T) {
	c := New()
	get(t, c, start, Status, "a", strings.Repeat("x", 1000))
	get(t, c, start, Status, "b", strings.Repeat("x", 500))
	entries, size := c.Clear()
	if entries != 2 || size < 1500 {
		t.Errorf("Clear names %d entries of %d bytes", entries, size)
	}
	if s := c.Stats(); s.Entries != 0 || s.Bytes != 0 || s.Cleared != 2 {
		t.Errorf("after Clear: %+v", s)
	}
}

func TestClearWhileMaking(t *testing.T) {
	c := New()
	v, err := c.Get(t.Context(), start, Status, "a", func(context.Context) ([]byte, error) {
		c.Clear()
		return []byte("x"), nil
	})
	if err != nil || string(v) != "x" {
		t.Fatalf("%q, %v", v, err)
	}
	if n := c.Stats().Entries; n != 0 {
		t.Error("an answer begun before Clear was kept")
	}
}

func TestTooLargeIsNotKept(t *testing.T) {
	c := New()
	get(t, c, start, Status, "small", "x")
	get(t, c, start, Status, "huge", strings.Repeat("x", MaxBytes))
	if s := c.Stats(); s.Entries != 1 || s.Evicted != 0 {
		t.Errorf("the small entry had to go for one that cannot be kept: %+v", s)
	}
}

// TestMadeOnce has many ask at once, while none is ready: one makes, the others wait.
func TestMadeOnce(t *testing.T) {
	const askers = 50
	c := New()
	var made atomic.Int32
	release := make(chan struct{})
	var wg sync.WaitGroup
	for range askers {
		wg.Go(func() {
			v, err := c.Get(t.Context(), start, Metrics, "a", func(context.Context) ([]byte, error) {
				made.Add(1)
				<-release
				return []byte("x"), nil
			})
			if err != nil || string(v) != "x" {
				t.Errorf("%q, %v", v, err)
			}
		})
	}
	await(c, askers) // every one of them is making or waiting
	// The lock is free meanwhile.
	if got := get(t, c, start, Metrics, "b", "other"); got != "other" {
		t.Error("another answer cannot be made meanwhile")
	}
	close(release)
	wg.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("the answer was made %d times", n)
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	c := New()
	broken := errors.New("disk I/O error")
	if _, err := c.Get(t.Context(), start, Status, "a", func(context.Context) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Fatalf("the error is %v", err)
	}
	if got := get(t, c, start, Status, "a", "well"); got != "well" {
		t.Errorf("after an error: %q", got)
	}
}

// TestMakerGoesAway has the one who makes the answer lose interest: another, who still
// waits, must not get his error.
func TestMakerGoesAway(t *testing.T) {
	c := New()
	ctx, leave := context.WithCancel(t.Context())
	making, got := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := c.Get(ctx, start, Status, "a", func(ctx context.Context) ([]byte, error) {
			close(making)
			<-ctx.Done()
			return nil, fmt.Errorf("cannot read: %w", ctx.Err())
		})
		got <- err
	}()
	<-making
	second := make(chan string, 1)
	go func() {
		v, err := c.Get(t.Context(), start, Status, "a", constant("second"))
		second <- fmt.Sprint(string(v), err)
	}()
	await(c, 2)
	leave()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("who went away gets %v", err)
	}
	if v := <-second; v != "second<nil>" {
		t.Errorf("who still waited gets %q", v)
	}
}

func TestWaiterGoesAway(t *testing.T) {
	c := New()
	release, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if _, err := c.Get(t.Context(), start, Status, "a", func(context.Context) ([]byte, error) { <-release; return []byte("x"), nil }); err != nil {
			t.Error(err)
		}
	}()
	await(c, 1)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.Get(ctx, start, Status, "a", constant("y")); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away gets %v", err)
	}
	close(release)
	<-done
}

func TestPanicReleasesThoseWhoWait(t *testing.T) {
	c := New()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = c.Get(t.Context(), start, Status, "a", func(context.Context) ([]byte, error) { panic("BUG: test") })
	}()
	if got := get(t, c, start, Status, "a", "well"); got != "well" {
		t.Errorf("after a panic: %q", got)
	}
}

// TestBoundsHold plays any course of events and holds ages, bounds and counts against it.
func TestBoundsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := New(), start
		type made struct {
			at   time.Time
			text []byte
		}
		last := map[key]made{}
		var asked uint64
		t.Repeat(map[string]func(*rapid.T){
			"get": func(t *rapid.T) {
				class := rapid.SampledFrom([]Class{Status, Metrics}).Draw(t, "class")
				name := rapid.SampledFrom(strings.Split("a b c d e f g h i j k l m", " ")).Draw(t, "name")
				size := rapid.SampledFrom([]int{0, 1, 100, 100_000, 400_000, MaxBytes + 1}).Draw(t, "size")
				fails := rapid.Float64().Draw(t, "fails") > 0.9
				asked++
				called := false
				v, err := c.Get(context.Background(), now, class, name, func(context.Context) ([]byte, error) {
					called = true
					if fails {
						return nil, errors.New("no")
					}
					return bytes.Repeat([]byte{'x'}, size), nil
				})
				switch {
				case called && fails:
					if err == nil {
						t.Fatal("the error was lost")
					}
				case called:
					if err != nil || len(v) != size {
						t.Fatalf("%d bytes, %v", len(v), err)
					}
					last[key{class, name}] = made{now, v}
				default:
					was, ok := last[key{class, name}]
					if age := now.Sub(was.at); !ok || age < 0 || age >= class.MaxAge() || !bytes.Equal(v, was.text) {
						t.Fatalf("what comes from memory was made %v ago, or is another", now.Sub(was.at))
					}
				}
			},
			"wait":  func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "s")) * time.Second) },
			"back":  func(t *rapid.T) { now = now.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(t, "s")) * time.Second) },
			"sweep": func(t *rapid.T) { c.Sweep(now) },
			"clear": func(t *rapid.T) {
				if entries, size := c.Clear(); entries > 0 && size < entries*entryBytes {
					t.Fatalf("%d entries of %d bytes", entries, size)
				}
			},
			"": func(t *rapid.T) {
				s := c.Stats()
				held := 0
				for k, e := range c.entries {
					held += len(e.value) + len(k.name) + entryBytes
				}
				if s.Entries > MaxEntries || s.Bytes > MaxBytes || s.Bytes != held || s.Hits+s.Misses != asked || len(c.making) != 0 {
					t.Fatalf("%+v, %d bytes held, asked %d times", s, held, asked)
				}
			},
		})
	})
}

// TestLongestUnusedGoes fills the cache, uses the first entry again and adds one.
func TestLongestUnusedGoes(t *testing.T) {
	c := New()
	for i := range MaxEntries {
		get(t, c, start, Status, fmt.Sprint(i), "first")
	}
	get(t, c, start, Status, "0", "again")
	get(t, c, start, Status, "one more", "x")
	if got := get(t, c, start, Status, "0", "anew"); got != "first" {
		t.Error("the entry used last had to go")
	}
	if got := get(t, c, start, Status, "1", "anew"); got != "anew" {
		t.Error("the entry longest unused is still there")
	}
	if s := c.Stats(); s.Evicted != 2 || s.Entries != MaxEntries {
		t.Errorf("%+v", s)
	}
}
