package conformance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/store"
)

// Why the store refuses a series. These are all the reasons for which an evaluation may be
// left out.
const (
	noHistograms = "the store keeps no histograms"
	noStarts     = "the store keeps no start timestamps"
	noNumbers    = "the store keeps no NaN, no infinity and no stale markers of gauges"
)

// refusal is a series that the store does not keep.
type refusal struct {
	labels labels.Labels
	why    string
}

// adapter is our store as the scripts want a storage: what they append is imported as gauges.
type adapter struct {
	storage.Queryable
	store *store.Store
	// refused are the series that are left out, by their labels; a first run finds them.
	refused map[string]refusal
}

// forever is longer than any script.
const forever = 1000 * 24 * time.Hour

// open makes an empty store. What is read for smoothed and anchored selectors, which our own
// engine does not allow, is every sample.
func open(t testing.TB, every bool, refused map[string]refusal) *adapter {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: time.Unix(0, 0), Raw: forever, Minutes: forever, Hours: forever})
	if err != nil {
		t.Fatal(err)
	}
	lookback := query.Lookback
	if every {
		lookback = 0
	}
	return &adapter{Queryable: query.NewQueryable(s, lookback), store: s, refused: refused}
}

func (a *adapter) Close() error              { return a.store.Close() }
func (a *adapter) StartTime() (int64, error) { return 0, nil }

func (a *adapter) ChunkQuerier(int64, int64) (storage.ChunkQuerier, error) {
	return nil, errors.New("the store gives no chunks")
}

func (a *adapter) Appender(context.Context) storage.Appender {
	panic("BUG: the scripts append by the second version")
}

func (a *adapter) AppenderV2(context.Context) storage.AppenderV2 { return &appender{adapter: a} }

// appender imports what is appended.
type appender struct {
	*adapter
	into *store.Import
}

func (a *appender) Append(_ storage.SeriesRef, l labels.Labels, start, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, _ storage.AppendV2Options) (storage.SeriesRef, error) {
	if _, out := a.refused[l.String()]; out {
		return 0, nil
	}
	why := ""
	switch {
	case h != nil || fh != nil:
		why = noHistograms
	case start != 0:
		why = noStarts
	default:
		err := a.add(l, t, v)
		if err != nil && !errors.Is(err, store.ErrNoValue) {
			return 0, err
		}
		if err != nil {
			why = noNumbers
		}
	}
	if why != "" {
		a.refused[l.String()] = refusal{l, why}
	}
	return 0, nil
}

// add imports one sample of a gauge.
func (a *appender) add(l labels.Labels, t int64, v float64) (err error) {
	if a.into == nil {
		if a.into, err = a.store.Import(time.Unix(0, 0).Add(forever - 100*24*time.Hour)); err != nil {
			return err
		}
	}
	var pairs []string
	l.Range(func(x labels.Label) { pairs = append(pairs, x.Name, x.Value) })
	own, err := store.NewLabels(pairs...)
	if err != nil {
		return err
	}
	id, err := a.into.Owner(store.Gauge, own)
	if err != nil {
		return err
	}
	if err := a.into.Add(store.SeriesOf(id, 0), store.Point{T: t, Value: v}); err != nil {
		return fmt.Errorf("%s at %d: %w", l, t, err)
	}
	return nil
}

func (a *appender) Commit() error {
	if a.into == nil {
		return nil
	}
	return a.into.Close()
}

func (a *appender) Rollback() error { return nil }
