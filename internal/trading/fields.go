package trading

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// fields reads any JSON by the paths of its fields.
type fields struct {
	options    *Options
	client     *fetch.Client
	items      steps
	components steps
	work       steps
	figures    map[string]steps
	values     map[string]steps
	books      books
}

// steps is a path in JSON: a.b[0].c, with - for the last item of a list.
type steps []any

// parsePath reads a path; an empty one is the whole.
func parsePath(text string) (steps, error) {
	var out steps
	if text == "" || text == "." {
		return out, nil
	}
	for _, part := range strings.Split(strings.TrimPrefix(text, "."), ".") {
		key, rest, indexed := strings.Cut(part, "[")
		if key == "" && !indexed {
			return nil, fmt.Errorf("the path %q has an empty part", text)
		}
		if key != "" {
			out = append(out, key)
		}
		for indexed {
			index, more, closed := strings.Cut(rest, "]")
			n, err := strconv.Atoi(index)
			if index == "-" {
				n, err = -1, nil
			}
			if !closed || err != nil || n < -1 {
				return nil, fmt.Errorf("the path %q: %q is no place in a list; write [0], or [-] for the last", text, index)
			}
			out = append(out, n)
			if more == "" {
				break
			}
			if !strings.HasPrefix(more, "[") {
				return nil, fmt.Errorf("the path %q has %q behind a place in a list", text, more)
			}
			rest = more[1:]
		}
	}
	if len(out) > 32 {
		return nil, fmt.Errorf("the path %q has more than 32 parts", text)
	}
	return out, nil
}

// CheckPath says what is wrong with a path.
func CheckPath(text string) error {
	_, err := parsePath(text)
	return err
}

// at is what stands at a path; nil where there is nothing.
func (p steps) at(v any) any {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[step]
		case int:
			list, _ := v.([]any)
			if step < 0 {
				step = len(list) - 1
			}
			if step < 0 || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func newFields(o *Options, client *fetch.Client) (*fields, error) {
	f := &fields{options: o, client: client, figures: make(map[string]steps), values: make(map[string]steps)}
	var err error
	for _, one := range []struct {
		text string
		to   *steps
	}{{o.Items, &f.items}, {o.Components, &f.components}, {o.Work, &f.work}} {
		if *one.to, err = parsePath(one.text); err != nil {
			return nil, err
		}
	}
	for _, many := range []struct {
		texts map[string]string
		to    map[string]steps
	}{{o.Metrics, f.figures}, {o.Values, f.values}} {
		for name, text := range many.texts {
			if many.to[name], err = parsePath(text); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func (f *fields) close() error { f.client.Close(); return nil }

func (f *fields) detail(name string) *wire.StrategyDetail { return f.books.detail(name) }

func (f *fields) read(ctx context.Context, now time.Time) (*Reading, error) {
	body, _, err := f.client.Do(ctx, fetch.Request{Types: jsonTypes})
	if err != nil {
		return nil, err
	}
	v, err := decoded(body)
	if err != nil {
		return nil, err
	}
	return f.take(v, now)
}

// take takes what was asked for out of an answer.
func (f *fields) take(v any, now time.Time) (*Reading, error) {
	out := &Reading{}
	if len(f.figures) > 0 {
		for _, item := range listAt(f.items, v) {
			f.strategy(item, now, out)
		}
		out.Open = openOf(out.Strategies)
	}
	if f.options.Components != "" {
		f.parts(f.components.at(v), out)
	}
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		if n := number(f.values[name].at(v)); n != nil {
			out.Gauges = append(out.Gauges, Gauge{Name: name, Value: *n})
		} else {
			out.Problems = append(out.Problems, fmt.Sprintf("there is no number at %s", f.options.Values[name]))
		}
	}
	if f.options.Work != "" {
		out.Work = number(f.work.at(v))
	}
	if len(out.Strategies) == 0 && len(out.Components) == 0 && len(out.Gauges) == 0 && out.Work == nil {
		return nil, &fetch.Error{Err: errNothing, Hint: "see what it answers with: curl " + f.options.URL}
	}
	return out, nil
}

// listAt is a list, or the one thing that stands there.
func listAt(p steps, v any) []any {
	switch x := p.at(v).(type) {
	case []any:
		return x
	case map[string]any:
		return []any{x}
	}
	return nil
}

func (f *fields) strategy(item any, now time.Time, out *Reading) {
	if len(out.Strategies) > MaxStrategies {
		out.LeftOut++
		return
	}
	name, _ := f.figures["name"].at(item).(string)
	s := wire.Strategy{Name: cmp.Or(printed(name), f.options.Strategy, f.options.Name), Origin: "told"}
	known := false
	for figure, path := range f.figures {
		if figure == "name" {
			continue
		}
		if n := number(path.at(item)); n != nil {
			set(&s, figure, *n)
			known = true
		}
	}
	if !known {
		return
	}
	if s.Equity != nil {
		f.books.mark(s.Name, f.options.Balance, now, *s.Equity)
		f.books.derive(&s)
	}
	finish(&s, f.options)
	out.Strategies = append(out.Strategies, s)
}

// parts are components: an object of statuses by name, or a list of objects with name and
// status.
func (f *fields) parts(v any, out *Reading) {
	take := func(name, status, reason string, count *uint64) {
		x := wire.Component{Name: printed(name), Count: count}
		if x.Status, x.Reason = word(status); reason != "" {
			x.Reason = reason
		}
		if x.Name != "" && len(out.Components) <= MaxComponents {
			out.Components = append(out.Components, x)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if o, ok := item.(map[string]any); ok {
				x := object(o)
				take(x.text("name"), x.text("status"), x.text("reason"), x.whole("count"))
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch x := v[name].(type) {
			case string:
				take(name, printed(x), "", nil)
			case bool:
				take(name, map[bool]string{true: "up", false: "down"}[x], "", nil)
			case map[string]any:
				o := object(x)
				take(name, o.text("status"), o.text("reason"), o.whole("count"))
			}
		}
	}
}
