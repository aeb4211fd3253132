package cli

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// gate is the growth of private memory per hour that --max-growth allows. It is a flag.
type gate struct {
	perHour float64
	set     bool
}

// Set reads "5MB/h"; the hour may be left out.
func (g *gate) Set(text string) error {
	amount := strings.TrimSpace(text)
	if i := strings.LastIndexByte(amount, '/'); i >= 0 {
		if strings.TrimSpace(amount[i+1:]) != "h" {
			return errors.New("a rate is per hour, like 5MB/h")
		}
		amount = amount[:i]
	}
	b, err := units.ParseBytes(amount)
	if err != nil {
		return err
	}
	g.perHour, g.set = float64(b), true
	return nil
}

// String is the rate as it is shown.
func (g *gate) String() string {
	if !g.set {
		return ""
	}
	return perHour(g.perHour)
}

// Type is what help calls the value.
func (g *gate) Type() string { return "rate" }

func perHour(v float64) string { return tally.Amount(memory.Private, v) + "/h" }

// passed reports whether a process surely grows faster: its whole interval lies above the
// gate, and it grew by more than runtimes move for nothing.
func (g *gate) passed(v *leak.Verdict) bool {
	return g.set && v.Rate.Known() && v.Rate.Low > g.perHour && v.Rate.Value*v.Horizon/3600 >= leak.FloorBytes
}

// seen is what a check with --over saw.
type seen struct {
	judged, unjudged int     // living processes with and without a verdict
	smallest         float64 // growth of memory per hour that would have been seen in all judged
}

// trends finds what leaks, or grows faster than the gate allows.
func (k *checking) trends(account *tally.Tally) {
	k.seen = seen{smallest: math.NaN()}
	for _, s := range account.Summaries() {
		k.seen.unjudged += s.Living
		for i := range s.Instances {
			if x := &s.Instances[i]; !x.Ended {
				k.trend(x)
			}
		}
	}
}

func (k *checking) trend(x *tally.Instance) {
	if v := x.Memory(); v.State != leak.Learning {
		k.seen.judged++
		k.seen.unjudged--
		if !(v.Smallest <= k.seen.smallest) {
			k.seen.smallest = v.Smallest
		}
	}
	for i := range x.Verdicts {
		v := &x.Verdicts[i]
		level := map[leak.State]int{leak.Suspect: pluginWarning, leak.Leaking: pluginCritical}[v.State]
		if v.State == leak.Suspect && int(x.ID.PID) == k.own {
			level = pluginOK // the check sees all of its own warm-up
		}
		words := strings.TrimSuffix(v.Words(), ".")
		if k.gate.set && v.Metric == memory.Private {
			if v.State == leak.Suspect {
				level = pluginOK // so much growth was allowed: its rate decides
			}
			if k.gate.passed(&v.Verdict) {
				level, words = pluginCritical, fmt.Sprintf("grows by %s, more than %s; %s", intervalPerHour(v.Rate), &k.gate, v.State)
			}
		}
		if level == pluginOK {
			continue
		}
		if bearing := v.Bearing(); bearing != "" {
			words += " (" + bearing + ")"
		}
		k.find(level, "%s (PID %d): %s", x.Service, x.ID.PID, words)
	}
}

// intervalPerHour is a rate with its interval, the unit said once where it is the same:
// "145 MB/h (144 to 147)".
func intervalPerHour(i leak.Interval) string {
	value, low, high := perHour(i.Value), perHour(i.Low), perHour(i.High)
	_, unit, _ := strings.Cut(value, " ")
	return value + " (" + strings.TrimSuffix(low, " "+unit) + " to " + strings.TrimSuffix(high, " "+unit) + ")"
}

// seenWords follow what an answer says when all is well: what the watch could not see.
func (k *checking) seenWords() string {
	if k.over == 0 {
		return ""
	}
	text := ""
	if k.seen.judged > 0 {
		text = "; growth above " + perHour(k.seen.smallest) + " would have been seen"
		if k.gate.set && k.seen.smallest > k.gate.perHour {
			text += ", " + k.gate.String() + " not: watch for longer"
		}
	}
	if n := k.seen.unjudged; n > 0 {
		text += "; " + units.Count(n, "process", "processes") + " not judged"
	}
	return text
}
