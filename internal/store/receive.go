package store

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/value"

	"github.com/zol0/zol0/internal/remote"
)

// Bounds of what is received from other hosts.
const (
	// MaxReceived is how many series of other hosts may be known at a time: twenty hosts of
	// 800. What a series costs in memory is what store.TestHeapOfAReceivedSeries measures.
	MaxReceived = 16_384
	// maxInflows is how many of their hours may be in memory: at the turn of an hour each
	// series has two. Beyond it whoever sends waits until some are written.
	maxInflows = 2 * MaxReceived
	// receivedAhead is how far in the future a sample of another host may lie, as in
	// Prometheus: further is a clock that is wrong.
	receivedAhead = 10 * time.Minute
	// receivedMargin is what must be left of the age of a sample before it becomes minutes:
	// which hours those are made of must be there together.
	receivedMargin = 2 * time.Hour
	// forgetReceived is after how long a series without samples is known no more.
	forgetReceived = time.Hour
)

// Why Receive refuses a sample, beside those of Import.Add. Sending it again changes nothing.
var (
	ErrFarAhead = fmt.Errorf("it lies more than %s in the future: set the clock of that host", receivedAhead)
	ErrTooLate  = errors.New("it is older than the samples that are kept as they came")
	ErrUnnamed  = errors.New("its series has no label host or instance: nobody could say whose it is")
	ErrLabels   = errors.New("its labels cannot be kept")
)

// ErrWait says that nothing of what was sent is kept, and that it is worth sending again.
var ErrWait = errors.New("it cannot be written now")

// Receipt says what became of the samples of a Receive.
type Receipt struct {
	Samples    int64 // taken in, and safe
	Duplicates int64 // were there already
	Late       int64 // of Samples, those that came after a later one of their series
	Ends       int64 // stale markers: the series was seen to end
	// Refused are those that will never be taken in, and why: TooOld, Ahead, NoValue (NaN or
	// infinite), Labels, Crowded (beyond MaxReceived), Dense.
	TooOld, Ahead, NoValue, Labels, Crowded, Dense int64
	// Why is what was wrong with the first that was refused.
	Why error
}

// Refused are all samples that were not taken in and never will be.
func (r *Receipt) Refused() int64 {
	return r.TooOld + r.Ahead + r.NoValue + r.Labels + r.Crowded + r.Dense
}

func (r *Receipt) refuse(to *int64, n int, labels []remote.Label, why error) {
	*to += int64(n)
	if r.Why == nil {
		r.Why = fmt.Errorf("series %.120q: %w", nameIn(labels), why)
	}
}

func (r *Receipt) add(o Receipt) {
	for _, x := range []struct{ to, of *int64 }{
		{&r.Samples, &o.Samples}, {&r.Duplicates, &o.Duplicates}, {&r.Late, &o.Late}, {&r.Ends, &o.Ends}, {&r.TooOld, &o.TooOld},
		{&r.Ahead, &o.Ahead}, {&r.NoValue, &o.NoValue}, {&r.Labels, &o.Labels}, {&r.Crowded, &o.Crowded}, {&r.Dense, &o.Dense},
	} {
		*x.to += *x.of
	}
}

// Received is what a store has of other hosts.
type Received struct {
	Receipt        // of all requests since it was opened
	Requests int64 // that were taken in
	Failed   int64 // that could not be written, and were not acknowledged
	Series   int   // known
	Owners   int   // known
	Hours    int   // in memory, one of a series each
	LogBytes int64 // about, of the log in which they are safe
}

// Received says what was received since the store was opened.
func (s *Store) Received() Received {
	s.inflow.mu.Lock()
	defer s.inflow.mu.Unlock()
	out := s.inflow.totals
	out.Series, out.Owners, out.Hours, out.LogBytes = s.inflow.series, len(s.inflow.byID), len(s.inflow.pieces), s.inflow.logBytes
	return out
}

// Receive takes in samples of other hosts, as a remote write brings them: of any times, in
// any order, and again where a request was repeated. Each series must carry the label host
// or instance. now is the present of this machine. Receive may change all, and keeps nothing
// of it.
//
// What the receipt counts as taken in is safe from the end of this process when Receive
// returns; what it counts as refused will never be taken in. With an error, which is an
// ErrWait, nothing was taken in and all of it should be sent again.
//
// Requests are taken in one after the other; Append waits for a single transaction at most.
func (s *Store) Receive(now time.Time, all []remote.Series) (Receipt, error) {
	in := &s.inflow
	in.mu.Lock()
	defer in.mu.Unlock()
	out, err := s.receive(now.UnixMilli(), all)
	if err != nil {
		in.totals.Failed++
		return Receipt{}, fmt.Errorf("%w: %w", ErrWait, err)
	}
	in.totals.Requests++
	in.totals.Receipt.add(out)
	return out, nil
}

func (s *Store) receive(now int64, all []remote.Series) (out Receipt, err error) {
	in := &s.inflow
	if err := s.restoreInflow(now); err != nil {
		return out, err
	}
	if in.logBytes > 4*maxLog {
		return out, fmt.Errorf("the log of what was received has %d MB, as it cannot be written into the file: %w", in.logBytes>>20, s.settle(now, settleSteps))
	}
	for len(in.pieces) > maxInflows { // a backlog of many hours
		if err := s.settleStep(now, true); err != nil {
			return out, err
		}
	}
	oldest, err := s.oldestReceivable(now)
	if err != nil {
		return out, err
	}
	in.plan.reset()
	targets := s.resolve(now, all, &out)
	if err := s.admitOwners(); err != nil {
		return out, err
	}
	for i, to := range targets {
		if to.owner == nil {
			continue
		}
		if err := s.planSeries(&out, to, &all[i], oldest, now); err != nil {
			return out, err
		}
	}
	if err := s.commitPlan(); err != nil {
		return out, err
	}
	if err := s.applyPlan(now); err != nil {
		return out, err
	}
	if err := s.settle(now, settleSteps); err != nil {
		in.trouble = err // what was taken in is safe; the next Tidy tells it
	}
	return out, nil
}

// oldestReceivable is the first hour whose samples are kept as they come.
func (s *Store) oldestReceivable(now int64) (int64, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.connected(); err != nil {
		return 0, err
	}
	oldest := s.options.ages(now-receivedMargin.Milliseconds()).raw + 2*int64(receivedMargin/time.Hour)
	if s.tidy.cursor > 0 {
		oldest = max(oldest, key(s.tidy.cursor).span()+1)
	}
	return oldest, nil
}

// planSeries sorts out what is new of one series.
func (s *Store) planSeries(out *Receipt, to target, x *remote.Series, oldest, now int64) error {
	p := &s.inflow.plan
	start := len(p.points)
	ahead := now + receivedAhead.Milliseconds()
	for _, sample := range x.Samples {
		stale := value.IsStaleNaN(sample.V)
		switch {
		case !stale && (math.IsNaN(sample.V) || math.IsInf(sample.V, 0)):
			out.refuse(&out.NoValue, 1, x.Labels, ErrNoValue)
		case sample.T > ahead:
			out.refuse(&out.Ahead, 1, x.Labels, ErrFarAhead)
		case sample.T < 0 || hourOf(sample.T) < oldest:
			out.refuse(&out.TooOld, 1, x.Labels, ErrTooLate)
		case stale:
			p.ends = append(p.ends, seriesEnd{SeriesOf(to.owner.ID, to.code), sample.T})
			out.Ends++
		default:
			p.points = append(p.points, Point{sample.T, kept(to.owner.Kind, to.code, sample.V)})
		}
	}
	given := len(p.points) - start
	points := inOrder(p.points[start:])
	out.Duplicates += int64(given - len(points))
	for len(points) > 0 { // hour by hour
		n := 1
		for n < len(points) && hourOf(points[n].T) == hourOf(points[0].T) {
			n++
		}
		if err := s.planHour(out, to, x.Labels, points[:n:n]); err != nil {
			return err
		}
		points = points[n:]
	}
	return nil
}

// planHour plans samples of one hour of a series, which are in order of time.
func (s *Store) planHour(out *Receipt, to target, labels []remote.Label, points []Point) error {
	x := intake{target: to, piece: to.owner.piece(to.code, hourOf(points[0].T)), points: points}
	if x.piece == nil && len(points) > maxDense || x.piece != nil && int(x.piece.n)+len(points) > maxDense {
		out.refuse(&out.Dense, len(points), labels, ErrDense)
		return nil
	}
	if x.piece != nil && points[0].T <= x.piece.t1 {
		fresh, all, err := x.piece.without(points)
		if err != nil {
			return err
		}
		out.Duplicates += int64(len(points) - len(fresh))
		if len(fresh) == 0 {
			return nil
		}
		x.points = fresh
		if fresh[0].T <= x.piece.t1 {
			if x.rebuilt, err = headOf(all); err != nil {
				return err
			}
			out.Late += int64(len(fresh))
		}
	}
	out.Samples += int64(len(x.points))
	if o := to.owner; x.points[0].T < o.First {
		o.First, o.dirty = x.points[0].T, true
	}
	s.inflow.plan.intakes = append(s.inflow.plan.intakes, x)
	return nil
}
