package trading

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// exposition reads metrics in Prometheus's text format or in that of OpenMetrics.
type exposition struct {
	options *Options
	client  *fetch.Client
	figures map[string]string // by the name of the metric
	books   books
}

func newExposition(o *Options, client *fetch.Client) *exposition {
	x := &exposition{options: o, client: client, figures: make(map[string]string, len(o.Metrics))}
	for figure, metric := range o.Metrics {
		x.figures[metric] = figure
	}
	return x
}

func (x *exposition) close() error { x.client.Close(); return nil }

func (x *exposition) detail(name string) *wire.StrategyDetail { return x.books.detail(name) }

// expositionTypes are what a server of metrics says of its answer.
var expositionTypes = []string{"text/plain", "application/openmetrics-text"}

// defaultLabel names the strategy where the configuration says nothing.
const defaultLabel = "strategy"

func (x *exposition) read(ctx context.Context, now time.Time) (*Reading, error) {
	body, kind, err := x.client.Do(ctx, fetch.Request{Types: expositionTypes})
	if err != nil {
		return nil, err
	}
	return x.parse(body, kind, now)
}

// parse takes what was asked for out of an exposition.
func (x *exposition) parse(body []byte, kind string, now time.Time) (*Reading, error) {
	parser, err := textparse.New(body, kind, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	if err != nil {
		return nil, fmt.Errorf("its answer is no exposition: %w", err)
	}
	out := &Reading{}
	label := cmp.Or(x.options.Label, defaultLabel)
	told := make(map[string]*wire.Strategy)
	work, worked := 0.0, false
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &fetch.Error{Err: fmt.Errorf("its exposition cannot be read: %w", err), Hint: "see what it answers with: curl " + x.options.URL}
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, _, v := parser.Series()
		var metric labels.Labels
		parser.Labels(&metric)
		name := metric.Get("__name__")
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if name == x.options.Work {
			work, worked = work+v, true
		}
		if figure, ok := x.figures[name]; ok {
			x.tell(out, told, cmp.Or(metric.Get(label), x.options.Strategy, x.options.Name), figure, v)
		}
		if x.kept(name) {
			if len(out.Gauges) >= MaxGauges {
				out.LeftOut++
				continue
			}
			out.Gauges = append(out.Gauges, gaugeOf(metric, v))
		}
	}
	if worked {
		out.Work = &work
	}
	names := make([]string, 0, len(told))
	for name := range told {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := told[name]
		if s.Equity != nil {
			x.books.mark(name, x.options.Balance, now, *s.Equity)
			x.books.derive(s)
		}
		finish(s, x.options)
		out.Strategies = append(out.Strategies, *s)
	}
	out.Open = openOf(out.Strategies)
	if len(out.Strategies) == 0 && len(out.Gauges) == 0 && out.Work == nil {
		return nil, &fetch.Error{Err: errNothing, Hint: "see the names of its metrics with: curl " + x.options.URL}
	}
	return out, nil
}

// tell sets a figure of a strategy.
func (x *exposition) tell(out *Reading, told map[string]*wire.Strategy, name, figure string, v float64) {
	name = printed(name)
	s := told[name]
	if s == nil {
		if len(told) >= MaxStrategies {
			out.LeftOut++
			return
		}
		s = &wire.Strategy{Name: name, Origin: "told"}
		told[name] = s
	}
	set(s, figure, v)
}

// kept reports whether a metric is to be kept as a series.
func (x *exposition) kept(name string) bool {
	for _, pattern := range x.options.Keep {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// maxLabels and maxLabel bound the labels of a series that is kept.
const maxLabels, maxLabel = 8, 128

// ownLabels are those that we put on what we store.
var ownLabels = []string{"source", "host", "instance", "service"}

// gaugeOf keeps a sample with its labels.
func gaugeOf(metric labels.Labels, v float64) Gauge {
	g := Gauge{Name: metric.Get("__name__"), Value: v}
	metric.Range(func(l labels.Label) {
		switch {
		case l.Name == "__name__", len(g.Labels) == maxLabels:
		default:
			name, value := strings.Clone(l.Name), printed(l.Value)
			if slices.Contains(ownLabels, name) {
				name = "exported_" + name // as Prometheus calls them
			}
			g.Labels = append(g.Labels, [2]string{name, strings.ToValidUTF8(value[:min(len(value), maxLabel)], "")})
		}
	})
	g.Name = strings.Clone(g.Name)
	return g
}
