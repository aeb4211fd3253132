package api

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"
)

// LivesQuery asks for the lives of a service beside each other.
type LivesQuery struct {
	Service string
	Points  int // of each life at most
	Limit   int // lives at most
}

// MarksQuery asks for moments worth a line in a chart.
type MarksQuery struct {
	Kinds    []string // only these; empty: all
	Service  string   // empty: of all
	From, To time.Time
	Limit    int
}

// CompareQuery asks for two stretches of a service side by side.
type CompareQuery struct {
	Service       string
	Before, After StretchQuery
}

// StretchQuery is one of the two: all of a service in a stretch of time, or one life of
// one of its processes, where PID and Start name it and From and To may be zero.
type StretchQuery struct {
	From, To time.Time
	PID      int32
	Start    string
}

// LogQuery asks for lines of logs.
type LogQuery struct {
	Service string // empty: of all
	Level   string // this one and worse; empty: any
	After   uint64 // only those with a greater ID
	Limit   int
}

// Bounds of these queries.
const (
	// maxLives of at most maxLifePoints are what one chart can tell apart.
	maxLives      = 16
	maxLifePoints = 300
	// maxMarks in one chart would hide it.
	maxMarks = 500
	// maxLogLines is what a person scrolls through.
	maxLogLines = 1000
)

var (
	livesParameters   = []string{"points", "limit"}
	marksParameters   = []string{"service", "kind", "from", "to", "limit"}
	compareParameters = []string{
		"service", "before_from", "before_to", "before_pid", "before_start", "after_from", "after_to", "after_pid", "after_start", "format",
	}
	logsParameters     = []string{"service", "level", "limit", "after"}
	strategyParameters = []string{"source", "strategy"}
)

func livesQuery(service string, values url.Values) (LivesQuery, error) {
	q := LivesQuery{Service: service}
	var err error
	if q.Points, err = whole(values, "points", 120, maxLifePoints); err != nil {
		return q, err
	}
	q.Limit, err = whole(values, "limit", 6, maxLives)
	return q, err
}

func marksQuery(values url.Values, now time.Time) (MarksQuery, error) {
	q := MarksQuery{Service: values.Get("service")}
	var err error
	if q.From, q.To, err = stretch(values, "from", "to", now.Add(-24*time.Hour), now); err != nil {
		return q, err
	}
	if q.Kinds, err = list(values, "kind", maxKinds, word, "give kinds of marks with commas, such as start,deploy"); err != nil {
		return q, err
	}
	q.Limit, err = whole(values, "limit", 200, maxMarks)
	return q, err
}

// formats of a comparison.
const (
	formatJSON     = "json"
	formatMarkdown = "md"
	formatCSV      = "csv"
)

func compareQuery(values url.Values, now time.Time) (q CompareQuery, format string, err error) {
	if q.Service = values.Get("service"); q.Service == "" {
		return q, "", bad("service", "", "give the name of a service, as /api/services has it")
	}
	if q.Before, err = stretchQuery(values, "before", now); err != nil {
		return q, "", err
	}
	if q.After, err = stretchQuery(values, "after", now); err != nil {
		return q, "", err
	}
	switch format = values.Get("format"); format {
	case "":
		format = formatJSON
	case formatJSON, formatMarkdown, formatCSV:
	default:
		err = bad("format", format, "give json, md or csv")
	}
	return q, format, err
}

// stretchQuery reads one of two stretches: a life, a range of time, or a part of a life.
func stretchQuery(values url.Values, which string, now time.Time) (q StretchQuery, err error) {
	pid, err := whole(values, which+"_pid", 0, math.MaxInt32)
	if err != nil {
		return q, err
	}
	q.PID, q.Start = int32(pid), values.Get(which+"_start")
	if (q.PID == 0) != (q.Start == "") {
		missing := which + "_pid"
		if q.Start == "" {
			missing = which + "_start"
		}
		return q, bad(missing, "", "a life is named by both, as /api/services/{name}/lives has them")
	}
	if q.PID != 0 {
		q.From, q.To, err = open(values, which+"_from", which+"_to", now)
		return q, err
	}
	if values.Get(which+"_from") == "" {
		return q, bad(which+"_from", "", fmt.Sprintf("say when it begins, such as -24h, or name a life with %s_pid and %s_start", which, which))
	}
	q.From, q.To, err = stretch(values, which+"_from", which+"_to", now, now)
	return q, err
}

// levels of lines of logs, the mildest first.
var levels = [...]string{"debug", "info", "warning", "error", "critical"}

func logQuery(values url.Values) (LogQuery, error) {
	q := LogQuery{Service: values.Get("service"), Level: values.Get("level")}
	if q.Level != "" {
		known := false
		for _, l := range levels {
			known = known || l == q.Level
		}
		if !known {
			return q, bad("level", q.Level, "give debug, info, warning, error or critical")
		}
	}
	if text := values.Get("after"); text != "" {
		after, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return q, bad("after", text, "give the id of a line, or 0")
		}
		q.After = after
	}
	var err error
	q.Limit, err = whole(values, "limit", 100, maxLogLines)
	return q, err
}
