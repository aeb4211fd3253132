package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/store"
)

// Past is what an engine elsewhere knows of one machine, asked in PromQL and told in the
// words of the store. It serves one request: owners have numbers in it alone, and one
// goroutine uses it.
type Past struct {
	source query.Source
	host   string
	now    time.Time
	owners []owner
}

// owner is whose series an OwnerID names.
type owner struct {
	kind   store.Kind
	labels store.Labels
	// without are labels that others of its kind have and it has not.
	without []string
	// It has no samples before first and after last.
	first, last int64
}

// NewPast asks a source about the machine whose label host is this, at a present moment.
func NewPast(source query.Source, host string, now time.Time) *Past {
	return &Past{source: source, host: host, now: now}
}

const (
	// lookback is for how long a value holds in PromQL where nothing follows it.
	lookback = 5 * time.Minute
	// longestPast is how far back anything is looked for: a year and some, as the API allows.
	longestPast = 400 * 24 * time.Hour
	// maxSubquery is how long a stretch may be whose values are asked for every five minutes:
	// VictoriaMetrics takes 30,000 steps at most.
	maxSubquery = 100 * 24 * time.Hour
	// maxSteps is how many points of a series are asked for at a time; Prometheus answers
	// 11,000 at most.
	maxSteps = 10_000
	// firstPiece and longestPiece are of samples that are asked for at a time: whoever wants
	// the first one alone does not wait for thousands.
	firstPiece, longestPiece = 10 * time.Minute, 6 * time.Hour
	// maxDated is of how many owners the times are looked up to the sample.
	maxDated = 32
	// figureLabel tells the figures of one answer apart.
	figureLabel = "zol0_figure"
)

// Tier says that an engine elsewhere answered: how finely it keeps what, only it knows.
const Tier = "engine"

// Finest is Tier.
func (*Past) Finest(context.Context, int64) (string, error) { return Tier, nil }

// landmarks are the metrics by which owners are found: every one of their kind has it.
var landmarks = map[store.Kind]string{store.Host: "zol0_host_uptime_seconds", store.Service: "zol0_service_private_bytes", store.Process: "zol0_process_private_bytes"}

// Owners lists those of a kind that had samples between two times and whose labels have
// these values. First and Last lie in that time; of more than maxDated owners, First may be
// late and Last early by a step of a two thousandth of the time, at most five minutes.
func (p *Past) Owners(ctx context.Context, k store.Kind, match map[string]string, from, to int64) ([]store.Owner, error) {
	to = min(to, p.now.UnixMilli())
	from = max(from, to-longestPast.Milliseconds())
	step := min(lookback, max(time.Duration(to-from)*time.Millisecond/2000, 5*time.Second)).Truncate(time.Second)
	series := p.selector(landmarks[k], match)
	var out []store.Owner
	at := make(map[string]int)
	for end := to; end >= from; {
		begin := max(from, end-maxSubquery.Milliseconds()+1)
		of := func(figure, over string) string {
			return fmt.Sprintf(`label_replace(%s without (instance) (%[1]s_over_time(timestamp(%s)[%dms:%s])), %q, %q, "", "")`, over, series, end-begin+1, inMilliseconds(step), figureLabel, figure)
		}
		all, err := p.instant(ctx, of("first", "min")+" or "+of("last", "max"), end)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			own := ownLabels(x.Metric)
			key := fmt.Sprint(own)
			i, known := at[key]
			if !known {
				i = len(out)
				at[key] = i
				out = append(out, store.Owner{ID: store.OwnerID(len(p.owners) + 1), Kind: k, Labels: own, First: math.MaxInt64, Last: math.MinInt64})
				p.owners = append(p.owners, owner{kind: k, labels: own})
			}
			t := int64(math.Round(x.F * 1000))
			out[i].First, out[i].Last = min(out[i].First, t), max(out[i].Last, t)
		}
		end = begin - 1
	}
	p.tellApart(out)
	for i := range out {
		if err := p.date(ctx, &out[i], from, to, step, len(out) <= maxDated); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tellApart notes of each which labels it lacks that another has.
func (p *Past) tellApart(all []store.Owner) {
	names := make(map[string]bool)
	for i := range all {
		for _, l := range all[i].Labels {
			names[l.Name] = true
		}
	}
	for i := range all {
		o := &p.owners[all[i].ID-1]
		for name := range names {
			if o.labels.Get(name) == "" {
				o.without = append(o.without, name)
			}
		}
		slices.Sort(o.without)
	}
}

// date corrects the times of an owner that were found in steps.
func (p *Past) date(ctx context.Context, o *store.Owner, from, to int64, step time.Duration, exactly bool) error {
	open := o.Last >= to-(step+lookback).Milliseconds()
	known := &p.owners[o.ID-1]
	known.first, known.last = max(from, o.First-step.Milliseconds()), min(to, o.Last+step.Milliseconds())
	if open {
		known.last = math.MaxInt64
	}
	if exactly {
		series := store.SeriesOf(o.ID, 0)
		if o.Kind == store.Host {
			series = store.SeriesOf(o.ID, store.HostUptime)
		}
		err := p.Points(ctx, series, from, o.First, func(x store.Point) bool { o.First = x.T; return false })
		if err == nil && !open {
			err = p.Points(ctx, series, o.Last, to, func(x store.Point) bool { o.Last = x.T; return true })
		}
		if err != nil {
			return err
		}
	}
	if open {
		o.Last = math.MaxInt64
	}
	return nil
}

// ownLabels are those that a series has in the store of its machine.
func ownLabels(l labels.Labels) (out store.Labels) {
	l.Range(func(l labels.Label) {
		switch l.Name {
		case "__name__", "host", "instance", figureLabel:
		default:
			out = append(out, store.Label{Name: l.Name, Value: l.Value})
		}
	})
	return out
}

// selector chooses series of the machine by name and labels; an empty value is no label.
func (p *Past) selector(name string, match map[string]string) string {
	names := make([]string, 0, len(match))
	for n := range match {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	fmt.Fprintf(&b, `{__name__=%s,host=%s`, strconv.Quote(name), strconv.Quote(p.host))
	for _, n := range names {
		fmt.Fprintf(&b, `,%s=%s`, n, strconv.Quote(match[n]))
	}
	b.WriteByte('}')
	return b.String()
}

// within is the part of a stretch in which a series can have samples.
func (p *Past) within(s store.Series, from, to int64) (*owner, int64, int64, error) {
	id := int(s.Owner())
	if id < 1 || id > len(p.owners) {
		return nil, 0, 0, fmt.Errorf("no series %d was listed", s)
	}
	o := &p.owners[id-1]
	return o, max(from, o.first), min(to, o.last, p.now.UnixMilli()), nil
}

// selectorOf chooses one series of an owner.
func (p *Past) selectorOf(o *owner, s store.Series) (text string, counter bool) {
	match := make(map[string]string, len(o.labels)+len(o.without))
	for _, l := range o.labels {
		match[l.Name] = l.Value
	}
	for _, name := range o.without {
		match[name] = ""
	}
	name := store.NameOf(o.kind, s.Code(), o.labels)
	return p.selector(name, match), strings.HasSuffix(name, "_total")
}

func inMilliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + "ms" }

// instant is a vector at a moment.
func (p *Past) instant(ctx context.Context, text string, at int64) (promql.Vector, error) {
	answer, err := p.source.Instant(ctx, query.Instant{Text: text, At: time.UnixMilli(at)})
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	v, ok := answer.Value.(promql.Vector)
	if !ok {
		return nil, fmt.Errorf("the engine answered with a %T where a vector was asked for", answer.Value)
	}
	return slices.Clone(v), nil
}

// Points calls each for every sample of a series from one time to another, both included,
// in order of time, until it returns false.
func (p *Past) Points(ctx context.Context, s store.Series, from, to int64, each func(store.Point) bool) error {
	o, from, to, err := p.within(s, from, to)
	if err != nil {
		return err
	}
	selector, _ := p.selectorOf(o, s)
	for piece := firstPiece; from <= to; piece = min(2*piece, longestPiece) {
		end := min(to, from+piece.Milliseconds()-1)
		// One millisecond more: whether a range takes in its beginning is not the same everywhere.
		more, err := p.samples(ctx, fmt.Sprintf("%s[%dms]", selector, end-from+1), from, end, each)
		if err != nil || !more {
			return err
		}
		from = end + 1
	}
	return nil
}

// samples reads those of a range that ends at a time.
func (p *Past) samples(ctx context.Context, text string, from, end int64, each func(store.Point) bool) (more bool, err error) {
	answer, err := p.source.Instant(ctx, query.Instant{Text: text, At: time.UnixMilli(end)})
	if err != nil {
		return false, err
	}
	defer answer.Close()
	m, ok := answer.Value.(promql.Matrix)
	if !ok {
		return false, fmt.Errorf("the engine answered with a %T where samples were asked for", answer.Value)
	}
	var all []promql.FPoint
	for i := range m {
		all = append(all, m[i].Floats...)
	}
	if len(m) > 1 { // the address of the daemon changed meanwhile
		slices.SortStableFunc(all, func(a, b promql.FPoint) int { return int(a.T - b.T) })
	}
	for _, x := range all {
		// VictoriaMetrics shows the marks of ends, which are no numbers.
		if x.T >= from && x.T <= end && !math.IsNaN(x.F) && !each(store.Point{T: x.T, Value: x.F}) {
			return false, nil
		}
	}
	return true, nil
}
