// Package trading asks trading systems what their strategies bring and whether their
// components are up: an exposition of Prometheus, freqtrade's REST API, ZoL0's own API, any
// JSON over HTTP, or a file of trades.
//
// Each Source is asked on its own, in a goroutine and with a clock that the daemon owns. What
// it said last stays until it says something else; while it says nothing, its state says so
// and since when. Nothing is made up: a figure that a source does not give, and that does not
// follow from its trades, is absent.
//
// Everything that comes from a source is hostile: an answer has a bound in bytes and time,
// and what is kept of it in number and length.
package trading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// Kinds of sources.
const (
	KindZol0        = "zol0"
	KindFreqtrade   = "freqtrade"
	KindOpenMetrics = "openmetrics"
	KindJSON        = "json"
	KindTrades      = "trades"
)

// Kinds are all of them.
var Kinds = []string{KindZol0, KindFreqtrade, KindOpenMetrics, KindJSON, KindTrades}

// Parts are what a source can tell: two that know the same strategies would count them twice.
var Parts = []string{"strategies", "components", "lines", "series"}

// Wants reports whether a part of what the source tells is wanted.
func (o *Options) Wants(part string) bool { return len(o.Only) == 0 || slices.Contains(o.Only, part) }

// HasLines reports whether the source can tell lines of a log.
func (o *Options) HasLines() bool {
	return (o.Kind == KindZol0 || o.Kind == KindFreqtrade) && o.Wants("lines")
}

// wanted drops what is not.
func (r *Reading) wanted(o *Options) {
	if !o.Wants("strategies") {
		r.Strategies, r.Open, r.Caveat = nil, nil, ""
	}
	if !o.Wants("components") {
		r.Components = nil
	}
	if !o.Wants("lines") {
		r.Lines = nil
	}
	if !o.Wants("series") {
		r.Gauges = nil
	}
}

// Bounds of what is kept.
const (
	// MaxSources may be configured.
	MaxSources = 32
	// MaxStrategies, MaxComponents and MaxGauges are kept of one source.
	MaxStrategies, MaxComponents, MaxGauges = 64, 64, 200
	// MaxLines of a log are taken from one answer.
	MaxLines = 100
	// maxAnswer is how much of an exposition is read, 40,000 lines; it is never unpacked as a
	// whole. maxJSON is that of JSON, and maxValues how many values may be in it: unpacked, one
	// takes up to 300 bytes.
	maxAnswer = 4 << 20
	maxJSON   = 1 << 20
	maxValues = 50_000
	// maxAsking sources are asked at a time, so that few answers are unpacked at a time.
	maxAsking = 2
	// maxText is for names and reasons.
	maxText = 200
	// coursePoints are those of a line in a list.
	coursePoints = 120
)

// Options are one source as the configuration has it.
type Options struct {
	Name, Kind string
	// URL is that of the exposition, or where the API begins. File is that of trades.
	URL, File string
	// Service is whose memory stands beside the figures.
	Service    string
	Connection fetch.Connection
	Interval   time.Duration
	Timeout    time.Duration
	// Balance is what each strategy began with, where no source tells; 0: not known.
	Balance  float64
	Currency string
	// Strategy is the name of the strategy where the source tells none.
	Strategy string
	// Label is the label of an exposition that names the strategy.
	Label string
	// Metrics are the names of metrics by figure: profit, trades, wins, losses, equity, open,
	// drawdown, fees. For JSON they are the paths below an item, with name among them.
	Metrics map[string]string
	// Keep are patterns of metrics that are kept as series, with * for anything; for JSON the
	// paths of single figures, by the name of the metric they become.
	Keep   []string
	Values map[string]string
	// Items and Components are paths of lists in JSON.
	Items, Components string
	// Work is the counter of work of Service: a metric, or a path.
	Work string
	// Only is what is wanted of it, where not all: words of Parts.
	Only []string
	// Columns are the names of columns of a file of trades where they are others.
	Columns map[string]string
}

// Gauge is a figure of a source that becomes a series.
type Gauge struct {
	Name   string
	Labels [][2]string // in order of their names
	Value  float64
}

// Line is one line of a log that an API gave.
type Line struct {
	Time  time.Time
	Level string
	Text  string
}

// Desk is what sources share: few of them are asked at a time.
type Desk struct{ places chan struct{} }

// NewDesk is one for all sources of a daemon.
func NewDesk() *Desk { return &Desk{make(chan struct{}, maxAsking)} }

// Reading is what a source said.
type Reading struct {
	Strategies []wire.Strategy
	Components []wire.Component
	Gauges     []Gauge
	Lines      []Line
	// Work is the counter of work done; nil: it tells none.
	Work *float64
	// Open is the number of open trades of all strategies; nil: not known.
	Open *uint64
	// Caveat is what the source says against its figures, Detail what it says of itself.
	Caveat, Detail string
	// Problems are parts that did not answer.
	Problems []string
	LeftOut  uint64
}

// reader is one kind of source. read gives what the source says now, or an error where it
// says nothing at all.
type reader interface {
	read(ctx context.Context, now time.Time) (*Reading, error)
	// detail is one strategy by periods; nil where its trades are not known. It does not
	// wait for read.
	detail(strategy string) *wire.StrategyDetail
	close() error
}

// newReader makes the reader of a kind.
func newReader(o *Options) (reader, error) {
	if o.Kind == KindTrades {
		return newLedger(o), nil
	}
	c := o.Connection
	c.Timeout = o.Timeout
	most := int64(maxJSON)
	if o.Kind == KindOpenMetrics {
		most = maxAnswer
	}
	client, err := fetch.NewClient(o.URL, c, most)
	if err != nil {
		return nil, err
	}
	switch o.Kind {
	case KindZol0:
		return &core{options: o, client: client}, nil
	case KindFreqtrade:
		return newFreqtrade(o, client), nil
	case KindOpenMetrics:
		return newExposition(o, client), nil
	case KindJSON:
		return newFields(o, client)
	}
	return nil, fmt.Errorf("there is no kind of source %q", o.Kind)
}

// printed is foreign text as it is kept: it prints, in one line, and has a bound.
func printed(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		end := maxText - len("…")
		for end > 0 && text[end]&0xC0 == 0x80 {
			end--
		}
		text = text[:end] + "…"
	}
	return text
}

// sorted orders strategies by profit, the best one first, and drops what is beyond the bound.
func (r *Reading) sorted() {
	slices.SortStableFunc(r.Strategies, func(a, b wire.Strategy) int { return byProfit(&a, &b) })
	r.Strategies = bounded(r.Strategies, MaxStrategies, &r.LeftOut)
	r.Components = bounded(r.Components, MaxComponents, &r.LeftOut)
	r.Gauges = bounded(r.Gauges, MaxGauges, &r.LeftOut)
	if n := len(r.Lines); n > MaxLines {
		r.Lines = r.Lines[n-MaxLines:]
	}
}

func bounded[T any](all []T, most int, left *uint64) []T {
	if len(all) <= most {
		return all
	}
	*left += uint64(len(all) - most)
	return slices.Clip(all[:most])
}

// byProfit orders the greater profit first; what has none comes last.
func byProfit(a, b *wire.Strategy) int {
	switch {
	case a.Profit == nil && b.Profit == nil:
		return strings.Compare(a.Name, b.Name)
	case a.Profit == nil:
		return 1
	case b.Profit == nil, *a.Profit > *b.Profit:
		return -1
	case *a.Profit < *b.Profit:
		return 1
	}
	return strings.Compare(a.Name, b.Name)
}

// errNothing says that an answer had nothing that was asked for.
var errNothing = errors.New("nothing that is configured was in its answer")
