package tally

import (
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// leaky is a watch of 26 hours in which one of two processes leaks 10 MB an hour.
func leaky() *Tally {
	return watch(26*60, time.Minute, func(i int) []seen {
		return []seen{{"leaky", 1, 100e6 + float64(i)*10e6/60}, {"steady", 2, 80e6}}
	})
}

func TestALimitMakesAForecast(t *testing.T) {
	w := leaky()
	id := process.ID{PID: 1, Start: 1}
	outlook := func() leak.Forecast {
		x, _ := w.Instance(id)
		return x.Memory().Forecast
	}
	if f := outlook(); f.Outlook != leak.NoOutlook {
		t.Fatalf("without a limit it foresees %+v", f)
	}
	// 359.8 MB are used; 60.2 MB at 10 MB an hour last six hours.
	f, at, ok := w.Foresee(id, 420e6)
	if hours := f.In.Value / 3600; !ok || f.Outlook != leak.Reaches || math.Abs(hours-6) > .5 || math.Abs(at-93540) > 1 {
		t.Errorf("420 MB are reached in %.2f h from %v s on (%v)", hours, at, ok)
	}
	if f := outlook(); f.Outlook != leak.NoOutlook {
		t.Errorf("what was asked for stays: %+v", f)
	}
	w.SetLimit(id, 420e6)
	if f := outlook(); f.Outlook != leak.Reaches || math.Abs(f.In.Value/3600-6) > .5 {
		t.Errorf("with a limit it foresees %+v", f)
	}
	w.Foresee(id, 4e9)
	w.SetLimit(id, 421e6)
	if f := outlook(); math.Abs(f.In.Value/3600-6) > .5 {
		t.Errorf("the limit of Foresee stays: %+v", f)
	}
	if l := w.Limit(id); l != 421e6 {
		t.Errorf("the limit is %v", l)
	}
	w.SetLimit(id, 0)
	if f := outlook(); f.Outlook != leak.NoOutlook {
		t.Errorf("without the limit again it foresees %+v", f)
	}
	stranger := process.ID{PID: 9}
	w.SetLimit(stranger, 1)
	if _, _, ok := w.Foresee(stranger, 1); ok || w.IsJudged(stranger) || w.Limit(stranger) != 0 || !w.IsJudged(id) {
		t.Error("something is foreseen of what is not watched")
	}
}

func TestAlarmsAreWhatIsSuspect(t *testing.T) {
	w := leaky()
	alarms := w.Alarms(nil)
	x, _ := w.Instance(process.ID{PID: 1, Start: 1})
	if state := x.Worst().State; state < leak.Suspect || len(alarms) != 1 || alarms[0] != (Alarm{"leaky", x.ID, "leaky", memory.Private, state}) {
		t.Errorf("%+v", alarms)
	}
	if judged, learning := w.Learning(); judged != 2 || learning != 0 {
		t.Errorf("%d judged, %d learning", judged, learning)
	}
	if n := testing.AllocsPerRun(10, func() { alarms = w.Alarms(alarms[:0]); w.Learning() }); n > 0 {
		t.Errorf("asking for alarms allocates %.0f times", n)
	}
	var s scene
	w.Observe(noon.Add(27*time.Hour), s.show([]seen{{"steady", 2, 80e6}, {"new", 3, 1e6}}))
	if alarms := w.Alarms(nil); len(alarms) != 0 {
		t.Errorf("it ended and is %+v", alarms)
	}
	if judged, learning := w.Learning(); judged != 2 || learning != 1 {
		t.Errorf("%d judged, %d learning", judged, learning)
	}
}
