package client

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Types of the answer to a query, as Prometheus names them.
const (
	Vector = "vector" // one value of each series
	Matrix = "matrix" // the course of each series
	Scalar = "scalar" // one value without a series
	String = "string"
)

// Point is a value at a moment, which is exact to the millisecond.
type Point struct {
	Time  time.Time
	Value float64 // NaN and infinite too
}

// QueriedSeries is one series of an answer, its points in their order.
type QueriedSeries struct {
	Labels map[string]string
	Points []Point // one in a vector, none in a scalar's place
}

// Name is the series as PromQL writes it, such as zol0_service_fds{service="nginx"}; what
// is not printable in it is escaped.
func (s *QueriedSeries) Name() string {
	var names []string
	for name := range s.Labels {
		if name != nameLabel {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = printable(name) + "=" + strconv.Quote(s.Labels[name])
	}
	metric := printable(s.Labels[nameLabel])
	if len(names) == 0 && metric != "" {
		return metric
	}
	return metric + "{" + strings.Join(names, ", ") + "}"
}

// nameLabel is the label that holds the name of the metric.
const nameLabel = "__name__"

// Metric is the name without labels, empty where a computation took it away.
func (s *QueriedSeries) Metric() string { return s.Labels[nameLabel] }

// Answer is what a query found. A scalar is a series without labels.
type Answer struct {
	Type            string // Vector, Matrix, Scalar or String
	Series          []QueriedSeries
	Text            string // of a String
	Result          json.RawMessage
	Warnings, Infos []string
}

// Instant asks a PromQL expression at a moment; the zero time is now.
func (c *Client) Instant(ctx context.Context, expression string, at time.Time) (Answer, error) {
	form := values{"query": {expression}}
	form.time("time", at)
	return c.query(ctx, "/api/v1/query", url.Values(form))
}

// Range asks it at every step from one moment to another.
func (c *Client) Range(ctx context.Context, expression string, from, to time.Time, step time.Duration) (Answer, error) {
	form := values{"query": {expression}}
	form.time("start", from)
	form.time("end", to)
	form.text("step", strconv.FormatFloat(step.Seconds(), 'f', -1, 64))
	return c.query(ctx, "/api/v1/query_range", url.Values(form))
}

// query sends a form: an expression may be longer than an address.
func (c *Client) query(ctx context.Context, path string, form url.Values) (Answer, error) {
	text, err := c.fetch(ctx, http.MethodPost, path, form)
	if err != nil {
		return Answer{}, err
	}
	a, err := parseAnswer(text)
	if err != nil {
		return Answer{}, c.foreign(err.Error())
	}
	return a, nil
}

// parseAnswer reads Prometheus's JSON.
func parseAnswer(text []byte) (a Answer, err error) {
	var all struct {
		Data struct {
			Type   string          `json:"resultType"`
			Result json.RawMessage `json:"result"`
		} `json:"data"`
		Warnings []string `json:"warnings"`
		Infos    []string `json:"infos"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return a, err
	}
	a = Answer{Type: all.Data.Type, Result: all.Data.Result, Warnings: all.Warnings, Infos: all.Infos}
	for _, notes := range [][]string{a.Warnings, a.Infos} {
		for i := range notes {
			notes[i] = printable(notes[i])
		}
	}
	switch a.Type {
	case Vector, Matrix:
		var series []struct {
			Labels map[string]string `json:"metric"`
			Value  *point            `json:"value"`
			Values []point           `json:"values"`
		}
		if err := json.Unmarshal(a.Result, &series); err != nil {
			return a, err
		}
		for i := range series {
			x := &series[i]
			if (x.Value == nil) == (a.Type == Vector) {
				return a, fmt.Errorf("a %s has a series without its value", a.Type)
			}
			if x.Value != nil {
				x.Values = []point{*x.Value}
			}
			points := make([]Point, len(x.Values))
			for k := range x.Values {
				if points[k], err = x.Values[k].point(); err != nil {
					return a, err
				}
			}
			a.Series = append(a.Series, QueriedSeries{x.Labels, points})
		}
	case Scalar:
		var p point
		if err := json.Unmarshal(a.Result, &p); err != nil {
			return a, err
		}
		one, err := p.point()
		if err != nil {
			return a, err
		}
		a.Series = []QueriedSeries{{nil, []Point{one}}}
	case String:
		var p point
		if err := json.Unmarshal(a.Result, &p); err != nil {
			return a, err
		}
		a.Text = printable(p.text)
	default:
		return a, fmt.Errorf("it answers a query with a %.40q", a.Type)
	}
	return a, nil
}

// point is a time and a text: [1760000000.5, "42"].
type point struct {
	seconds float64
	text    string
}

// UnmarshalJSON reads exactly two elements.
func (p *point) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts) != 2 {
		return fmt.Errorf("a point has %d parts, not a time and a value", len(parts))
	}
	if err := json.Unmarshal(parts[0], &p.seconds); err != nil {
		return err
	}
	return json.Unmarshal(parts[1], &p.text)
}

// maxSeconds is the year 9999, beyond which a time has no text.
const maxSeconds = 253402300799

func (p *point) point() (Point, error) {
	v, err := strconv.ParseFloat(p.text, 64)
	if err != nil || math.Abs(p.seconds) > maxSeconds {
		return Point{}, fmt.Errorf("no point: %v, %.40q", p.seconds, p.text)
	}
	return Point{time.UnixMilli(int64(math.Round(p.seconds * 1000))).UTC(), v}, nil
}
