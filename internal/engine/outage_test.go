package engine

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/store"
)

// simulated is a host with services, whose samples are known.
type simulated struct {
	name   string
	writer *Writer
	owners []store.OwnerID
	want   map[string]map[int64]float64
}

func newHost(t *testing.T, name, url string) *simulated {
	t.Helper()
	w, err := NewWriter(WriterOptions{URL: url, Host: name, Instance: name + ":8509", Spool: spool.Options{Dir: filepath.Join(t.TempDir(), "spool"), MaxBytes: 32 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &simulated{name: name, writer: w, want: map[string]map[int64]float64{}}
	for i := range 3 {
		l, err := store.NewLabels("service", fmt.Sprintf("service-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		w.Meet(store.OwnerID(i+1), store.Service, l)
		h.owners = append(h.owners, store.OwnerID(i+1))
	}
	return h
}

// beat measures once; the last service ends when without is set.
func (h *simulated) beat(t *testing.T, at time.Time, without bool) {
	t.Helper()
	var beat []store.Sample
	for i, id := range h.owners {
		if without && i == len(h.owners)-1 {
			continue
		}
		for _, m := range []memory.Metric{memory.Private, memory.CPUTime} {
			v := float64(at.UnixMilli()%1_000_000)*float64(i+1) + float64(m) + float64(len(h.name))/8
			beat = append(beat, store.Sample{Series: store.SeriesOf(id, store.Code(m)), Value: v})
			key := fmt.Sprintf("%s|%s|service-%d|", store.NameOf(store.Service, store.Code(m), nil), h.name, i)
			if h.want[key] == nil {
				h.want[key] = map[int64]float64{}
			}
			h.want[key][at.UnixMilli()] = v
		}
	}
	if err := h.writer.Put(at, beat, nil); err != nil {
		t.Fatal(err)
	}
}

// TestAnOutageLosesNothing writes three hosts to real engines, stops the engine for a minute
// of their time, starts it again, and compares every sample.
func TestAnOutageLosesNothing(t *testing.T) {
	for program := range engines {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, program)
			at := time.Now().Add(-10 * time.Minute).Truncate(5 * time.Second)
			began := at
			var hosts []*simulated
			for _, name := range []string{"a", "bb", "ccc"} {
				hosts = append(hosts, newHost(t, name, e.url()+e.write))
			}
			beats := func(n int, without bool) {
				for range n {
					for _, h := range hosts {
						h.beat(t, at, without)
					}
					at = at.Add(5 * time.Second)
				}
			}
			beats(12, false)
			for _, h := range hosts {
				send(t, h.writer)
			}
			e.stop(t)
			beats(12, false)
			for _, h := range hosts {
				if wait := h.writer.Step(context.Background(), time.Now); wait <= 0 || wait > longestWait {
					t.Errorf("the next try is in %v", wait)
				}
				if c := h.writer.Counts(); c.Failed != 1 || c.LastError == "" || c.Records != 12 {
					t.Errorf("while the engine is away: %+v", c)
				}
			}
			e.start(t)
			for _, h := range hosts {
				send(t, h.writer)
			}
			beats(3, true) // one service ends
			for _, h := range hosts {
				send(t, h.writer)
				if err := h.writer.End(at); err != nil {
					t.Fatal(err)
				}
				send(t, h.writer)
				if c := h.writer.Counts(); c.Refused != 0 || c.Dropped != 0 || c.Failed != 0 || c.SentRecords != 28 || c.SentBytes == 0 || c.LastSuccess.IsZero() {
					t.Errorf("%s: %+v", h.name, c)
				}
			}
			want := map[string]map[int64]float64{}
			for _, h := range hosts {
				maps.Copy(want, h.want)
			}
			var got map[string]map[int64]float64
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
				var err error
				got, err = e.raw(`{__name__=~"zol0_.+",instance=~".+:8509"}[1h]`, time.Now(), "__name__", "host", "service")
				if err == nil && maps.EqualFunc(got, want, maps.Equal) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%v%s", err, difference(got, want))
				}
			}
			// What ended is gone at once, although its last sample is seconds old.
			ended := func(moment time.Time, services int) {
				t.Helper()
				got, err := e.raw(`zol0_service_private_bytes`, moment, "host", "service")
				if err != nil || len(got) != 3*services {
					t.Errorf("%d series at %s after the beginning, want %d: %v", len(got), moment.Sub(began), 3*services, err)
				}
			}
			ended(at.Add(-20*time.Second), 3)
			ended(at.Add(-5*time.Second), 2)
			ended(at.Add(5*time.Second), 0)
		})
	}
}

// difference names the first samples in which two engines differ.
func difference(got, want map[string]map[int64]float64) (text string) {
	for name, samples := range want {
		for at, v := range samples {
			if x, ok := got[name][at]; (!ok || x != v) && len(text) < 1000 {
				text += fmt.Sprintf("\n%s at %d: %v (%t), want %v", name, at, x, ok, v)
			}
		}
	}
	for name, samples := range got {
		for at, v := range samples {
			if _, ok := want[name][at]; !ok && len(text) < 1000 {
				text += fmt.Sprintf("\n%s at %d: %v is too much", name, at, v)
			}
		}
	}
	return text
}
