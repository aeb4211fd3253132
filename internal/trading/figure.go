package trading

import (
	"math"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/performance"
	"github.com/zol0/zol0/internal/wire"
)

// Figures are the names of figures that a configuration can map, with their meaning.
var Figures = map[string]string{
	"profit": "profit in the currency, net of fees", "profit_percent": "profit in percent of the balance it began with",
	"fees": "fees paid", "equity": "present value of its account", "trades": "closed trades", "wins": "trades with a profit", "losses": "trades with a loss",
	"open": "open trades", "win_rate": "share of trades with a profit, 0 to 1", "profit_factor": "gross profit by gross loss",
	"expectancy": "mean profit of a trade", "sharpe": "Sharpe ratio", "sortino": "Sortino ratio", "drawdown": "greatest drawdown in the currency",
	"drawdown_ratio": "greatest drawdown as a share of its peak, 0 to 1", "best": "best trade", "worst": "worst trade",
}

// set sets a figure by its name.
func set(s *wire.Strategy, figure string, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	whole := func(to **uint64) {
		if v >= 0 && v < 1<<53 {
			n := uint64(math.Round(v))
			*to = &n
		}
	}
	switch figure {
	case "profit":
		s.Profit = &v
	case "profit_percent":
		s.ProfitPercent = &v
	case "fees":
		s.Fees = &v
	case "equity":
		s.Equity = &v
	case "trades":
		whole(&s.Trades)
	case "wins":
		whole(&s.Wins)
	case "losses":
		whole(&s.Losses)
	case "open":
		whole(&s.OpenTrades)
	case "win_rate":
		s.WinRate = &v
	case "profit_factor":
		s.ProfitFactor = &v
	case "expectancy":
		s.Expectancy = &v
	case "sharpe":
		s.Sharpe = &v
	case "sortino":
		s.Sortino = &v
	case "best":
		s.Best = &v
	case "worst":
		s.Worst = &v
	case "drawdown":
		v = math.Abs(v)
		s.MaxDrawdown = &v
	case "drawdown_ratio":
		v = 100 * math.Abs(v)
		s.MaxDrawdownPercent = &v
	}
}

// finish fills in what follows from what was told, and says why the rest is missing.
func finish(s *wire.Strategy, o *Options) {
	if s.Currency == "" {
		s.Currency = o.Currency
	}
	if s.Profit == nil && s.Equity != nil && o.Balance > 0 {
		v := *s.Equity - o.Balance
		s.Profit = &v
	}
	if s.ProfitPercent == nil && s.Profit != nil && o.Balance > 0 {
		v := 100 * *s.Profit / o.Balance
		s.ProfitPercent = &v
	}
	if s.Trades != nil && s.Wins != nil && s.Losses == nil && *s.Wins <= *s.Trades && s.WinRate == nil {
		// What was neither won nor lost is not known.
		if *s.Trades >= performance.MinTrades {
			v := float64(*s.Wins) / float64(*s.Trades)
			s.WinRate = &v
		}
	}
	if s.Trades != nil && s.Profit != nil && s.Expectancy == nil && *s.Trades >= performance.MinTrades {
		v := *s.Profit / float64(*s.Trades)
		s.Expectancy = &v
	}
	if s.Why == nil {
		s.Why = make(map[string]string)
	}
	for name, missing := range map[string]bool{
		"win_rate": s.WinRate == nil, "profit_factor": s.ProfitFactor == nil, "expectancy": s.Expectancy == nil,
		"sharpe": s.Sharpe == nil, "sortino": s.Sortino == nil, "max_drawdown": s.MaxDrawdown == nil && s.MaxDrawdownPercent == nil,
	} {
		if missing && s.Why[name] == "" {
			s.Why[name] = "the source does not tell it"
			if s.Trades != nil && *s.Trades < performance.MinTrades && name != "max_drawdown" {
				s.Why[name] = "too few to say"
			}
		}
	}
}

// openOf is the number of open trades of all strategies; nil where one does not tell, or
// tells what is not real.
func openOf(all []wire.Strategy) *uint64 {
	if len(all) == 0 {
		return nil
	}
	sum := uint64(0)
	for i := range all {
		if all[i].OpenTrades == nil || all[i].Origin == "fallback" {
			return nil
		}
		sum += *all[i].OpenTrades
	}
	return &sum
}

// books are those of the strategies of a source. Its methods may be called by several
// goroutines; its zero value is empty.
type books struct {
	mu  sync.Mutex
	all map[string]*book
}

// book is one with what its trades cannot tell.
type book struct {
	*performance.Book
	balance float64
	trades  bool // it has trades, not only marks of equity
}

// of is the book of a strategy; nil where there is no room for another.
func (b *books) of(name string, balance float64) *book {
	if b.all == nil {
		b.all = make(map[string]*book)
	}
	x := b.all[name]
	if x == nil && len(b.all) < MaxStrategies {
		x = &book{Book: performance.New(balance), balance: balance}
		b.all[name] = x
	}
	return x
}

// add takes in a trade. An error is that the trade is none, or that there are too many
// strategies.
func (b *books) add(name string, balance float64, t performance.Trade) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.of(name, balance)
	if x == nil {
		return errCrowded
	}
	x.trades = true
	return x.Add(t)
}

// mark takes in what an account is worth.
func (b *books) mark(name string, balance float64, at time.Time, equity float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x := b.of(name, balance); x != nil {
		_ = x.Mark(at, equity) // what is no number was left out before
	}
}

// derive fills in what follows from the course of equity, where the source does not tell it.
func (b *books) derive(s *wire.Strategy) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.all[s.Name]
	if x == nil {
		return
	}
	f := x.Figures()
	if d := f.MaxDrawdown; d != nil && s.MaxDrawdown == nil && s.MaxDrawdownPercent == nil {
		drawdown(s, d)
		s.Origin = "equity"
	}
	s.Course = course(x.Course(coursePoints), "equity")
}

// strategies are the figures of all books with trades.
func (b *books) strategies() []wire.Strategy {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []wire.Strategy
	for name, x := range b.all {
		if x.trades {
			out = append(out, x.strategy(name))
		}
	}
	return out
}

// strategy is what follows from the trades.
func (b *book) strategy(name string) wire.Strategy {
	f := b.Figures()
	count := func(n int) *uint64 { v := uint64(n); return &v }
	s := wire.Strategy{Name: name, Origin: "trades", Profit: &f.Profit, ProfitPercent: f.ProfitPercent, Fees: &f.Fees,
		Trades: count(f.Trades), Wins: count(f.Wins), Losses: count(f.Losses),
		WinRate: f.WinRate, ProfitFactor: f.ProfitFactor, Expectancy: f.Expectancy, Sharpe: f.Sharpe, Sortino: f.Sortino,
		Best: f.Best, Worst: f.Worst, Why: f.Why}
	of := "profit"
	if b.balance > 0 {
		of = "equity"
		v := b.balance + f.Profit
		s.Equity = &v
	}
	if f.MaxDrawdown != nil {
		drawdown(&s, f.MaxDrawdown)
	}
	if f.AverageDuration != nil {
		v := f.AverageDuration.Seconds()
		s.AverageDurationSeconds = &v
	}
	s.FirstTradeTime, s.LastTradeTime = moment(f.First), moment(f.Last)
	s.Course = course(b.Course(coursePoints), of)
	return s
}

func drawdown(s *wire.Strategy, d *performance.Drawdown) {
	s.MaxDrawdown = &d.Amount
	if d.Share != nil {
		v := 100 * *d.Share
		s.MaxDrawdownPercent = &v
	}
	s.DrawdownPeakTime, s.DrawdownTroughTime = moment(d.Peak), moment(d.Trough)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func course(points []performance.Point, of string) wire.StrategyCourse {
	out := wire.StrategyCourse{Times: []int64{}, Values: []float64{}}
	for _, p := range points {
		out.Times, out.Values, out.Of = append(out.Times, p.At.Unix()), append(out.Values, p.Value), of
	}
	return out
}

// Days, weeks and months of a strategy's detail, and the points of its course.
const (
	detailDays, detailWeeks, detailMonths = 31, 26, 24
	detailPoints                          = 512
)

// detail is one strategy by periods; nil where nothing of it is known.
func (b *books) detail(name string) *wire.StrategyDetail {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.all[name]
	if x == nil {
		return nil
	}
	of := "profit"
	if x.balance > 0 || !x.trades {
		of = "equity"
	}
	out := &wire.StrategyDetail{}
	out.Course = course(x.Course(detailPoints), of)
	if x.trades {
		out.Daily = periods(x.Periods(performance.Day, detailDays))
		out.Weekly = periods(x.Periods(performance.Week, detailWeeks))
		out.Monthly = periods(x.Periods(performance.Month, detailMonths))
	}
	return out
}

func periods(all []performance.PeriodSum) []wire.PeriodSum {
	out := make([]wire.PeriodSum, len(all))
	for i, p := range all {
		out[i] = wire.PeriodSum{Begin: p.Begin.UTC(), Profit: p.Profit, Trades: p.Trades, Wins: p.Wins}
	}
	return out
}
