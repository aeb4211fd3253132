package performance

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// alternating is a book with one trade a day, of two profits in turn.
func alternating(t *testing.T, start float64, days int, even, odd float64) *Book {
	t.Helper()
	b := New(start)
	for i := range days {
		add(t, b, Trade{Closed: monday.AddDate(0, 0, i), Profit: []float64{even, odd}[i%2]})
	}
	return b
}

// TestScaleOfAnySize: neither the squares of large profits nor of small ones are lost.
func TestScaleOfAnySize(t *testing.T) {
	for _, k := range []float64{1e-250, 1e-170, 1e-6, 1, 1e6, 1e99} {
		f := alternating(t, 0, 40, 2*k, -k).Figures()
		// As in TestConstantCapital: the scale cancels out.
		same(t, fmt.Sprintf("sharpe of %g", k), f.Sharpe, .5/math.Sqrt(2.25*40/39)*math.Sqrt(365))
		same(t, fmt.Sprintf("sortino of %g", k), f.Sortino, .5/math.Sqrt(.5)*math.Sqrt(365))
	}
}

// TestReasons: what is absent has the reason that is true of it.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		name   string
		book   *Book
		figure string
		want   string
	}{
		{"no trade", New(0), "best", "no trade yet"},
		{"no trade", New(0), "worst", "no trade yet"},
		{"a profit of a balance near nothing", alternating(t, 5e-324, 12, 1, 1), "profit_percent", beyond},
		{"returns of a balance near nothing", alternating(t, 5e-324, 40, 1, 2), "sharpe", beyond},
		{"losses near nothing", alternating(t, 0, 12, 1e100, -1e-300), "profit_factor", beyond},
		{"no loss", alternating(t, 0, 12, 1, 2), "profit_factor", "it has not lost a trade yet"},
		{"always the same", alternating(t, 0, 40, 1, 1), "sharpe", "all days are alike"},
		{"always nothing", alternating(t, 0, 40, 0, 0), "sharpe", "all days are alike"},
		{"always nothing", alternating(t, 0, 40, 0, 0), "sortino", "no day lost"},
		{"a day less than enough", alternating(t, 0, MinDays-1, 1, -1), "sortino", "too few to say: 29 of at least 30 days"},
	} {
		if got := c.book.Figures().Why[c.figure]; got != c.want {
			t.Errorf("%s: %s is absent because %q, want %q", c.name, c.figure, got, c.want)
		}
	}
}

// TestLongGap: a gap longer than what is kept is days without a trade, as a shorter one is.
func TestLongGap(t *testing.T) {
	for _, gap := range []int{1, 2, 500, MaxDays - 40, MaxDays - 1, MaxDays, MaxDays + 1, 60_000} {
		b := alternating(t, 1000, 40, 2, -1) // 1020 in the end
		add(t, b, Trade{Closed: monday.AddDate(0, 0, 39+gap), Profit: 51})
		f := b.Figures()
		kept := min(40+gap, MaxDays)
		if f.Days != 40+gap || len(b.days) != kept || (f.Why["sharpe_days"] != "") != (40+gap > MaxDays) {
			t.Errorf("gap of %d days: %d in all, %d kept, %v", gap, f.Days, len(b.days), f.Why)
		}
		var returns []float64
		balance := 1000.0
		for i := range 40 + gap {
			profit := 0.0
			if i < 40 {
				profit = []float64{2, -1}[i%2]
			} else if i == 39+gap {
				profit = 51
			}
			if i >= 40+gap-kept {
				returns = append(returns, profit/balance)
			}
			balance += profit
		}
		sharpe, sortino := naiveRatios(returns)
		same(t, fmt.Sprintf("sharpe after a gap of %d", gap), f.Sharpe, sharpe)
		if !math.IsInf(sortino, 0) {
			same(t, fmt.Sprintf("sortino after a gap of %d", gap), f.Sortino, sortino)
		}
		if days := b.Periods(Day, MaxDays); len(days) != kept || days[kept-1].Profit != 51 {
			t.Errorf("gap of %d: %d periods", gap, len(days))
		}
	}
}

// TestOutOfOrder: a trade that comes late is in the day on which it was closed, so that all
// but the drawdown and the course is as if it had come in time.
func TestOutOfOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 50 {
		all := make([]Trade, 200)
		for i := range all {
			all[i] = Trade{Closed: monday.Add(time.Duration(r.Int64N(int64(90 * 24 * time.Hour)))), Profit: r.NormFloat64()}
		}
		a, b := New(1000), New(1000)
		for _, x := range all {
			add(t, a, x)
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, x := range all {
			add(t, b, x)
		}
		x, y := a.Figures(), b.Figures()
		same(t, "sharpe", x.Sharpe, *y.Sharpe)
		same(t, "sortino", x.Sortino, *y.Sortino)
		if x.Days != y.Days || !x.First.Equal(y.First) || !x.Last.Equal(y.Last) {
			t.Errorf("%v to %v, and %v to %v", x.First, x.Last, y.First, y.Last)
		}
	}
}

// TestDrawdownAgainstAllPairs takes the largest fall from every value to every later one.
func TestDrawdownAgainstAllPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		b, values, at := New(1000), []float64{1000}, []time.Time{monday}
		for i := range 1 + r.IntN(60) {
			profit := float64(r.IntN(41) - 20) // whole, so that balances are met again
			closed := monday.AddDate(0, 0, i)
			add(t, b, Trade{Closed: closed, Profit: profit})
			values, at = append(values, values[i]+profit), append(at, closed)
		}
		amount, peak, trough := 0.0, 0, 0
		for i := range values {
			for j := i + 1; j < len(values); j++ {
				if values[i]-values[j] > amount {
					amount, peak, trough = values[i]-values[j], i, j
				}
			}
		}
		d := b.Figures().MaxDrawdown
		if d.Amount != amount {
			t.Fatalf("%v of %v, want %v", d.Amount, values, amount)
		}
		if amount == 0 {
			continue
		}
		same(t, "share", d.Share, amount/values[peak])
		var recovered *time.Time
		for j := trough; j < len(values) && recovered == nil; j++ {
			if values[j] >= values[peak] {
				recovered = &at[j]
			}
		}
		if !d.Peak.Equal(at[peak]) || !d.Trough.Equal(at[trough]) || (recovered == nil) != (d.Recovered == nil) || recovered != nil && !recovered.Equal(*d.Recovered) {
			t.Fatalf("%+v of %v, want from %v to %v and back at %v", d, values, at[peak], at[trough], recovered)
		}
	}
}

// TestAskedForNothing: nobody who asks for no points or fewer is given any.
func TestAskedForNothing(t *testing.T) {
	b := alternating(t, 0, 40, 1, 2)
	for _, n := range []int{0, -1, math.MinInt} {
		if c, p := b.Course(n), b.Periods(Day, n); len(c) != 0 || len(p) != 0 {
			t.Errorf("%d points and %d periods of %d", len(c), len(p), n)
		}
	}
	if c, p := b.Course(math.MaxInt), b.Periods(Day, math.MaxInt); len(c) != 40 || len(p) != 40 {
		t.Errorf("%d points and %d periods of all", len(c), len(p))
	}
	if c := New(0).Course(10); len(c) != 0 {
		t.Errorf("a course without a trade: %v", c)
	}
}

// TestHeap counts what books really hold, with times that were read together with a zone
// each, as from a file of trades.
func TestHeap(t *testing.T) {
	const books, most = 20, 64 << 10
	all := make([]*Book, books)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range all {
		all[i] = New(1)
		for j := range 4 * MaxDays {
			zone := time.FixedZone("of its own", 60*(1+j%700))
			add(t, all[i], Trade{Closed: monday.AddDate(0, 0, j).In(zone), Profit: 1})
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(all)
	if size := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / books; size > most || size < 1<<10 {
		t.Errorf("a book holds %d bytes, and may hold %d", size, most)
	}
}

// FuzzTrades reads any bytes as trades and marks: 25 bytes each, of which the first says what
// it is.
func FuzzTrades(f *testing.F) {
	record := func(kind byte, at int64, a, b float64) []byte {
		x := binary.LittleEndian.AppendUint64([]byte{kind}, uint64(at))
		x = binary.LittleEndian.AppendUint64(x, math.Float64bits(a))
		return binary.LittleEndian.AppendUint64(x, math.Float64bits(b))
	}
	var many []byte
	for i := range int64(40) {
		many = append(many, record(byte(i%5), monday.Unix()+i*86400, float64(i%7)-3, 60)...)
	}
	f.Add(1000.0, many)
	f.Add(5e-324, append(record(0, 90000, 1e100, -1), record(0, 7258118399, -1e100, 1)...))
	f.Add(math.NaN(), append(record(4, math.MaxInt64, math.Inf(1), 0), record(1, math.MinInt64, math.NaN(), 1e300)...))
	f.Fuzz(func(t *testing.T, start float64, text []byte) {
		b := New(start)
		for ; len(text) >= 25; text = text[25:] {
			at := time.Unix(int64(binary.LittleEndian.Uint64(text[1:])), 0)
			x, y := math.Float64frombits(binary.LittleEndian.Uint64(text[9:])), math.Float64frombits(binary.LittleEndian.Uint64(text[17:]))
			switch text[0] % 5 {
			case 4:
				_ = b.Mark(at, x)
			case 3:
				_ = b.Add(Trade{Opened: at.Add(-time.Duration(y)), Closed: at, Profit: x})
			default:
				_ = b.Add(Trade{Closed: at, Profit: x, Fee: y})
			}
		}
		g := b.Figures()
		for name, v := range map[string]*float64{"profit_percent": g.ProfitPercent, "win_rate": g.WinRate, "profit_factor": g.ProfitFactor,
			"expectancy": g.Expectancy, "sharpe": g.Sharpe, "sortino": g.Sortino, "best": g.Best, "worst": g.Worst} {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				t.Errorf("%s is %v", name, *v)
			}
			if (v == nil) != (g.Why[name] != "") {
				t.Errorf("%s is %v, because %q", name, v, g.Why[name])
			}
		}
		if g.Wins+g.Losses+g.Even != g.Trades || g.GrossLoss < 0 || g.MaxDrawdown != nil && !(g.MaxDrawdown.Amount >= 0) {
			t.Errorf("%+v", g)
		}
		if len(b.days) > MaxDays || len(b.course.points) > maxCourse || len(b.Course(7)) > 7 || len(b.Periods(Month, 7)) > 7 {
			t.Error("it grows")
		}
		for i := 1; i < len(b.days); i++ {
			if b.days[i].number != b.days[i-1].number+1 {
				t.Fatalf("day %d follows %d", b.days[i].number, b.days[i-1].number)
			}
		}
	})
}
