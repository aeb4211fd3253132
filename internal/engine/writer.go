// Package engine is the way to an engine elsewhere that keeps what many machines measure:
// Prometheus, VictoriaMetrics, Mimir, Thanos. A Writer sends it everything by remote write;
// a Reader asks it in PromQL, and Past asks it about one machine in the words of the store.
//
// The beat never waits for it: what is to be sent is put into a spool on disk, and Step
// sends from there, in a goroutine and with a clock that the daemon owns.
package engine

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/value"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/store"
)

// maxBatch is how many samples one message has: what Prometheus itself sends at a time is
// 2,000 to 10,000.
const maxBatch = 5000

// WriterOptions say where to and as whom.
type WriterOptions struct {
	URL string
	fetch.Connection
	// Spool is the directory and the bound of what waits.
	Spool spool.Options
	// Host and Instance are labels on every series.
	Host, Instance string
	Log            *slog.Logger
}

// Writer sends what is stored to an engine elsewhere. Put and End belong to the beat, Step
// to one other goroutine, Counts to anybody.
type Writer struct {
	options WriterOptions
	log     *slog.Logger
	http    *http.Client
	spool   *spool.Spool
	wake    chan struct{}

	// Of the beat.
	owners  map[store.OwnerID]*named
	series  map[store.Series]*sent
	round   uint64
	encoder remote.Encoder
	message []byte
	batch   []remote.Series
	samples []remote.Sample

	// Of Step.
	record   []byte
	failures int

	mu     sync.Mutex
	counts Counts
}

// Counts say how the sending goes.
type Counts struct {
	spool.Counts
	// SentRecords were taken by the engine; SentBytes are those on the wire.
	SentRecords, SentBytes int64
	// Refused are records that the engine will never take, with the last reason.
	Refused int64
	// Failed are requests that failed in a row; 0 while all is well.
	Failed    int
	LastError string
	// LastSuccess is when the engine last took something; zero: never.
	LastSuccess time.Time
}

// named is an owner with its labels.
type named struct {
	kind   store.Kind
	labels store.Labels
}

// sent is a series that the engine knows of.
type sent struct {
	labels []remote.Label
	minute bool // told every minute, not with every beat
	round  uint64
}

// NewWriter opens the spool and goes on with what waits there.
func NewWriter(o WriterOptions) (*Writer, error) {
	client, err := o.Client()
	if err != nil {
		return nil, err
	}
	w := &Writer{options: o, log: o.Log, http: client, wake: make(chan struct{}, 1), owners: map[store.OwnerID]*named{}, series: map[store.Series]*sent{}}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.spool, err = spool.Open(o.Spool); err != nil {
		return nil, err
	}
	return w, nil
}

// Close ends the use of the spool.
func (w *Writer) Close() error {
	w.http.CloseIdleConnections()
	return w.spool.Close()
}

// Wake has a token when there is something to send. Whoever waits for it waits for the time
// that Step said all the same while Counts tells of failures: else each beat is a try.
func (w *Writer) Wake() <-chan struct{} { return w.wake }

// Counts say how the sending goes.
func (w *Writer) Counts() Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.counts
	out.Counts = w.spool.Counts()
	return out
}

// Meet remembers whose samples are to come.
func (w *Writer) Meet(id store.OwnerID, kind store.Kind, labels store.Labels) {
	w.owners[id] = &named{kind, labels}
}

// Put makes messages of the samples of one moment, and of the ends of series that had one
// before and have none now. It waits for the disk at most, never for the engine.
func (w *Writer) Put(at time.Time, beat, minute []store.Sample) error {
	w.round++
	w.begin()
	t := at.UnixMilli()
	var err error
	for which, samples := range [][]store.Sample{beat, minute} {
		for _, x := range samples {
			if math.IsNaN(x.Value) || math.IsInf(x.Value, 0) {
				continue // the store leaves it out as well
			}
			s := w.series[x.Series]
			if s == nil {
				if s = w.begins(x.Series); s == nil {
					continue
				}
				w.series[x.Series] = s
			}
			s.round, s.minute = w.round, which == 1
			err = w.add(err, s.labels, remote.Sample{T: t, V: x.Value})
		}
	}
	for id, s := range w.series {
		if s.round == w.round || s.minute && len(minute) == 0 {
			continue
		}
		err = w.add(err, s.labels, remote.Sample{T: t, V: stale})
		delete(w.series, id)
	}
	return w.finish(err)
}

// stale is the value that means that a series ended.
var stale = math.Float64frombits(value.StaleNaN)

// End tells the engine that every series ended, as the daemon does.
func (w *Writer) End(at time.Time) error {
	w.begin()
	var err error
	for id, s := range w.series {
		err = w.add(err, s.labels, remote.Sample{T: at.UnixMilli(), V: stale})
		delete(w.series, id)
	}
	return w.finish(err)
}

// begins are the labels of a series; nil where nobody knows whose it is.
func (w *Writer) begins(id store.Series) *sent {
	o := w.owners[id.Owner()]
	if o == nil {
		return nil
	}
	name := store.NameOf(o.kind, id.Code(), o.labels)
	if name == "" {
		return nil
	}
	labels := []remote.Label{{Name: "__name__", Value: name}, {Name: "host", Value: w.options.Host}, {Name: "instance", Value: w.options.Instance}}
	for _, l := range o.labels {
		if l.Name != "__name__" && l.Name != "host" && l.Name != "instance" && l.Value != "" {
			labels = append(labels, remote.Label{Name: l.Name, Value: strings.ToValidUTF8(l.Value, "\uFFFD")})
		}
	}
	slices.SortFunc(labels, func(a, b remote.Label) int { return strings.Compare(a.Name, b.Name) })
	return &sent{labels: labels}
}

func (w *Writer) begin() { w.batch, w.samples = w.batch[:0], w.samples[:0] }

// add takes a sample into the message, and ends the message where it is full.
func (w *Writer) add(before error, labels []remote.Label, x remote.Sample) error {
	if len(w.batch) == maxBatch {
		before = w.finish(before)
		w.begin()
	}
	w.batch = append(w.batch, remote.Series{Labels: labels})
	w.samples = append(w.samples, x)
	return before
}

// finish puts the message into the spool.
func (w *Writer) finish(before error) error {
	if before != nil || len(w.batch) == 0 {
		return before
	}
	for i := range w.batch {
		w.batch[i].Samples = w.samples[i : i+1 : i+1]
	}
	var err error
	if w.message, err = w.encoder.Encode(w.message[:0], w.batch); err != nil {
		return fmt.Errorf("cannot encode what the engine is to be told: %w", err)
	}
	if err = w.spool.Put(w.message); err != nil {
		return fmt.Errorf("the engine is not told of this moment: %w", err)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

// forget lets owners go that have no series any more.
func (w *Writer) forget() {
	if len(w.owners) <= 2*store.MaxOwners {
		return
	}
	used := make(map[store.OwnerID]bool, len(w.series))
	for id := range w.series {
		used[id.Owner()] = true
	}
	for id := range w.owners {
		if !used[id] {
			delete(w.owners, id)
		}
	}
}

// jitter spreads the tries of many daemons whose engine comes back.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
