package performance

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func add(t *testing.T, b *Book, x Trade) {
	t.Helper()
	if err := b.Add(x); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, name string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9*max(1, math.Abs(want)) {
		shown := math.NaN()
		if got != nil {
			shown = *got
		}
		t.Errorf("%s is %v, want %v", name, shown, want)
	}
}

// TestWorkedExample has trades of which every figure was computed by hand.
func TestWorkedExample(t *testing.T) {
	// Thirty days with one trade each: +30, -10, +30, -10 …
	b := New(1000)
	for i := range 30 {
		profit := 30.0
		if i%2 == 1 {
			profit = -10
		}
		closed := monday.AddDate(0, 0, i)
		add(t, b, Trade{Opened: closed.Add(-time.Duration(i+1) * time.Minute), Closed: closed, Profit: profit, Fee: .5})
	}
	f := b.Figures()
	if f.Trades != 30 || f.Wins != 15 || f.Losses != 15 || f.Even != 0 || f.Days != 30 || !f.First.Equal(monday) || !f.Last.Equal(monday.AddDate(0, 0, 29)) {
		t.Errorf("%+v", f)
	}
	same(t, "profit", &f.Profit, 300)           // 15*30 - 15*10
	same(t, "fees", &f.Fees, 15)                // 30*0.5
	same(t, "profit %", f.ProfitPercent, 30)    // 300 of 1000
	same(t, "win rate", f.WinRate, .5)          // 15 of 30
	same(t, "profit factor", f.ProfitFactor, 3) // 450 / 150
	same(t, "expectancy", f.Expectancy, 10)     // 300 / 30
	same(t, "best", f.Best, 30)
	same(t, "worst", f.Worst, -10)
	if *f.AverageDuration != 15*time.Minute+30*time.Second { // (1+…+30)/30 minutes
		t.Errorf("average duration %v", f.AverageDuration)
	}
	// The first fall is from 1030 to 1020, and all that follow are as deep: the first counts.
	if d := f.MaxDrawdown; d == nil || d.Amount != 10 || math.Abs(*d.Share-10.0/1030) > 1e-12 || !d.Peak.Equal(monday) || !d.Trough.Equal(monday.AddDate(0, 0, 1)) || !d.Recovered.Equal(monday.AddDate(0, 0, 2)) {
		t.Errorf("drawdown %+v", d)
	}
	// The returns in a second way: balances as they were, then textbook formulas.
	var returns []float64
	for i := range 30 {
		before := 1000 + 20*float64(i/2)
		if i%2 == 0 {
			returns = append(returns, 30/before)
		} else {
			returns = append(returns, -10/(before+30))
		}
	}
	sharpe, sortino := naiveRatios(returns)
	same(t, "sharpe", f.Sharpe, sharpe)
	same(t, "sortino", f.Sortino, sortino)
	if len(f.Why) != 0 {
		t.Errorf("nothing is missing, yet %v", f.Why)
	}
	weeks := b.Periods(Week, 3)
	if len(weeks) != 3 || !weeks[2].Begin.Equal(time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)) || weeks[2].Trades != 2 || weeks[2].Profit != 20 {
		t.Errorf("weeks %+v", weeks)
	}
	if days := b.Periods(Day, 5); len(days) != 5 || days[4].Profit != -10 || days[3].Wins != 1 {
		t.Errorf("days %+v", days)
	}
	if months := b.Periods(Month, 9); len(months) != 1 || months[0].Trades != 30 || months[0].Begin.Day() != 1 {
		t.Errorf("months %+v", months)
	}
}

// TestConstantCapital: without a balance, 30 profits of +2 and -1 have Sharpe 0.5/1.525… a day.
func TestConstantCapital(t *testing.T) {
	b := New(0)
	for i := range 40 {
		add(t, b, Trade{Closed: monday.AddDate(0, 0, i), Profit: []float64{2, -1}[i%2]})
	}
	f := b.Figures()
	// Mean 0.5; each day is 1.5 off it: variance 2.25*40/39. Downside: half of the days -1.
	same(t, "sharpe", f.Sharpe, .5/math.Sqrt(2.25*40/39)*math.Sqrt(365))
	same(t, "sortino", f.Sortino, .5/math.Sqrt(.5)*math.Sqrt(365))
	if f.ProfitPercent != nil || f.MaxDrawdown.Share != nil || f.Why["profit_percent"] == "" {
		t.Errorf("%+v", f)
	}
}

func naiveRatios(r []float64) (sharpe, sortino float64) {
	n := float64(len(r))
	mean := 0.0
	for _, v := range r {
		mean += v / n
	}
	variance, below := 0.0, 0.0
	for _, v := range r {
		variance += (v - mean) * (v - mean) / (n - 1)
		below += math.Min(v, 0) * math.Min(v, 0) / n
	}
	return mean / math.Sqrt(variance) * math.Sqrt(365), mean / math.Sqrt(below) * math.Sqrt(365)
}

func TestTooFewToSay(t *testing.T) {
	b := New(100)
	f := b.Figures()
	if f.WinRate != nil || f.Sharpe != nil || f.MaxDrawdown != nil || f.Best != nil || f.Days != 0 {
		t.Errorf("without a trade: %+v", f)
	}
	for i := range 9 {
		add(t, b, Trade{Closed: monday.Add(time.Duration(i) * time.Hour), Profit: 1})
	}
	f = b.Figures()
	if f.WinRate != nil || f.ProfitFactor != nil || f.Expectancy != nil || f.Why["win_rate"] != "too few to say: 9 of at least 10 trades" || f.Why["sharpe"] != "too few to say: 1 of at least 30 days" {
		t.Errorf("%+v", f)
	}
	for i := range 31 {
		add(t, b, Trade{Closed: monday.AddDate(0, 0, i), Profit: 1})
	}
	f = b.Figures()
	if f.WinRate == nil || *f.WinRate != 1 || f.ProfitFactor != nil || f.Why["profit_factor"] != "it has not lost a trade yet" || f.Sortino != nil || f.Why["sortino"] != "no day lost" || f.MaxDrawdown.Amount != 0 {
		t.Errorf("%+v", f)
	}
}

// TestAgainstAllTrades computes random books a second time from the list of all trades.
func TestAgainstAllTrades(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for round := range 300 {
		start := []float64{0, 1000, 1e6}[r.IntN(3)]
		b, at := New(start), monday
		var all []Trade
		for range r.IntN(400) {
			at = at.Add(time.Duration(r.Int64N(int64(20 * time.Hour))))
			all = append(all, Trade{Opened: at.Add(-time.Duration(r.Int64N(int64(time.Hour)))), Closed: at, Profit: r.NormFloat64() * 10, Fee: r.Float64()})
		}
		profit, gross, loss, wins, balance, peak, deepest := 0.0, 0.0, 0.0, 0, start, start, 0.0
		byDay := map[int64]float64{}
		for _, x := range all {
			add(t, b, x)
			profit += x.Profit
			gross, loss = gross+max(0, x.Profit), loss+max(0, -x.Profit)
			if x.Profit > 0 {
				wins++
			}
			balance += x.Profit
			peak = max(peak, balance)
			deepest = max(deepest, peak-balance)
			byDay[x.Closed.Unix()/86400] += x.Profit
		}
		f := b.Figures()
		same(t, "profit", &f.Profit, profit)
		same(t, "gross less loss", &f.Profit, f.GrossProfit-f.GrossLoss)
		if f.Trades != len(all) || f.Wins+f.Losses+f.Even != len(all) {
			t.Errorf("round %d: %+v", round, f.Sums)
		}
		if len(all) >= MinTrades {
			same(t, "win rate", f.WinRate, float64(wins)/float64(len(all)))
			same(t, "profit factor", f.ProfitFactor, gross/loss)
		}
		if len(all) > 0 {
			same(t, "drawdown", &f.MaxDrawdown.Amount, deepest)
			first, last := all[0].Closed.Unix()/86400, at.Unix()/86400
			var returns []float64
			value, positive := start, start > 0
			for d := first; d <= last; d++ {
				positive = positive && value > 0
				value += byDay[d]
			}
			value = start
			for d := first; d <= last; d++ {
				if positive {
					returns = append(returns, byDay[d]/value)
				} else {
					returns = append(returns, byDay[d])
				}
				value += byDay[d]
			}
			if len(returns) >= MinDays {
				sharpe, sortino := naiveRatios(returns)
				same(t, "sharpe", f.Sharpe, sharpe)
				same(t, "sortino", f.Sortino, sortino)
			}
			sum, trades := 0.0, 0
			for _, p := range b.Periods([]Period{Day, Week, Month}[round%3], math.MaxInt) {
				sum, trades = sum+p.Profit, trades+p.Trades
			}
			same(t, "sum of periods", &sum, profit)
			if trades != len(all) {
				t.Errorf("%d trades in periods, want %d", trades, len(all))
			}
		}
		for _, most := range []int{1, 7, 120, 1000} {
			c := b.Course(most)
			if len(c) > most || len(all) > 0 && math.Abs(c[len(c)-1].Value-(start+profit)) > 1e-6 {
				t.Fatalf("a course of %d points, of %d wanted, to %v", len(c), most, c[len(c)-1])
			}
		}
	}
}

// TestScale: capital that stays the same cancels out.
func TestScale(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	a, b := New(0), New(0)
	for i := range 200 {
		p := r.NormFloat64()
		add(t, a, Trade{Closed: monday.AddDate(0, 0, i), Profit: p})
		add(t, b, Trade{Closed: monday.AddDate(0, 0, i), Profit: 1000 * p})
	}
	same(t, "sharpe", b.Figures().Sharpe, *a.Figures().Sharpe)
	same(t, "sortino", b.Figures().Sortino, *a.Figures().Sortino)
	same(t, "profit factor", b.Figures().ProfitFactor, *a.Figures().ProfitFactor)
}

func TestRefusals(t *testing.T) {
	b := New(math.NaN())
	for name, x := range map[string]Trade{
		"no number":  {Closed: monday, Profit: math.NaN()},
		"infinite":   {Closed: monday, Profit: math.Inf(1)},
		"fee":        {Closed: monday, Fee: math.Inf(-1)},
		"no time":    {Profit: 1},
		"long ago":   {Closed: time.Unix(0, 0), Profit: 1},
		"far off":    {Closed: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Profit: 1},
		"backwards":  {Opened: monday.Add(time.Second), Closed: monday, Profit: 1},
		"first 1901": {Opened: time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC), Closed: monday, Profit: 1},
	} {
		if b.Add(x) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if b.Mark(monday, math.NaN()) == nil || b.Mark(time.Time{}, 1) == nil {
		t.Error("an equity that is none is taken")
	}
	if f := b.Figures(); f.Refused != 10 || f.Trades != 0 {
		t.Errorf("%+v", f)
	}
}

// TestMarks: what the account is worth goes before the sum of trades.
func TestMarks(t *testing.T) {
	b := New(1000)
	add(t, b, Trade{Closed: monday, Profit: -500})
	for i, v := range []float64{1000, 1200, 900, 1100, 1300} {
		if err := b.Mark(monday.Add(time.Duration(i)*time.Hour), v); err != nil {
			t.Fatal(err)
		}
	}
	d := b.Figures().MaxDrawdown
	if d.Amount != 300 || *d.Share != .25 || !d.Recovered.Equal(monday.Add(4*time.Hour)) {
		t.Errorf("%+v", d)
	}
	if c := b.Course(100); len(c) != 5 || c[4].Value != 1300 {
		t.Errorf("%v", c)
	}
}

// TestDaysAreBounded trades for eight years, with gaps and out of order.
func TestDaysAreBounded(t *testing.T) {
	b := New(1e6)
	r := rand.New(rand.NewPCG(3, 4))
	total := 0.0
	for i := range 3000 {
		p := r.NormFloat64()
		total += p
		add(t, b, Trade{Closed: monday.AddDate(0, 0, i-r.IntN(3)), Profit: p})
	}
	if len(b.days) != MaxDays || cap(b.days) > 2*MaxDays {
		t.Errorf("%d days are kept, in room for %d", len(b.days), cap(b.days))
	}
	sum := b.base
	for _, d := range b.days {
		sum += d.profit
	}
	same(t, "balance", &sum, 1e6+total)
	if f := b.Figures(); f.Why["sharpe_days"] == "" || f.Sharpe == nil {
		t.Errorf("%v", f.Why)
	}
	add(t, b, Trade{Closed: monday.AddDate(90, 0, 0), Profit: 1})
	if len(b.days) != MaxDays || b.days[MaxDays-1].trades != 1 || b.days[MaxDays-2].trades != 0 {
		t.Errorf("%d days after a gap of decades", len(b.days))
	}
	size := int(unsafe.Sizeof(*b)) + cap(b.days)*int(unsafe.Sizeof(day{})) + cap(b.course.points)*int(unsafe.Sizeof(Point{}))
	if size > 64<<10 {
		t.Errorf("a book takes %d bytes", size)
	}
	at := monday.AddDate(100, 0, 0)
	if n := testing.AllocsPerRun(1000, func() { at = at.Add(time.Hour); _ = b.Add(Trade{Closed: at, Profit: 1}) }); n != 0 {
		t.Errorf("%v allocations for a trade", n)
	}
}

func FuzzBook(f *testing.F) {
	f.Add(1000.0, int64(1772442000), 5.0, int64(1772442000), -3.0)
	f.Add(math.Inf(1), int64(math.MaxInt64), math.MaxFloat64, int64(math.MinInt64), math.NaN())
	f.Fuzz(func(t *testing.T, start float64, at int64, profit float64, other int64, loss float64) {
		b := New(start)
		for range 15 {
			_ = b.Add(Trade{Closed: time.Unix(at, 0), Profit: profit, Fee: loss})
			_ = b.Add(Trade{Opened: time.Unix(at, 0), Closed: time.Unix(other, 0), Profit: loss})
			_ = b.Mark(time.Unix(other, 0), profit)
		}
		x := b.Figures()
		for _, v := range []*float64{x.WinRate, x.ProfitFactor, x.Expectancy, x.Sharpe, x.Sortino, x.ProfitPercent, x.Best, x.Worst} {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				t.Errorf("%+v", x)
			}
		}
		if len(b.days) > MaxDays || len(b.course.points) > maxCourse || len(b.Course(10)) > 10 {
			t.Error("it grows")
		}
		b.Periods(Week, 5)
	})
}
