package daemon

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/wire"
)

// replace ends the process at a place of the machine and begins another there.
func (m *machine) replace(at int, pid int32, private func(time.Duration) uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.procs[at]
	*p = proc{pid: pid, name: p.name, began: m.elapsed + m.asleep, private: private}
}

// hours lets some go by at two beats a minute.
func hours(t *testing.T, d *Daemon, m *machine, n float64) {
	t.Helper()
	run(t, d, m, int(n*120))
}

func livesOf(t *testing.T, d *Daemon, service string) wire.Lives {
	t.Helper()
	out, err := history{d}.Lives(t.Context(), api.LivesQuery{Service: service, Points: 60, Limit: 6})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLivesAtTheSameAge lets a service be restarted twice, the last time with a leak that
// is 10 MiB an hour faster.
func TestLivesAtTheSameAge(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	m.procs[2].private = leaking(40<<20, 20<<20)
	hours(t, d, m, 3) // it lived for an hour before anybody looked
	m.replace(2, 201, leaking(40<<20, 20<<20))
	began := m.Now()
	hours(t, d, m, 4)
	m.replace(2, 301, leaking(40<<20, 30<<20))
	hours(t, d, m, 3)

	lives := livesOf(t, d, "leaky")
	if len(lives.Lives) != 3 || lives.Truncated {
		t.Fatalf("%d lives: %+v", len(lives.Lives), lives)
	}
	x := lives.Lives[1]
	if x.PID != 201 || x.StartTime.Sub(began).Abs() > time.Second || x.EndTime == nil || math.Abs(x.UptimeSeconds-4*3600) > 60 {
		t.Errorf("the second life is %+v, want PID 201 from %v for four hours", x, began)
	}
	if first := lives.Lives[2]; !first.StartTime.Equal(noon.Add(-time.Hour)) {
		t.Errorf("the first life began at %v, an hour before the daemon", first.StartTime)
	}
	for i, want := range []float64{30 << 20, 20 << 20, 20 << 20} {
		x := lives.Lives[i]
		n := len(x.AgeSeconds)
		if n < 20 || n > 60 || len(x.PrivateBytes) != n {
			t.Fatalf("life %d has %d and %d points, want up to 60", i, n, len(x.PrivateBytes))
		}
		rate := (x.PrivateBytes[n-2] - x.PrivateBytes[1]) / (x.AgeSeconds[n-2] - x.AgeSeconds[1]) * 3600
		if math.Abs(rate-want) > want/50 {
			t.Errorf("life %d grows by %.0f an hour, want %.0f", i, rate, want)
		}
		for k := 1; k < n; k++ {
			if x.AgeSeconds[k] <= x.AgeSeconds[k-1] {
				t.Fatalf("life %d: ages %v", i, x.AgeSeconds)
			}
		}
	}
	if lives.Lives[0].EndTime != nil {
		t.Errorf("the present life ended at %v", lives.Lives[0].EndTime)
	}
	c := lives.Comparison
	if c == nil || c.Lives != 2 || math.Abs(c.AgeSeconds-3*3600) > 60 || math.Abs(c.DifferenceBytes-30*(1<<20)) > 1<<20 {
		t.Fatalf("the comparison is %+v, want 30 MiB more after three hours than two lives", c)
	}
	if want := "after its start it uses 3"; !strings.Contains(c.Sentence, want) || !strings.Contains(c.Sentence, "MB more than the last 2 lives did") {
		t.Errorf("it says %q", c.Sentence)
	}

	// Past the age of the others, those are compared as far as they came.
	hours(t, d, m, 3)
	c = livesOf(t, d, "leaky").Comparison
	if c == nil || c.Lives == 0 || c.AgeSeconds > 4*3600 || !strings.Contains(c.Sentence, "no earlier life came to its present age") {
		t.Errorf("beyond the age of all others it says %+v", c)
	}
	if c := livesOf(t, d, "steady"); len(c.Lives) != 1 || c.Comparison != nil {
		t.Errorf("a service with one life is compared with %+v", c.Comparison)
	}
}

// TestLivesOfEarlierBoots dates a life of a boot that is over by the uptime that was stored.
func TestLivesOfEarlierBoots(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	d, _ := start(t, m, dir, seldom)
	hours(t, d, m, 1)
	m.replace(2, 201, constant(70<<20))
	began := m.Now()
	hours(t, d, m, 1)
	end(t, d)

	m.boot, m.elapsed, m.asleep = "rebooted", time.Minute, 0
	m.wall = m.wall.Add(time.Hour)
	m.procs[0].began, m.procs[1].began, m.procs[2].began = 0, 0, 0
	d, _ = start(t, m, dir, seldom)
	hours(t, d, m, .1)
	lives := livesOf(t, d, "leaky").Lives
	if len(lives) != 3 {
		t.Fatalf("%d lives: %+v", len(lives), lives)
	}
	// Same PID, another boot: another life.
	if x := lives[0]; x.PID != 201 || x.EndTime != nil || x.StartTime.Sub(m.Now().Add(-m.Elapsed())).Abs() > time.Second {
		t.Errorf("the present life is %+v", x)
	}
	if x := lives[1]; x.PID != 201 || x.EndTime == nil || x.StartTime.Sub(began).Abs() > 31*time.Second {
		t.Errorf("the life before the boot began at %v, want %v: %+v", x.StartTime, began, x)
	}
}

func TestStepsWithin(t *testing.T) {
	for _, span := range []time.Duration{time.Second, time.Minute, 90 * time.Minute, 26 * time.Hour, 40 * 24 * time.Hour, 400 * 24 * time.Hour} {
		for _, points := range []int{2, 3, 30, 120, 300} {
			ms := span.Milliseconds()
			step := stepWithin(ms, points)
			if touched := (ms+step-1)/step + 1; touched > int64(points) {
				t.Errorf("%v in %d points: steps of %d s can be %d", span, points, step/1000, touched)
			}
			if step > 1000 && points > 2 && ms/step < int64(points)/8 {
				t.Errorf("%v in %d points: steps of %d s make only %d", span, points, step/1000, ms/step)
			}
		}
	}
}
