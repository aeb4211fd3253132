// Package performance computes the figures traders look at from trades, one by one and in
// bounded memory: a bot may trade for years.
//
// The definitions:
//
//   - Profit factor is gross profit by gross loss, expectancy the mean profit of a trade, the
//     win rate the share of trades with a profit.
//   - The return of a UTC day is its profit by the balance at its beginning, where the balance
//     is known and stays positive; else its profit, for capital that stays the same cancels out
//     of both ratios. Days without a trade between the first and the last count as 0.
//   - Sharpe is the mean of these returns by their standard deviation (of a sample, n-1), times
//     the root of 365: no interest is taken off, and the markets of bots are open on all days.
//   - Sortino is the mean by the root of the mean square of the negative ones, over all days,
//     times the same root.
//   - Drawdown is the largest fall of the balance below a peak before it, in the order in
//     which trades came; where a source tells what the account is worth, of that. A trade that
//     comes late counts to the day on which it was closed all the same.
//
// With few trades or days a ratio says nothing: then it is absent, with the reason.
package performance

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Bounds and thresholds.
const (
	// MinTrades are needed before shares and means of trades say something.
	MinTrades = 10
	// MinDays are needed before ratios of daily returns do.
	MinDays = 30
	// MaxDays of sums are kept: three years. Older ones are in the totals alone.
	MaxDays = 1100
	// maxCourse is how many points of the balance are kept.
	maxCourse = 512
	// yearDays is the number of days on which a bot can trade in a year.
	yearDays = 365
)

// The years in which a trade can have been. The first day of 1970 is what a time that was
// never set becomes, when it is told as a number.
var (
	earliest = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Trade is one that was closed.
type Trade struct {
	Opened time.Time // zero: not known
	Closed time.Time
	Profit float64 // net of fees, in the account's currency
	Fee    float64 // was taken off the profit already
}

// Point is a value at a time.
type Point struct {
	At    time.Time
	Value float64
}

// Book gathers the trades of one strategy. Make it with New.
type Book struct {
	start   float64 // what it began with; 0: not known
	sums    Sums
	held    float64 // seconds that trades with a known beginning were open
	timed   int
	first   time.Time
	last    time.Time
	days    []day // ascending, without gaps between the first and the last that are kept
	dropped bool  // days before these are gone
	base    float64
	fall    fall
	marked  bool
	course  line
}

// Sums are exact for all trades.
type Sums struct {
	Trades, Wins, Losses, Even, Refused int
	Profit, Fees, GrossProfit           float64
	GrossLoss                           float64 // 0 or more
	Best, Worst                         float64 // without meaning where there are no trades
}

// day is what one UTC day brought.
type day struct {
	profit       float64
	number       int32 // days since 1970
	trades, wins int32
}

// fall follows a balance and its largest drawdown.
type fall struct {
	known               bool
	peak                float64
	peakAt              time.Time
	amount              float64
	from                float64 // the peak of the largest
	peaked, low, healed time.Time
}

// New begins with a balance; 0 where it is not known.
func New(start float64) *Book {
	if !(start > 0) || math.IsInf(start, 0) {
		start = 0
	}
	return &Book{start: start, base: start}
}

// Add takes in a trade. One that cannot be is refused with the reason, and counted.
func (b *Book) Add(t Trade) error {
	if err := check(&t); err != nil {
		b.sums.Refused++
		return err
	}
	t.Closed = t.Closed.UTC() // a zone that was read with it would stay in memory as long as the point
	s := &b.sums
	if s.Trades == 0 {
		s.Best, s.Worst = t.Profit, t.Profit
	}
	s.Trades++
	s.Profit += t.Profit
	s.Fees += t.Fee
	s.Best, s.Worst = max(s.Best, t.Profit), min(s.Worst, t.Profit)
	switch {
	case t.Profit > 0:
		s.Wins++
		s.GrossProfit += t.Profit
	case t.Profit < 0:
		s.Losses++
		s.GrossLoss -= t.Profit
	default:
		s.Even++
	}
	if !t.Opened.IsZero() {
		b.held += t.Closed.Sub(t.Opened).Seconds()
		b.timed++
	}
	if b.first.IsZero() || t.Closed.Before(b.first) {
		b.first = t.Closed
	}
	if t.Closed.After(b.last) {
		b.last = t.Closed
	}
	b.keep(&t)
	if !b.marked {
		balance := b.start + s.Profit
		if s.Trades == 1 {
			b.fall.see(t.Closed, b.start) // what it began with is a peak too
		}
		b.fall.see(t.Closed, balance)
		b.course.add(t.Closed, balance)
	}
	return nil
}

// check refuses what cannot be.
func check(t *Trade) error {
	switch {
	case math.IsNaN(t.Profit) || math.Abs(t.Profit) > largest:
		return fmt.Errorf("a profit of %v is none", t.Profit)
	case math.IsNaN(t.Fee) || math.Abs(t.Fee) > largest:
		return fmt.Errorf("a fee of %v is none", t.Fee)
	case t.Closed.IsZero():
		return errors.New("a trade without the time at which it was closed")
	case t.Closed.Before(earliest) || t.Closed.After(latest):
		return fmt.Errorf("no trade was closed at %s", t.Closed.UTC().Format(time.RFC3339))
	case !t.Opened.IsZero() && t.Opened.After(t.Closed):
		return fmt.Errorf("a trade that was opened at %s cannot have been closed at %s", t.Opened.UTC().Format(time.RFC3339), t.Closed.UTC().Format(time.RFC3339))
	case !t.Opened.IsZero() && t.Opened.Before(earliest):
		return fmt.Errorf("no trade was opened at %s", t.Opened.UTC().Format(time.RFC3339))
	}
	return nil
}

// largest is more than any account holds, and leaves room to add and to square.
const largest = 1e100

// Mark takes in what the account is worth. From the first one on, drawdown and course are of
// that and no longer of the trades.
func (b *Book) Mark(at time.Time, equity float64) error {
	if math.IsNaN(equity) || math.Abs(equity) > largest || at.Before(earliest) || at.After(latest) {
		b.sums.Refused++
		return fmt.Errorf("an equity of %v at %s is none", equity, at.UTC().Format(time.RFC3339))
	}
	if !b.marked {
		b.marked, b.fall, b.course = true, fall{}, line{}
	}
	at = at.UTC() // see Add
	b.fall.see(at, equity)
	b.course.add(at, equity)
	return nil
}

// keep adds a trade to its day.
func (b *Book) keep(t *Trade) {
	number := int32(t.Closed.Unix() / 86400)
	if len(b.days) == 0 {
		b.days = append(b.days, day{number: number})
	}
	if ahead := number - b.days[len(b.days)-1].number; ahead > 0 {
		b.advance(int(ahead))
	}
	oldest := b.days[0].number
	if number < oldest {
		missing := int(oldest - number)
		if len(b.days)+missing > MaxDays {
			b.base += t.Profit // it is part of the totals, and of what was there before these days
			b.dropped = true
			return
		}
		b.days = append(b.days, make([]day, missing)...)
		copy(b.days[missing:], b.days[:len(b.days)-missing])
		for i := range missing {
			b.days[i] = day{number: number + int32(i)}
		}
	}
	d := &b.days[number-b.days[0].number]
	d.profit += t.Profit
	d.trades++
	if t.Profit > 0 {
		d.wins++
	}
}

// advance adds days without a trade, for which the oldest go where there is no room. It costs
// no more for a gap of decades than for one of three years.
func (b *Book) advance(n int) {
	last := b.days[len(b.days)-1].number + int32(n)
	if drop := min(len(b.days)+n-MaxDays, len(b.days)); drop > 0 {
		for _, d := range b.days[:drop] {
			b.base += d.profit
		}
		b.dropped = true
		b.days = b.days[:copy(b.days, b.days[drop:])]
	}
	n = min(n, MaxDays-len(b.days))
	for i := range n {
		b.days = append(b.days, day{number: last - int32(n-1-i)})
	}
}

// see takes in a balance.
func (f *fall) see(at time.Time, v float64) {
	if f.amount > 0 && f.healed.IsZero() && v >= f.from {
		f.healed = at
	}
	if !f.known || v > f.peak { // one that is reached again was reached before
		f.known, f.peak, f.peakAt = true, v, at
		return
	}
	if f.peak-v > f.amount {
		f.amount, f.from, f.peaked, f.low, f.healed = f.peak-v, f.peak, f.peakAt, at, time.Time{}
	}
}

// line keeps the course of a value in few points: when it is full, every second one goes and
// the stretch of each is twice as long. The last value is always there.
type line struct {
	points []Point
	every  int // values in one point
	since  int // values since the last point was begun
}

func (l *line) add(at time.Time, v float64) {
	if l.every == 0 {
		l.every = 1
	}
	if l.since > 0 && l.since < l.every && len(l.points) > 0 {
		l.points[len(l.points)-1] = Point{at, v}
		l.since++
		return
	}
	if len(l.points) == maxCourse {
		half := l.points[:0]
		for i := 1; i < len(l.points); i += 2 {
			half = append(half, l.points[i])
		}
		l.points, l.every = half, 2*l.every
	}
	l.points, l.since = append(l.points, Point{at, v}), 1
}
