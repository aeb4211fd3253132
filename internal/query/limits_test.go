package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLimits holds that each limit is an error of the kind that Prometheus gives.
func TestLimits(t *testing.T) {
	s, last := stage(t, 2*time.Hour)
	text := `zol0_service_private_bytes{service="bot"}`
	for _, c := range []struct {
		name  string
		limit Options
		q     Range
		kind  Kind
		says  string
	}{
		{"length of the text", Options{}, Range{Text: text + strings.Repeat(" + 1", MaxText/4)}, BadData, "bytes"},
		{"not PromQL", Options{}, Range{Text: "sum(("}, BadData, "parse error"},
		{"steps", Options{}, Range{Text: text, From: last.Add(-MaxSteps * time.Second), Step: 900 * time.Millisecond}, BadData, "11,000 points"},
		{"no step", Options{}, Range{Text: text, Step: -1}, BadData, "positive integer"},
		{"backwards", Options{}, Range{Text: text, From: last.Add(time.Second)}, BadData, "before start"},
		{"samples, known before anything is read", Options{MaxSamples: 100}, Range{Text: text, Step: 5 * time.Second}, Execution, "too many samples"},
		{"samples of many metrics", Options{MaxSamples: 600}, Range{Text: `{service="bot"}`, Step: 10 * time.Second}, Execution, "too many samples"},
		{"samples of one window, found by the engine", Options{MaxSamples: 600}, Range{Text: `sum_over_time(` + text + `[1h])`}, Execution, "too many samples"},
		{"samples read", Options{MaxRead: 5000}, Range{Text: `rate(zol0_service_cpu_seconds_total[1h])`}, Execution, "would read more than 5000"},
		{"series", Options{MaxSeries: 1}, Range{Text: `{service="bot"}`}, Execution, "more than 1 series"},
		{"steps of a subquery", Options{}, Range{Text: `max_over_time(` + text + `[10000d:1ms])`}, Execution, "subquery"},
		{"steps of nested subqueries", Options{}, Range{Text: `max_over_time(max_over_time(` + text + `[30d:1m])[330d:1m])`}, Execution, "steps"},
		{"windows of nested subqueries", Options{}, Range{Text: `max_over_time(max_over_time(` + text + `[20d:1m])[20d:1m])`}, Execution, "would be read"},
		{"time", Options{MaxTime: time.Nanosecond}, Range{Text: text}, Timeout, "timed out"},
		{"own time", Options{}, Range{Text: text, Timeout: time.Nanosecond}, Timeout, "timed out"},
	} {
		if c.q.To.IsZero() {
			c.q.To = last
		}
		if c.q.From.IsZero() {
			c.q.From = last.Add(-time.Hour)
		}
		if c.q.Step == 0 {
			c.q.Step = time.Minute
		}
		e := New(s, c.limit)
		_, err := e.Range(context.Background(), c.q)
		var known *Error
		if !errors.As(err, &known) || known.Kind != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (%+v), want %s with %q", c.name, err, known, c.kind, c.says)
		}
		if len(e.places) != 0 {
			t.Errorf("%s: a refused query holds a place", c.name)
		}
	}
}

// TestPlacesAreFew holds that an answer holds its place until it is closed, and that whoever
// waits for one is told so in its time.
func TestPlacesAreFew(t *testing.T) {
	s, last := stage(t, 10*time.Minute)
	e := New(s, Options{})
	q := Instant{Text: `zol0_service_private_bytes`, At: last}
	var held []*Answer
	for range MaxComputing {
		a, err := e.Instant(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, a)
	}
	late := q
	late.Timeout = time.Millisecond
	var known *Error
	if _, err := e.Instant(context.Background(), late); !errors.As(err, &known) || known.Kind != Timeout {
		t.Fatalf("beyond the places: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Instant(ctx, q); !errors.As(err, &known) || known.Kind != Canceled {
		t.Fatalf("canceled while waiting: %v", err)
	}
	held[0].Close()
	held[0].Close() // does nothing
	a, err := e.Instant(context.Background(), q)
	if err != nil {
		t.Fatalf("after a place was given back: %v", err)
	}
	a.Close()
	held[1].Close()
	if len(e.places) != 0 {
		t.Errorf("%d places are held by nobody", len(e.places))
	}
}

// TestAskingFromManySides holds that answers do not mix while others are computed.
func TestAskingFromManySides(t *testing.T) {
	s, last := stage(t, 90*time.Minute)
	e := New(s, Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 5 {
				at := last.Add(-time.Duration(i*5+k) * time.Minute)
				a, err := e.Instant(context.Background(), Instant{Text: `zol0_service_private_bytes{service="bot"}`, At: at})
				if err != nil {
					t.Error(err)
					return
				}
				if want := fmt.Sprintf("=> %.0f @", 1e6+at.Sub(began).Seconds()); !strings.Contains(a.Value.String(), want) {
					t.Errorf("at %s: %s, want %s", at, a.Value, want)
				}
				a.Close()
			}
		})
	}
	all.Wait()
}

// FuzzExpressions holds that no expression ends the program or keeps a place.
func FuzzExpressions(f *testing.F) {
	for _, text := range []string{
		"", "1", `"a"`, `zol0_service_private_bytes`, `{__name__=~".+"}`, `rate(equity[5m:1s])`, `topk(3, delta({service="bot"}[1h]))`,
		`max_over_time(equity[1h]) offset -5m`, `equity @ end()`, `label_replace(equity, "a", "$1", "b", "(.*)")`, `histogram_quantile(0.9, equity)`,
		`info(equity)`, `sum by (service) ({__name__=~"zol0.*"})`, `absent(nothing)`, `equity[9999999d:1ms]`, `vector(1)[1h:1m]`, `{"a b"="c"}`,
	} {
		f.Add(text)
	}
	s, last := stage(f, time.Hour)
	e := New(s, Options{MaxTime: 2 * time.Second})
	f.Fuzz(func(t *testing.T, text string) {
		for _, step := range []time.Duration{0, 10 * time.Minute} {
			var a *Answer
			var err error
			if step == 0 {
				a, err = e.Instant(context.Background(), Instant{Text: text, At: last})
			} else {
				a, err = e.Range(context.Background(), Range{Text: text, From: began, To: last, Step: step})
			}
			var known *Error
			if err != nil && !errors.As(err, &known) {
				t.Errorf("%q: %v is no *Error", text, err)
			}
			if err == nil {
				a.Close()
			}
			if len(e.places) != 0 {
				t.Fatalf("%q holds a place", text)
			}
		}
	})
}
