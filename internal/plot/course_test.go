package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/leak"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// The trend goes through the level at the newest sample, by the rate of an hour, from the
// onset on; the forecast looks a quarter of the span ahead and stops at the limit.
func TestCourse(t *testing.T) {
	p := sawtooth()
	s := sceneOf(&p)
	at := p.Verdict.At
	for _, c := range []struct{ t, want float64 }{
		{at, 49e6}, {at - 3600, 48e6}, {at - 8*3600, 41e6}, {at + 3600, 50e6}, {10800, 49e6 - (at-10800)/3600*1e6},
		{10799, math.NaN()}, {at + at/4 + 1, math.NaN()},
	} {
		if got := s.course.line(c.t); !near(got, c.want) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("at %g s the course is at %g, want %g", c.t, got, c.want)
		}
	}
	if low, high := s.course.bounds(at - 3600); !near(low, 49e6-1.3e6) || !near(high, 49e6-0.7e6) {
		t.Errorf("an hour ago the band is %g to %g", low, high)
	}
	if low, high := s.course.bounds(at + 3600); !near(low, 49.7e6) || !near(high, 50.3e6) {
		t.Errorf("in an hour the band is %g to %g", low, high)
	}
	if !near(s.to, at*1.25) || s.limit != 64e6 || s.high < 64e6 {
		t.Errorf("the view is %+v with the limit %g", s.view, s.limit)
	}

	p.Limit = 50e6 // reached in an hour
	if s = sceneOf(&p); s.course.line(at+7200) != 50e6 || !s.course.reached(at+3601) || s.course.reached(at+3599) {
		t.Errorf("the forecast does not stop at the limit: %g", s.course.line(at+7200))
	}
}

// A forecast that settles begins with the rate and comes near its level, never beyond.
func TestSettlingCourse(t *testing.T) {
	c := course{forecast: true, settles: true, at: 0, until: 36000, level: 100, ceiling: math.Inf(1),
		rate: leak.Interval{Value: 0.01}, near: leak.Interval{Value: 150}}
	if slope := c.line(1) - c.line(0); math.Abs(slope-0.01) > 1e-5 {
		t.Errorf("it begins with %g a second", slope)
	}
	for before, after := 0.0, 100.0; after <= 36000; before, after = after, after+100 {
		if a, b := c.line(before), c.line(after); b <= a || b >= 150 {
			t.Errorf("from %g to %g at %g s", a, b, after)
		}
	}
	if left := 150 - c.line(36000); left > 0.1 {
		t.Errorf("%g are left after seven times the time it takes", left)
	}
}

func TestLimitOutOfViewIsNamed(t *testing.T) {
	p := sawtooth()
	for limit, want := range map[float64]string{70e6: "limit 70 MB", 190e6: "limit 190 MB, above this view", 0: "", -4: ""} {
		p.Limit = limit
		s := sceneOf(&p)
		said := ""
		for _, e := range s.legend {
			if e.part == partLimit {
				said = e.text
			}
		}
		if said != want || s.limit > 0 != (limit == 70e6) {
			t.Errorf("a limit of %g is %q, drawn at %g", limit, said, s.limit)
		}
		if got := terminal(t, p, 100, 20, false); strings.Count(got, "╌╌╌╌") > 0 != (limit == 70e6) {
			t.Errorf("a limit of %g:\n%s", limit, got)
		}
	}
}

func labels(ticks []tick) string {
	var out []string
	for _, t := range ticks {
		out = append(out, t.label)
	}
	return strings.Join(out, " | ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		unit      string
		want      string
	}{
		{0, 10e6, "bytes", "0 MB | 2 MB | 4 MB | 6 MB | 8 MB | 10 MB"},
		{99.6e6, 100.4e6, "bytes", "99.6 MB | 99.8 MB | 100.0 MB | 100.2 MB | 100.4 MB"},
		{0, 3, "bytes", "0 B | 1 B | 2 B | 3 B"},
		{1.2e9, 2.1e9, "bytes", "1.2 GB | 1.4 GB | 1.6 GB | 1.8 GB | 2.0 GB"},
		{118, 122.5, "count", "118 | 119 | 120 | 121 | 122"},
		{-1, 1, "", "−1.0 | −0.5 | 0 | 0.5 | 1.0"},
		{0, 5e21, "bytes", "0 TB | 1e+09 TB | 2e+09 TB | 3e+09 TB | 4e+09 TB | 5e+09 TB"},
	} {
		if got := labels(valueTicks(view{low: c.low, high: c.high}, c.unit, 5)); got != c.want {
			t.Errorf("%g to %g %s: %s, want %s", c.low, c.high, c.unit, got, c.want)
		}
	}
	for span, want := range map[float64]string{
		60:           "0 | 15s | 30s | 45s | 1m",
		3600:         "0 | 15m | 30m | 45m | 1h",
		43200:        "0 | 3h | 6h | 9h | 12h",
		172800:       "0 | 12h | 1d | 1d 12h | 2d",
		8 * 86400:    "0 | 2d | 4d | 6d | 8d",
		400 * 86400:  "0 | 100d | 200d | 300d | 400d",
		0.25:         "0 | 50ms | 100ms | 150ms | 200ms | 250ms",
		86400 * 3000: "0 | 1000d | 2000d | 3000d",
	} {
		if got := labels(timeTicks(view{from: 100, to: 100 + span}, 100, 5)); got != want {
			t.Errorf("%g s: %s, want %s", span, got, want)
		}
	}
}

// Marks are in view, in order, told apart, and not more than asked for.
func TestTicksOfAnyView(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e15, 1e15).Draw(t, "low")
		high := low + max(1e-3, math.Abs(low)*leastSpan)*rapid.Float64Range(1, 1e6).Draw(t, "span")
		most := rapid.IntRange(2, 12).Draw(t, "most")
		unit := rapid.SampledFrom([]string{"bytes", "count", ""}).Draw(t, "unit")
		v := view{from: low, to: high, low: low, high: high}
		for name, marks := range map[string][]tick{"value": valueTicks(v, unit, most), "time": timeTicks(v, low, most)} {
			if len(marks) > most+1 {
				t.Fatalf("%d marks of %s where %d were asked for: %s", len(marks), name, most, labels(marks))
			}
			seen := map[string]bool{}
			for i, m := range marks {
				slack := 1e-6 * (high - low)
				if m.at < low-slack || m.at > high+slack || i > 0 && m.at <= marks[i-1].at {
					t.Fatalf("a mark of %s at %g in %g to %g", name, m.at, low, high)
				}
				if seen[m.label] {
					t.Fatalf("two marks of %s are %q: %s", name, m.label, labels(marks))
				}
				seen[m.label] = true
			}
		}
	})
}

// The part of a line that is kept lies in view, and what is left out does not.
func TestCrossing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(-1000, 1000)
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		low := value.Draw(t, "low")
		high := low + rapid.Float64Range(1, 500).Draw(t, "height")
		from, to, visible := crossing(a, b, low, high)
		for i := range 101 {
			share := float64(i) / 100
			y := a + share*(b-a)
			inside := y > low+1e-6 && y < high-1e-6
			outside := y < low-1e-6 || y > high+1e-6
			kept := visible && share >= from-1e-9 && share <= to+1e-9
			if inside && !kept || outside && visible && share > from+1e-6 && share < to-1e-6 {
				t.Fatalf("at %g of the way the line is at %g of %g to %g; kept is %g to %g, %v", share, y, low, high, from, to, visible)
			}
		}
	})
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain – text é 界": "plain – text é 界", "a\tb\nc": "a b c", "\x1b]0;x\x07": "?]0;x?", "\u202eabc\u200b": "?abc?",
		"\xff\xfe": "??", "  x  ": "x", "1234567890": "1234567…",
	} {
		most := 20
		if in == "1234567890" {
			most = 8
		}
		if got := printable(in, most); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// picture makes a picture of odd figures: each number chooses one.
func picture(seed []byte, text string) Picture {
	figures := []float64{0, 1, -1, 0.1, 60, 3600, 86400, 1e6, 1.5e9, -3e7, 1e15, 1e300, -1e300, 5e-324,
		math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 1e-9, 12345.678}
	next := func() float64 {
		if len(seed) == 0 {
			return 7
		}
		b := int(seed[0])
		seed = seed[1:]
		return figures[b%len(figures)] * float64(1+b/len(figures))
	}
	interval := func() leak.Interval { return leak.Interval{Value: next(), Low: next(), High: next()} }
	p := Picture{Title: text, Sentence: text, Unit: []string{"bytes", "count", text}[len(seed)%3], Limit: next()}
	p.Verdict = leak.Verdict{State: leak.State(len(seed)), At: next(), Level: next(), Rate: interval(), Onset: interval()}
	p.Verdict.Forecast = leak.Forecast{Outlook: leak.Outlook(len(seed) % 4), In: interval(), Near: interval()}
	p.Restarts = []float64{next(), next()}
	for at := 0.0; len(seed) > 0; at += 60 {
		point := Point{T: at, Value: next()}
		if len(seed)%5 == 0 {
			point.T = next()
		}
		p.Points = append(p.Points, point)
	}
	return p
}

func FuzzTerminal(f *testing.F) {
	f.Add([]byte("\x04\x05\x06\x07\x00\x01\x02\x03"), "title", 80, 24)
	f.Add([]byte{}, "\x1b[2J", 0, -1)
	f.Add(slices.Repeat([]byte{11, 12, 14, 17, 13}, 12), "界界", 31, 9)
	f.Fuzz(func(t *testing.T, seed []byte, text string, width, height int) {
		got := terminal(t, picture(seed, text), width, height, false)
		fits(t, got, width, height)
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) {
			t.Errorf("a control character: %q", got)
		}
	})
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte("\x04\x05\x06\x07\x00\x01\x02\x03"), "<script>&")
	f.Add(slices.Repeat([]byte{11, 12, 14, 17, 13}, 12), "\x00]]>")
	f.Fuzz(func(t *testing.T, seed []byte, text string) {
		count, _ := elements(t, svg(t, picture(seed, text)))
		if count["svg"] != 2 || count["script"] > 0 {
			t.Errorf("the elements are %v", fmt.Sprint(count))
		}
	})
}
