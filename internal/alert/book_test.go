package alert

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/wire"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// beat evaluates one round with these findings.
func beat(b *Book, r *Round, at time.Time, findings ...Finding) []Change {
	r.Begin()
	for _, f := range findings {
		r.Add(f)
	}
	return b.Evaluate(at, r)
}

func high(service string, bytes float64) Finding {
	return Finding{Rule: ProcessHigh, Service: service, Process: service, PID: 812, Value: bytes, Limit: 500e6}
}

func TestNothingIsOperationalBeforeItWasChecked(t *testing.T) {
	var b Book
	out := b.Wire()
	if out.Status != "unknown" || out.Time != nil || len(out.Checks) != int(Rules) || out.Checks[0].Checked || out.Checks[0].Why == "" {
		t.Errorf("before the first beat: %+v", out)
	}
	var r Round
	if changes := beat(&b, &r, noon); len(changes) != 0 {
		t.Errorf("nothing was found and changed: %+v", changes)
	}
	out = b.Wire()
	if out.Status != "operational" || out.Sentence != "All systems operational" || !out.Time.Equal(noon) || !out.Checks[0].Checked || out.Firing == nil || out.Resolved == nil {
		t.Errorf("all was checked and nothing found: %+v", out)
	}
}

// TestWhatCouldNotBeCheckedIsNotWell is the rule that a green light must be earned.
func TestWhatCouldNotBeCheckedIsNotWell(t *testing.T) {
	for rule := range Rules {
		var b Book
		var r Round
		r.Begin()
		r.Miss(rule, "nobody could say")
		r.Miss(rule, "another reason")
		b.Evaluate(noon, &r)
		out := b.Wire()
		if c := out.Checks[rule]; out.Status != "unknown" || c.Checked || c.Why != "nobody could say" || !strings.Contains(out.Sentence, "1 of 13 checks") {
			t.Errorf("%s was not checked: %s, %q, %+v", rule, out.Status, out.Sentence, c)
		}
	}
	for _, c := range []struct {
		found Finding
		want  string
	}{
		{Finding{Rule: ProcessElevated, Service: "a"}, "unknown"},
		{Finding{Rule: HostMemory, Value: 90}, "warning"},
		{high("a", 600e6), "critical"},
	} {
		var b Book
		var r Round
		r.Begin()
		r.Add(c.found)
		r.Miss(HostCPU, "no figures")
		b.Evaluate(noon, &r)
		if out := b.Wire(); out.Status != c.want {
			t.Errorf("%s beside something unknown: %s, want %s", c.found.Rule, out.Status, c.want)
		}
	}
}

func TestAnAlertBeginsAtOnceAndEndsAfterACalmMinute(t *testing.T) {
	var b Book
	var r Round
	changes := beat(&b, &r, noon, high("bot", 612e6))
	if len(changes) != 1 || changes[0].Turn != Began || changes[0].Alert.Rule != "process_high" || changes[0].Alert.Severity != "critical" {
		t.Fatalf("the first finding changed %+v", changes)
	}
	want := "bot (PID 812) has 612 MB of private memory, above 500 MB, and needs immediate attention."
	if a := changes[0].Alert; a.Sentence != want || *a.Value != 612e6 || *a.Limit != 500e6 || a.Unit != "bytes" || !a.Since.Equal(noon) || a.Ended != nil {
		t.Errorf("the alert is %+v", a)
	}
	// It goes below its threshold and above again, and stays one alert.
	for i := 1; i <= 20; i++ {
		var found []Finding
		if i%2 == 0 {
			found = []Finding{high("bot", 601e6)}
		}
		if changes := beat(&b, &r, noon.Add(time.Duration(i)*5*time.Second), found...); len(changes) != 0 {
			t.Fatalf("beat %d changed %+v", i, changes)
		}
	}
	last := noon.Add(100 * time.Second)
	beat(&b, &r, last.Add(5*time.Second))
	beat(&b, &r, last.Add(20*time.Second))
	out := b.Wire()
	if out.Status != "critical" || len(out.Firing) != 1 || !strings.HasSuffix(out.Firing[0].Sentence, " It has not been so for 15s.") || *out.Firing[0].Value != 601e6 {
		t.Errorf("after 15 calm seconds: %+v", out.Firing)
	}
	changes = beat(&b, &r, last.Add(65*time.Second))
	if len(changes) != 1 || changes[0].Turn != Lifted || !changes[0].Alert.Ended.Equal(last.Add(5*time.Second)) {
		t.Fatalf("after a calm minute: %+v", changes)
	}
	out = b.Wire()
	if out.Status != "operational" || len(out.Firing) != 0 || len(out.Resolved) != 1 || strings.Contains(out.Resolved[0].Sentence, "not been so") {
		t.Errorf("it ended: %+v", out)
	}
}

// TestWhatIsNotLookedAtDoesNotEnd: a machine that cannot be read is not well.
func TestWhatIsNotLookedAtDoesNotEnd(t *testing.T) {
	var b Book
	var r Round
	beat(&b, &r, noon, high("bot", 612e6))
	for i := 1; i < 40; i++ {
		r.Begin()
		r.MissAll("the processes cannot be read")
		r.Add(Finding{Rule: Fault, Subject: "read", Words: "The daemon cannot read.", Value: math.NaN(), Limit: math.NaN()})
		b.Evaluate(noon.Add(time.Duration(i)*5*time.Second), &r)
	}
	out := b.Wire()
	if len(out.Firing) != 2 || out.Firing[0].Rule != "process_high" || out.Firing[1].Value != nil || out.Checks[Leak].Checked || !out.Checks[Fault].Checked {
		t.Errorf("after 200 s of darkness: %+v", out)
	}
}

func TestAGraverFindingIsToldOnce(t *testing.T) {
	var b Book
	var r Round
	at := func(i int) time.Time { return noon.Add(time.Duration(i) * 5 * time.Second) }
	forecast := func(s Severity) Finding {
		return Finding{Rule: Forecast, Severity: s, Service: "bot", Words: "It reaches its limit."}
	}
	beat(&b, &r, at(0), forecast(Warning))
	if c := beat(&b, &r, at(1), forecast(Critical)); len(c) != 1 || c[0].Turn != Rose || c[0].Alert.Severity != "critical" || !c[0].Alert.Since.Equal(noon) {
		t.Errorf("it became critical: %+v", c)
	}
	beat(&b, &r, at(2), forecast(Warning))
	if c := beat(&b, &r, at(3), forecast(Critical)); len(c) != 0 {
		t.Errorf("it was told again: %+v", c)
	}
}

func TestAClockThatIsSetBackDelaysNoEnd(t *testing.T) {
	var b Book
	var r Round
	beat(&b, &r, noon, high("bot", 612e6))
	beat(&b, &r, noon.Add(5*time.Second))
	back := noon.Add(-time.Hour)
	beat(&b, &r, back)
	if c := beat(&b, &r, back.Add(Calm)); len(c) != 1 || c[0].Turn != Lifted {
		t.Errorf("a minute after the clock was set back: %+v", c)
	}
}

func TestProcessesOfOneServiceAreOneAlert(t *testing.T) {
	var r Round
	var b Book
	second := high("bot", 700e6)
	second.PID = 900
	beat(&b, &r, noon, high("bot", 612e6), second, high("bot", 501e6), high("api", 550e6))
	out := b.Wire()
	if len(out.Firing) != 2 || out.Checks[ProcessHigh].Firing != 2 || out.Sentence != "2 critical alerts." {
		t.Fatalf("%+v", out)
	}
	for _, a := range out.Firing {
		want := map[string]string{
			"bot": "bot (PID 900), the largest of 3 such processes of this service, has 700 MB of private memory, above 500 MB, and needs immediate attention.",
			"api": "api (PID 812) has 550 MB of private memory, above 500 MB, and needs immediate attention.",
		}[a.Service]
		if a.Sentence != want {
			t.Errorf("%q, want %q", a.Sentence, want)
		}
	}
}

// TestBounds finds ever new things for ten thousand beats.
func TestBounds(t *testing.T) {
	var b Book
	var r Round
	now := noon
	for i := range 10_000 {
		r.Begin()
		r.Add(high(fmt.Sprint("service", i), 600e6))
		b.Evaluate(now, &r)
		now = now.Add(100 * time.Millisecond)
		if len(b.held) > MaxFiring || len(b.resolved) > MaxResolved {
			t.Fatalf("beat %d keeps %d alerts and %d that ended", i, len(b.held), len(b.resolved))
		}
	}
	if cap(b.resolved) > 2*MaxResolved || cap(b.changes) > 4*MaxFiring {
		t.Errorf("room for %d that ended and %d changes is kept", cap(b.resolved), cap(b.changes))
	}
	r.Begin()
	for i := range 1000 {
		r.Add(high(fmt.Sprint("other", i), 600e6))
	}
	b.Evaluate(now.Add(time.Hour), &r)
	b.Evaluate(now.Add(2*time.Hour), &r)
	out := b.Wire()
	if len(out.Firing) != MaxFiring || out.Checks[ProcessHigh].Firing != 1000 || len(out.Resolved) != MaxResolved || out.Sentence != "1000 critical alerts." {
		t.Errorf("%d are shown, %d counted, %q", len(out.Firing), out.Checks[ProcessHigh].Firing, out.Sentence)
	}
	for i := 1; i < len(out.Resolved); i++ {
		if out.Resolved[i].Ended.After(*out.Resolved[i-1].Ended) {
			t.Fatal("those that ended do not stand with the newest first")
		}
	}
}

// TestASteadyRoundDoesNotAllocate: a beat comes every five seconds for months.
func TestASteadyRoundDoesNotAllocate(t *testing.T) {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprint("service", i)
	}
	var b Book
	var r Round
	round := func() {
		r.Begin()
		for _, name := range names {
			r.Add(high(name, 600e6))
			r.Add(high(name, 601e6))
		}
		b.Evaluate(noon, &r)
	}
	round()
	if n := testing.AllocsPerRun(20, round); n > 0 {
		t.Errorf("a steady round with 100 alerts allocates %.0f times", n)
	}
}

// TestAnyCourse: whatever is found, every alert that begins ends once or holds, and the
// status is never better than what holds.
func TestAnyCourse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Book
		var r Round
		now, open := noon, map[string]bool{}
		name := func(a wire.Alert) string { return a.Rule + " " + a.Service }
		for range rapid.IntRange(1, 60).Draw(t, "beats") {
			r.Begin()
			for range rapid.IntRange(0, 4).Draw(t, "findings") {
				r.Add(Finding{Rule: Rule(rapid.IntRange(0, int(Rules)-1).Draw(t, "rule")), Service: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "service"), Value: 1, Limit: math.NaN(), Words: "x"})
			}
			if rapid.IntRange(0, 9).Draw(t, "dark") == 0 {
				r.MissAll("dark")
			}
			now = now.Add(time.Duration(rapid.IntRange(-30, 90).Draw(t, "step")) * time.Second)
			for _, c := range b.Evaluate(now, &r) {
				was := open[name(c.Alert)]
				switch c.Turn {
				case Began:
					if was {
						t.Fatalf("%s began twice", name(c.Alert))
					}
					open[name(c.Alert)] = true
				case Lifted:
					if !was || c.Alert.Ended == nil {
						t.Fatalf("%s ended and had not begun", name(c.Alert))
					}
					delete(open, name(c.Alert))
				}
			}
			out := b.Wire()
			if len(out.Firing) != len(open) || len(r.findings) > 0 && out.Status == "operational" {
				t.Fatalf("%d hold, %d began: %s", len(out.Firing), len(open), out.Status)
			}
			for i := 1; i < len(out.Firing); i++ {
				x, y := out.Firing[i-1], out.Firing[i]
				if x.Severity == y.Severity && y.Since.Before(x.Since) || x.Severity == "info" && y.Severity != "info" {
					t.Fatalf("%+v stands before %+v", x, y)
				}
			}
		}
	})
}

func TestEveryRuleIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for rule := range Rules {
		row := table[rule]
		if row.name == "" || seen[row.name] || row.severity == 0 || row.words == nil || !strings.HasSuffix(row.meaning, ".") {
			t.Errorf("rule %d: %+v", rule, row)
		}
		seen[row.name] = true
		f := Finding{Rule: rule, Service: "bot", Process: "python3", PID: 7, Value: 81, Limit: BusyPercent, Words: "Somebody said so."}
		if s := row.words(&f); !strings.HasSuffix(s, ".") || strings.Contains(s, "%!") {
			t.Errorf("%s says %q", row.name, s)
		}
	}
	if Rules.String() != "unknown" || Severity(9).String() != "unknown" || Turn(9).String() != "unknown" {
		t.Error("what is no rule, severity or turn has a word")
	}
}
