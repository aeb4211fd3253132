package api

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/units"
)

// Bounds of queries.
const (
	// MaxPoints is more than a screen has pixels across.
	MaxPoints = 2000
	// maxAnswerPoints bounds all series of one answer together: a day of 300 services in
	// steps of 10 min is 43,500 of them. 60,000 points with all columns are 4 MB of JSON.
	maxAnswerPoints = 60_000
	// maxSeries bounds them in number, for ranges with few points: as many as there are
	// services with series of their own (ARCHITECTURE.md).
	maxSeries = 300
	// maxNames is how many metrics may be asked for at once: all of one page.
	maxNames = 16
	// maxKinds of events may be asked for at once: all that there are, and some.
	maxKinds = 32
	// maxRange is a year, as long as the longest tier, and some.
	maxRange = 400 * 24 * time.Hour
	// maxTop and maxEvents are what a person looks through.
	maxTop    = 100
	maxEvents = 1000
	// maxTextBytes is for names of services and the like, maxListBytes for lists of names.
	maxTextBytes = 200
	maxListBytes = 1200
)

// SeriesQuery asks for the course of series.
type SeriesQuery struct {
	// Names of metrics, such as zol0_service_private_bytes: 1 to 16, each once.
	Names []string
	// Match holds labels that must have these values: service, pid, start. Empty: any.
	Match map[string]string
	// From is included and To is not. Both are multiples of Step, which is at least 1 s.
	From, To time.Time
	Step     time.Duration
	// Columns are those that the answer has.
	Columns Columns
	// MaxSeries is how many series the answer may have, of all names together; with more
	// it is truncated. No series has more points than there are steps between From and To.
	MaxSeries int
}

// Columns are which figures of each step were asked for.
type Columns struct{ Min, Mean, Max, Last bool }

// AllColumns is what holds where none were named.
var AllColumns = Columns{true, true, true, true}

// TopQuery asks which services grew most.
type TopQuery struct {
	Metric memory.Metric
	Since  time.Duration // back from To
	To     time.Time
	Limit  int
}

// JournalQuery asks for events, newest first.
type JournalQuery struct {
	Before int64 // only those with a lesser ID; 0 begins at the newest
	Limit  int
	// Kinds and Subject are what events must have; empty: any.
	Kinds   []string
	Subject string
	// From is included and To is not; zero: no bound.
	From, To time.Time
}

var (
	seriesParameters  = []string{"name", "service", "pid", "start", "source", "strategy", "from", "to", "step", "points", "columns"}
	topParameters     = []string{"metric", "since", "n"}
	journalParameters = []string{"kind", "subject", "from", "to", "limit", "before"}
)

// parameters reads the query of a request. Nothing is ignored: a misspelt parameter would
// otherwise be answered with something that was not asked for.
func parameters(r *http.Request, known []string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault(http.StatusBadRequest, CodeBadParameter, "escape special characters as %XX", "the query cannot be read")
	}
	for name, all := range values {
		if !slices.Contains(known, name) {
			return nil, fault(http.StatusBadRequest, CodeUnknownParameter, instead(known), "there is no parameter %q", clip(name))
		}
		if len(all) > 1 {
			return nil, bad(name, strings.Join(all, ", "), "give it once")
		}
		most := maxTextBytes
		if name == "name" {
			most = maxListBytes
		}
		if !printable(all[0], most) {
			return nil, bad(name, all[0], fmt.Sprintf("use at most %d bytes of printable text", most))
		}
	}
	return values, nil
}

// instead is what to do about a parameter that is not known.
func instead(known []string) string {
	if len(known) == 0 {
		return "leave it out: this has no parameters"
	}
	return "use " + strings.Join(known, ", ")
}

func printable(text string, most int) bool {
	return len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) })
}

func bad(name, value, hint string) *Error {
	return fault(http.StatusBadRequest, CodeBadParameter, hint, "the parameter %s cannot be %q", name, clip(value))
}

// whole reads a number between 1 and most.
func whole(values url.Values, name string, otherwise, most int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, bad(name, text, "give a number from 1 to "+strconv.Itoa(most))
	}
	return n, nil
}

func seriesQuery(values url.Values, now time.Time) (SeriesQuery, error) {
	q := SeriesQuery{Match: map[string]string{}}
	var err error
	if q.Names, err = names(values); err != nil {
		return q, err
	}
	if q.Columns, err = columns(values); err != nil {
		return q, err
	}
	for _, label := range []string{"service", "pid", "start", "source", "strategy"} {
		if v := values.Get(label); v != "" {
			q.Match[label] = v
		}
	}
	from, to, err := stretch(values, "from", "to", now.Add(-time.Hour), now)
	if err != nil {
		return q, err
	}
	points, err := whole(values, "points", MaxPoints, MaxPoints)
	if err != nil {
		return q, err
	}
	if text := values.Get("step"); text != "" {
		step, err := units.ParseDuration(text)
		if err != nil || step < time.Second || step > maxRange || step%time.Second != 0 {
			return q, bad("step", text, "give whole seconds, as in 30s, 5m or 1h")
		}
		if q.align(from, to, step) > MaxPoints {
			return q, fault(http.StatusBadRequest, CodeTooManyPoints, "let the step be "+units.Interval(fit(from, to, MaxPoints))+" or longer, or leave it out", "a step of %s makes more than %d points of that range", units.Interval(step), MaxPoints)
		}
	} else {
		q.align(from, to, fit(from, to, points))
	}
	q.MaxSeries = min(maxSeries, maxAnswerPoints/int(q.To.Sub(q.From)/q.Step))
	return q, nil
}

// align sets range and step, the range widened to whole steps: whoever asks again a little
// later asks for the same. It returns the number of points.
func (q *SeriesQuery) align(from, to time.Time, step time.Duration) int {
	q.From, q.Step = from.UTC().Truncate(step), step
	q.To = to.UTC().Truncate(step)
	if q.To.Before(to) {
		q.To = q.To.Add(step)
	}
	return int(q.To.Sub(q.From) / step)
}

// steps are those that people count in; beyond them there are whole days.
var steps = [...]time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400}

// fit is the shortest such step with which a range has at most so many points. One that
// touches two steps has two, however short it is.
func fit(from, to time.Time, points int) time.Duration {
	var q SeriesQuery
	points = max(points, 2)
	for _, s := range steps {
		if q.align(from, to, s*time.Second) <= points {
			return s * time.Second
		}
	}
	const day = 24 * time.Hour
	days := time.Duration(math.Ceil(float64(to.Sub(from)) / float64(day) / float64(points)))
	for q.align(from, to, days*day) > points {
		days++
	}
	return days * day
}

// metricName reports whether text can be the name of a metric in Prometheus's data model.
func metricName(text string) bool {
	for i, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != ""
}

// instant reads a time: RFC 3339, seconds since 1970, or a span before now such as -24h.
func instant(values url.Values, name string, otherwise, now time.Time) (time.Time, error) {
	const hint = "give a time such as 2026-03-01T12:00:00Z, seconds since 1970, or a span before now such as -24h"
	text := values.Get(name)
	switch {
	case text == "":
		return otherwise, nil
	case text == "now":
		return now, nil
	case text[0] == '-':
		span, err := units.ParseDuration(text[1:])
		if err != nil || span < 0 || span > maxRange {
			return now, bad(name, text, hint)
		}
		return now.Add(-span), nil
	}
	// The year 2286 is the last of ten digits: more are milliseconds.
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds >= 0 && seconds < 1e10) {
			return now, bad(name, text, hint)
		}
		return time.UnixMilli(int64(math.Round(seconds * 1000))), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Unix() < 0 || t.Unix() >= 1e10 {
		return now, bad(name, text, hint)
	}
	return t, nil
}

func topQuery(values url.Values, now time.Time) (TopQuery, error) {
	q := TopQuery{Metric: memory.Private, Since: 24 * time.Hour, To: now}
	if text := values.Get("metric"); text != "" {
		i := slices.IndexFunc(memory.Metrics[:], func(d memory.Description) bool {
			return d.Name == text || d.Name == text+"_bytes" || d.Name == text+"_seconds"
		})
		if i < 0 {
			return q, bad("metric", text, "give one of docs/formats.md, such as private_bytes, fds or threads")
		}
		q.Metric = memory.Metrics[i].Metric
	}
	if text := values.Get("since"); text != "" {
		since, err := units.ParseDuration(text)
		if err != nil || since < time.Minute || since > maxRange {
			return q, bad("since", text, "give a span from 1m to 400d, such as 24h")
		}
		q.Since = since
	}
	var err error
	q.Limit, err = whole(values, "n", 10, maxTop)
	return q, err
}

func journalQuery(values url.Values, now time.Time) (JournalQuery, error) {
	q := JournalQuery{Subject: values.Get("subject")}
	var err error
	if q.Limit, err = whole(values, "limit", 100, maxEvents); err != nil {
		return q, err
	}
	before, err := whole(values, "before", math.MaxInt, math.MaxInt)
	if err != nil {
		return q, err
	}
	if values.Get("before") != "" {
		q.Before = int64(before)
	}
	if q.Kinds, err = list(values, "kind", maxKinds, word, "give kinds of events with commas, such as verdict,restart"); err != nil {
		return q, err
	}
	q.From, q.To, err = open(values, "from", "to", now)
	return q, err
}
