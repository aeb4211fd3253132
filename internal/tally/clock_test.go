package tally

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/leak"
)

// Every instant is told by the clock that ruled then.
func TestWallTime(t *testing.T) {
	minute := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	tally := New()
	if !tally.Wall(0).IsZero() {
		t.Error("a wall time is known before anything was observed")
	}
	shift := time.Duration(0)
	for i := range 50 {
		switch i {
		case 10:
			shift = 8 * time.Hour // the machine slept
		case 20:
			shift += 5 * time.Second // a late beat is no step
		case 30:
			shift -= 9 * time.Hour // the clock was set
		}
		tally.ObserveAt(minute(100+i), noon.Add(minute(i)+shift), nil)
	}
	if got := tally.Began(); !got.Equal(noon.Add(-minute(100))) {
		t.Errorf("the watch began at %s", got)
	}
	for _, c := range []struct {
		minutes float64
		want    time.Time
	}{
		{40, noon.Add(-time.Hour)}, // before the first
		{100, noon},
		{109.9, noon.Add(minute(10) - 6*time.Second)},
		{110, noon.Add(minute(10) + 8*time.Hour)},
		{125, noon.Add(minute(25) + 8*time.Hour)},
		{130, noon.Add(minute(30) - time.Hour + 5*time.Second)},
		{500, noon.Add(minute(400) - time.Hour + 5*time.Second)}, // a forecast
	} {
		if got := tally.Wall(c.minutes * 60); got.Sub(c.want).Abs() > time.Millisecond {
			t.Errorf("minute %g is %s, want %s", c.minutes, got, c.want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		if got := tally.Wall(v); !got.IsZero() {
			t.Errorf("second %g is %s", v, got)
		}
	}
}

func TestStepsOfTheClockAreBounded(t *testing.T) {
	tally := New()
	for i := range 10 * maxTurns {
		tally.ObserveAt(time.Duration(i)*time.Second, noon.Add(time.Duration(i)*time.Hour), nil)
	}
	if len(tally.clock.turns) != maxTurns {
		t.Errorf("%d steps are remembered", len(tally.clock.turns))
	}
	if last := float64(10*maxTurns - 1); !tally.Wall(last).Equal(noon.Add(time.Duration(last) * time.Hour)) {
		t.Errorf("the last one is at %s", tally.Wall(last))
	}
}

// What somebody does to the wall clock changes no verdict.
func TestTheWallClockIsNotJudged(t *testing.T) {
	watched := func(wall func(i int) time.Time) string {
		tally := New()
		var s scene
		for i := range 60 {
			tally.ObserveAt(time.Duration(i)*time.Minute, wall(i), s.show([]seen{{"bot", 1, 50e6 + 1e6*float64(i)}}))
		}
		x := summaryOf(t, tally.Summaries(), "bot").Instances[0]
		if x.Memory().State < leak.Suspect {
			t.Errorf("the leak is %v", x.Memory().State)
		}
		return fmt.Sprintf("%+v", x)
	}
	steady := watched(func(i int) time.Time { return noon.Add(time.Duration(i) * time.Minute) })
	for _, wall := range []func(i int) time.Time{
		func(i int) time.Time { return noon.Add(time.Duration(i) * time.Minute * time.Duration(1-2*(i/30))) },
		func(i int) time.Time { return noon.Add(time.Duration(i+i/20*1440) * time.Minute) },
		func(int) time.Time { return time.Time{} },
	} {
		if got := watched(wall); got != steady {
			t.Errorf("with another wall clock:\n%s\nwant\n%s", got, steady)
		}
	}
}

// Observe counts by the monotonic clock where it is given one.
func TestObserveCountsMonotonicTime(t *testing.T) {
	now := time.Now()
	tally := New()
	for i := range 3 {
		tally.Observe(now.Add(time.Duration(i)*time.Minute), []sampler.Service{})
	}
	if got := tally.clock.elapsed; got != 2*time.Minute {
		t.Errorf("%s passed, want 2m", got)
	}
	if !tally.Began().Equal(now) || !tally.Wall(60).Equal(now.Add(time.Minute)) {
		t.Errorf("began %s, a minute later %s; want %s", tally.Began(), tally.Wall(60), now)
	}
}
