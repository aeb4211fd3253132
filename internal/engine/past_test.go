package engine

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/store"
)

// recorded is what a machine stored and wrote to an engine, sample by sample the same.
type recorded struct {
	store    *store.Store
	writer   *Writer
	from, to time.Time
}

// record stores and writes 40 minutes of two services and of their processes. One process is
// replaced after 25 minutes, and the daemon's address changes after 30.
func record(t *testing.T, url string) *recorded {
	t.Helper()
	begin := time.Now().Add(-45 * time.Minute).Truncate(time.Minute)
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: begin})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorded{store: s, from: begin}
	var tap *Tap
	address := func(port string) {
		if r.writer, err = NewWriter(WriterOptions{URL: url, Host: "a", Instance: "a:" + port, Spool: spool.Options{Dir: filepath.Join(t.TempDir(), "spool"), MaxBytes: 32 << 20}}); err != nil {
			t.Fatal(err)
		}
		tap = NewTap(s, r.writer)
	}
	address("8509")
	t.Cleanup(func() {
		if err := r.writer.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range 480 {
		at := begin.Add(time.Duration(i)*5*time.Second + time.Duration(7*i%90)*time.Millisecond)
		if i == 360 {
			send(t, r.writer)
			if err := r.writer.Close(); err != nil {
				t.Fatal(err)
			}
			address("8510")
		}
		var beat, minute []store.Sample
		for k, service := range []string{"bot", "web"} {
			pid := fmt.Sprint(100 + k)
			if service == "bot" && i >= 300 {
				pid = "200"
			}
			for kind, names := range map[store.Kind][]string{store.Service: {"service", service}, store.Process: {"boot", "b007", "name", service, "pid", pid, "service", service, "start", pid}} {
				labels, err := store.NewLabels(names...)
				if err != nil {
					t.Fatal(err)
				}
				id, err := tap.OwnerOf(kind, labels, at.UnixMilli())
				if err != nil {
					t.Fatal(err)
				}
				since := i
				if pid == "200" {
					since -= 300
				}
				beat = append(beat, store.Sample{Series: store.SeriesOf(id, store.Code(memory.Private)), Value: float64((50+k)<<20 + 4096*((since*(3-k)+i%7)%5000))},
					store.Sample{Series: store.SeriesOf(id, store.Code(memory.CPUTime)), Value: float64(since) * 250})
			}
		}
		if i%12 == 0 {
			id, err := tap.OwnerOf(store.Host, nil, at.UnixMilli())
			if err != nil {
				t.Fatal(err)
			}
			minute = append(minute, store.Sample{Series: store.SeriesOf(id, store.HostUptime), Value: 1e6 * float64(i)})
		}
		if err := tap.Append(at, beat, minute); err != nil || tap.Fault() != nil {
			t.Fatal(err, tap.Fault())
		}
		r.to = at
	}
	send(t, r.writer)
	return r
}

// TestThePastFromRealEngines is that of the store: owners, samples, steps and what grew.
func TestThePastFromRealEngines(t *testing.T) {
	for program := range engines {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, program)
			x := record(t, e.url()+e.write)
			r, err := NewReader(e.url(), fetch.Connection{Agent: "zol0/test"})
			if err != nil {
				t.Fatal(err)
			}
			now := x.to.Add(time.Second)
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
				p := NewPast(r, "a", now)
				n := 0
				owners, err := p.Owners(t.Context(), store.Service, nil, 0, math.MaxInt64)
				if err == nil && len(owners) == 2 {
					err = p.Points(t.Context(), store.SeriesOf(owners[1].ID, 0), 0, math.MaxInt64, func(store.Point) bool { n++; return true })
					if err != nil {
						t.Fatal(err)
					}
				}
				if n == 480 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d samples arrived", n)
				}
			}
			sameOwners(t, x, r, now)
			sameTop(t, x, r, now)
		})
	}
}

// sameOwners compares every owner, sample and step.
func sameOwners(t *testing.T, x *recorded, r *Reader, now time.Time) {
	t.Helper()
	ctx := t.Context()
	for kind, want := range map[store.Kind]int{store.Host: 1, store.Service: 2, store.Process: 3} {
		p := NewPast(r, "a", now)
		own, err := x.store.Owners(ctx, kind, 0, math.MaxInt64, nil)
		if err != nil || len(own) != want {
			t.Fatalf("%s: %d owners in the store: %v", kind, len(own), err)
		}
		theirs, err := p.Owners(ctx, kind, nil, 0, math.MaxInt64)
		if err != nil || len(theirs) != want {
			t.Fatalf("%s: %d owners in the engine: %v", kind, len(theirs), err)
		}
		for _, o := range own {
			i := slices.IndexFunc(theirs, func(y store.Owner) bool { return slices.Equal(y.Labels, o.Labels) })
			if i < 0 {
				t.Errorf("%s: no %s in %v", kind, o.Labels, theirs)
				continue
			}
			y := theirs[i]
			if y.First != o.First {
				t.Errorf("%s begins %d ms after it did", o.Labels, y.First-o.First)
			}
			if ended := o.Labels.Get("pid") == "100"; y.Open() == ended {
				t.Errorf("%s: last at %d", o.Labels, y.Last)
			}
			codes := []store.Code{store.Code(memory.Private), store.Code(memory.CPUTime)}
			if kind == store.Host {
				codes = []store.Code{store.HostUptime}
			}
			for _, code := range codes {
				sameSeries(t, x, p, store.SeriesOf(o.ID, code), store.SeriesOf(y.ID, code), fmt.Sprint(o.Labels, code))
			}
		}
	}
	p := NewPast(r, "a", now)
	if owners, err := p.Owners(ctx, store.Process, map[string]string{"service": "bot", "pid": "200"}, 0, math.MaxInt64); err != nil || len(owners) != 1 {
		t.Errorf("chosen by labels: %v, %v", owners, err)
	}
	// What ended before is not there, and of what lives on before an end is told that it does.
	if owners, err := p.Owners(ctx, store.Process, nil, x.from.UnixMilli(), x.from.Add(20*time.Minute).UnixMilli()); err != nil || len(owners) != 2 || !owners[0].Open() || !owners[1].Open() {
		t.Errorf("in the first 20 minutes: %v, %v", owners, err)
	}
	if err := p.Points(ctx, store.SeriesOf(99, 0), 0, math.MaxInt64, func(store.Point) bool { return true }); err == nil {
		t.Error("an owner that was never listed has samples")
	}
}

// sameSeries compares samples, and steps of several lengths.
func sameSeries(t *testing.T, x *recorded, p *Past, own, theirs store.Series, name string) {
	t.Helper()
	ctx := context.Background()
	from, to := x.from.Add(90*time.Second).UnixMilli(), x.to.Add(-30*time.Second).UnixMilli()
	collect := func(points func(context.Context, store.Series, int64, int64, func(store.Point) bool) error, s store.Series) (out []store.Point) {
		if err := points(ctx, s, from, to, func(y store.Point) bool { out = append(out, y); return true }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if a, b := collect(x.store.Points, own), collect(p.Points, theirs); !slices.Equal(a, b) {
		t.Errorf("%s: %d samples in the engine, %d in the store", name, len(b), len(a))
	}
	for _, step := range []int64{10_000, 60_000, 600_000} {
		steps := func(buckets func(context.Context, store.Series, int64, int64, int64, func(store.Bucket) bool) error, s store.Series) map[int64]store.Bucket {
			out := map[int64]store.Bucket{}
			if err := buckets(ctx, s, from, to, step, func(b store.Bucket) bool {
				out[b.T] = b
				return true
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		a, b := steps(x.store.Buckets, own), steps(p.Buckets, theirs)
		counter := own.Code() == store.Code(memory.CPUTime)
		if !maps.EqualFunc(a, b, func(a, b store.Bucket) bool {
			if !counter {
				b.First = a.First
			}
			if math.Abs(a.Mean-b.Mean) <= 1e-6*a.Mean { // which the store keeps in single precision
				b.Mean = a.Mean
			}
			return a == b
		}) {
			t.Errorf("%s in steps of %d ms: %.150s… in the engine, %.150s… in the store", name, step, fmt.Sprint(b), fmt.Sprint(a))
		}
	}
	n := 0
	if err := p.Points(ctx, theirs, from, to, func(store.Point) bool { n++; return false }); err != nil || n > 1 {
		t.Errorf("%s: %d samples after the end: %v", name, n, err)
	}
}

// sameTop compares what grew: the engine's is looked at in steps.
func sameTop(t *testing.T, x *recorded, r *Reader, now time.Time) {
	t.Helper()
	for _, code := range []store.Code{store.Code(memory.Private), store.Code(memory.CPUTime)} {
		own, _, err := x.store.Top(t.Context(), store.Service, code, x.from.UnixMilli(), now.UnixMilli(), 10)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := NewPast(r, "a", now).Top(t.Context(), code, x.from.UnixMilli(), now.UnixMilli(), 10)
		if err != nil || len(theirs) != len(own) || len(own) != 2 {
			t.Fatalf("%d grew, want %d: %v", len(theirs), len(own), err)
		}
		for i := range own {
			a, b := own[i], theirs[i]
			if !slices.Equal(a.Owner.Labels, b.Owner.Labels) || math.Abs(a.Delta-b.Delta) > .02*math.Abs(a.Delta) || math.Abs(float64(a.First.T-b.First.T)) > 20_000 {
				t.Errorf("metric %d: %+v, want %+v", code, b, a)
			}
		}
	}
}
