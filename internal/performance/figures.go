package performance

import (
	"fmt"
	"math"
	"time"
)

// Figures are what follows from the trades. What is nil is not known, or there are too few
// to say; Why has the reason under the name in words with underscores.
type Figures struct {
	Sums
	ProfitPercent *float64 // of the balance at the beginning
	WinRate       *float64 // 0 to 1
	ProfitFactor  *float64
	Expectancy    *float64
	Sharpe        *float64
	Sortino       *float64
	Best, Worst   *float64
	MaxDrawdown   *Drawdown
	// AverageDuration is of the trades whose beginning is known.
	AverageDuration *time.Duration
	First, Last     time.Time
	// Days from the first trade to the last, both counted.
	Days int
	Why  map[string]string
}

// Drawdown is the largest fall.
type Drawdown struct {
	Amount float64
	// Share is that of the peak, 0 to 1 and beyond where more was lost than there was; nil
	// where the balance is not known.
	Share        *float64
	Peak, Trough time.Time
	// Recovered is when the peak was reached again; nil: not yet.
	Recovered *time.Time
}

// Figures computes them. It costs a pass over the days that are kept.
func (b *Book) Figures() Figures {
	f := Figures{Sums: b.sums, First: b.first, Last: b.last, Why: make(map[string]string)}
	if f.Trades > 0 {
		f.Days = int(b.last.Unix()/86400-b.first.Unix()/86400) + 1
		f.Best, f.Worst = finite(b.sums.Best), finite(b.sums.Worst)
	} else {
		f.Why["best"], f.Why["worst"] = "no trade yet", "no trade yet"
	}
	if b.start > 0 {
		if f.ProfitPercent = finite(100 * f.Profit / b.start); f.ProfitPercent == nil {
			f.Why["profit_percent"] = beyond
		}
	} else {
		f.Why["profit_percent"] = "the balance that it began with is not known"
	}
	b.shares(&f)
	b.ratios(&f)
	b.drawdown(&f)
	if b.timed > 0 {
		// As a float: the sum of years of trades is longer than a Duration holds.
		v := time.Duration(b.held / float64(b.timed) * float64(time.Second))
		f.AverageDuration = &v
	} else {
		f.Why["average_duration"] = "it is not known when its trades were opened"
	}
	return f
}

// shares are those of trades.
func (b *Book) shares(f *Figures) {
	if f.Trades < MinTrades {
		few := fmt.Sprintf("too few to say: %d of at least %d trades", f.Trades, MinTrades)
		f.Why["win_rate"], f.Why["profit_factor"], f.Why["expectancy"] = few, few, few
		return
	}
	f.WinRate = finite(float64(f.Wins) / float64(f.Trades))
	f.Expectancy = finite(f.Profit / float64(f.Trades))
	if f.GrossLoss == 0 {
		f.Why["profit_factor"] = "it has not lost a trade yet"
	} else if f.ProfitFactor = finite(f.GrossProfit / f.GrossLoss); f.ProfitFactor == nil {
		f.Why["profit_factor"] = beyond
	}
}

// ratios are those of daily returns.
func (b *Book) ratios(f *Figures) {
	n := len(b.days)
	if n < MinDays {
		few := fmt.Sprintf("too few to say: %d of at least %d days", n, MinDays)
		f.Why["sharpe"], f.Why["sortino"] = few, few
		return
	}
	if b.dropped {
		f.Why["sharpe_days"] = fmt.Sprintf("of the last %d days", n)
	}
	relative := b.start > 0
	for balance, i := b.base, 0; relative && i < n; i++ {
		relative = balance > 0
		balance += b.days[i].profit
	}
	each := func(use func(float64)) {
		balance := b.base
		for i := range b.days {
			r := b.days[i].profit
			if relative {
				r /= balance
				balance += b.days[i].profit
			}
			use(r)
		}
	}
	// All in parts of the largest, which cancels out: squares of what is very large or very
	// small would be infinite or nothing.
	largest := 0.0
	each(func(r float64) { largest = max(largest, math.Abs(r)) })
	if math.IsNaN(largest) || math.IsInf(largest, 0) {
		f.Why["sharpe"], f.Why["sortino"] = beyond, beyond
		return
	}
	if largest == 0 {
		f.Why["sharpe"], f.Why["sortino"] = "all days are alike", "no day lost"
		return
	}
	var sum, squares, below float64
	each(func(r float64) { sum += r / largest })
	mean := sum / float64(n)
	each(func(r float64) {
		r /= largest
		squares += (r - mean) * (r - mean)
		if r < 0 {
			below += r * r
		}
	})
	year := math.Sqrt(yearDays)
	if deviation := math.Sqrt(squares / float64(n-1)); deviation > negligible*math.Abs(mean) {
		f.Sharpe = finite(mean / deviation * year)
	}
	if downside := math.Sqrt(below / float64(n)); downside > 0 {
		f.Sortino = finite(mean / downside * year)
	}
	if f.Sharpe == nil {
		f.Why["sharpe"] = "all days are alike"
	}
	if f.Sortino == nil {
		f.Why["sortino"] = "no day lost"
	}
}

// beyond is the reason where a quotient is larger than any number.
const beyond = "what it is measured by is too small beside it"

// negligible is a deviation that is but rounding.
const negligible = 1e-12

func (b *Book) drawdown(f *Figures) {
	if !b.fall.known {
		f.Why["max_drawdown"] = "no trade yet"
		return
	}
	d := &Drawdown{Amount: b.fall.amount, Peak: b.fall.peaked, Trough: b.fall.low}
	if (b.start > 0 || b.marked) && b.fall.peak > 0 {
		switch {
		case b.fall.amount == 0:
			d.Share = new(float64)
		case b.fall.from > 0:
			d.Share = finite(b.fall.amount / b.fall.from)
		}
	}
	if !b.fall.healed.IsZero() {
		at := b.fall.healed
		d.Recovered = &at
	}
	f.MaxDrawdown = d
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Course is the balance (the profit where that is not known) at no more than so many points,
// each the last value of its stretch, the oldest first.
func (b *Book) Course(most int) []Point {
	n := len(b.course.points)
	if most < 1 || n == 0 {
		return nil
	}
	most = min(most, n)
	every := (n + most - 1) / most
	out := make([]Point, 0, min(n, most))
	for i := range n {
		if every <= 1 || (n-1-i)%every == 0 {
			out = append(out, b.course.points[i])
		}
	}
	return out
}

// Period is a length of time that people count in.
type Period uint8

// The periods; weeks begin on Monday. All are in UTC.
const (
	Day Period = iota
	Week
	Month
)

// PeriodSum is what was closed in one.
type PeriodSum struct {
	Begin        time.Time
	Profit       float64
	Trades, Wins int
}

// begin is that of the period in which a day lies.
func (p Period) begin(number int32) time.Time {
	t := time.Unix(int64(number)*86400, 0).UTC()
	switch p {
	case Week:
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case Month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// Periods are the last n up to that of the newest trade, as far as days are kept; those
// without a trade are there with zeros.
func (b *Book) Periods(p Period, n int) []PeriodSum {
	if n < 1 {
		return nil
	}
	var out []PeriodSum
	for i := range b.days {
		d := &b.days[i]
		if begin := p.begin(d.number); len(out) == 0 || !out[len(out)-1].Begin.Equal(begin) {
			out = append(out, PeriodSum{Begin: begin})
		}
		x := &out[len(out)-1]
		x.Profit, x.Trades, x.Wins = x.Profit+d.profit, x.Trades+int(d.trades), x.Wins+int(d.wins)
	}
	return out[max(0, len(out)-n):]
}
