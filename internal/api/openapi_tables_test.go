package api

import (
	"math"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/session"
)

// told is what the table of routes does not say about a route: its part of the API and what it
// answers. answer is a shape of internal/wire, or one of the shapes of Prometheus below.
type told struct {
	tag, answer string
	types       []string // of the answer's content; nil: JSON
	tagged      bool     // has an ETag, and may be answered 304
	body        object   // of a request
}

const (
	tagNow, tagPast, tagDaemon, tagSession, tagProm = "present", "past", "daemon", "session", "prometheus"

	textType  = "text/plain"
	plainJSON = "application/json"
	nothing   = "" // 204
)

// leftOut are the routes of the page: addresses for people.
var leftOut = []string{
	"GET /", "GET /services/{name}", "GET /processes", "GET /compare", "GET /strategies", "GET /events", "GET /alerts", "GET /settings", "GET /self", "GET /help", "GET /assets/{file}",
}

// answers has a line for every other route.
var answers = map[string]told{
	"GET /api":                          {tag: tagDaemon, types: []string{textType}},
	"GET /api/openapi.json":             {tag: tagDaemon, answer: "any", tagged: true},
	"GET /-/healthy":                    {tag: tagDaemon, types: []string{textType}},
	"GET /-/ready":                      {tag: tagDaemon, types: []string{textType}},
	"GET /metrics":                      {tag: tagDaemon, types: []string{textType}, tagged: true},
	"GET /api/self":                     {tag: tagDaemon, answer: "Self"},
	"GET /api/overview":                 {tag: tagNow, answer: "Overview", tagged: true},
	"GET /api/services":                 {tag: tagNow, answer: "ServiceTable", tagged: true},
	"GET /api/services/{name}":          {tag: tagNow, answer: "ServiceDetail"},
	"GET /api/services/{name}/lives":    {tag: tagPast, answer: "Lives"},
	"GET /api/processes":                {tag: tagNow, answer: "ProcessTable", tagged: true},
	"GET /api/processes/{pid}/identity": {tag: tagNow, answer: "Explanation"},
	"GET /api/host":                     {tag: tagNow, answer: "HostState"},
	"GET /api/alerts":                   {tag: tagNow, answer: "Alerts"},
	"GET /api/logs":                     {tag: tagNow, answer: "Logs"},
	"GET /api/strategies":               {tag: tagNow, answer: "Strategies"},
	"GET /api/strategy":                 {tag: tagNow, answer: "StrategyDetail"},
	"GET /api/core":                     {tag: tagNow, answer: "Core"},
	"GET /api/config":                   {tag: tagDaemon, answer: "Config"},
	"GET /api/series":                   {tag: tagPast, answer: "SeriesAnswer"},
	"GET /api/marks":                    {tag: tagPast, answer: "Marks"},
	"GET /api/compare":                  {tag: tagPast, answer: "Comparison", types: []string{plainJSON, "text/markdown", "text/csv"}},
	"GET /api/top":                      {tag: tagPast, answer: "Top"},
	"GET /api/store":                    {tag: tagPast, answer: "StoreState"},
	"GET /api/journal":                  {tag: tagPast, answer: "Journal"},
	"GET /api/events":                   {tag: tagNow, types: []string{"text/event-stream"}},
	"GET /api/v1/query":                 {tag: tagProm, answer: "PrometheusValue"},
	"POST /api/v1/query":                {tag: tagProm, answer: "PrometheusValue"},
	"GET /api/v1/query_range":           {tag: tagProm, answer: "PrometheusValue"},
	"POST /api/v1/query_range":          {tag: tagProm, answer: "PrometheusValue"},
	"GET /api/v1/series":                {tag: tagProm, answer: "PrometheusSeries"},
	"POST /api/v1/series":               {tag: tagProm, answer: "PrometheusSeries"},
	"GET /api/v1/labels":                {tag: tagProm, answer: "PrometheusTexts"},
	"POST /api/v1/labels":               {tag: tagProm, answer: "PrometheusTexts"},
	"GET /api/v1/label/{name}/values":   {tag: tagProm, answer: "PrometheusTexts"},
	"GET /api/v1/metadata":              {tag: tagProm, answer: "PrometheusMetadata"},
	"GET /api/v1/query_exemplars":       {tag: tagProm, answer: "PrometheusNone"},
	"POST /api/v1/query_exemplars":      {tag: tagProm, answer: "PrometheusNone"},
	"GET /api/v1/status/buildinfo":      {tag: tagProm, answer: "PrometheusBuild"},
	"POST " + writePath:                 {tag: tagProm, body: object{"application/x-protobuf": object{"schema": object{"description": "remote write 1.0, packed with snappy"}}}},
	"POST /api/cache/clear":             {tag: tagDaemon, answer: "CacheCleared"},
	"POST /api/login":                   {tag: tagSession, answer: "Caller", body: object{plainJSON: object{"schema": object{"$ref": "#/components/schemas/Login"}}}},
	"POST /api/logout":                  {tag: tagSession, answer: nothing},
	"GET /api/session":                  {tag: tagSession, answer: "Session"},
	"POST /api/session/load":            {tag: tagSession, answer: "Session"},
	"POST /api/session/refresh":         {tag: tagSession, answer: "Session"},
	"GET /api/session/state/{key}":      {tag: tagSession, answer: "any"},
	"PUT /api/session/state/{key}":      {tag: tagSession, answer: nothing, body: object{plainJSON: object{"schema": object{"description": "any JSON of at most 1 KiB"}}}},
	"DELETE /api/session/state/{key}":   {tag: tagSession, answer: nothing},
}

// parameter is the shape of one: its schema, and whether it must be there.
type parameter struct {
	schema   object
	meaning  string
	required bool
}

func number(otherwise, most int, meaning string) parameter {
	schema := object{"type": "integer", "minimum": 1, "maximum": most}
	if otherwise > 0 {
		schema["default"] = otherwise
	}
	return parameter{schema, meaning, false}
}

func words(meaning string, most int) parameter {
	schema := object{"type": "string"}
	if most > 0 {
		schema["maxLength"] = most
	}
	return parameter{schema, meaning, false}
}

func moment(otherwise, meaning string) parameter {
	schema := object{"type": "string", "maxLength": maxTextBytes}
	if otherwise != "" {
		schema["default"] = otherwise
	}
	return parameter{schema, meaning + ": RFC 3339, seconds since 1970, now, or a span before now such as -24h", false}
}

func (p parameter) must() parameter { p.required = true; return p }

func oneOf(values []any, otherwise any, meaning string) parameter {
	schema := object{"type": "string", "enum": values}
	if otherwise != nil {
		schema["default"] = otherwise
	}
	return parameter{schema, meaning, false}
}

func metricWords() (all []any) {
	for _, d := range memory.Metrics {
		all = append(all, d.Metric.String())
	}
	return all
}

func levelWords() (all []any) {
	for _, l := range levels {
		all = append(all, l)
	}
	return all
}

var (
	promTime = object{"type": "string", "description": "seconds since 1970, or RFC 3339"}
	promSpan = object{"type": "string", "description": "seconds, or as in 5m"}
	promMost = object{"type": "integer", "minimum": 0, "default": 0}
)

// described has the parameters of routes: "PATH NAME", or "prometheus NAME" for all below /api/v1.
var described = map[string]parameter{
	"/metrics instances":                {object{"type": "string", "enum": []any{"true", "false"}, "default": "false"}, "true adds the series of process instances", false},
	"/api/services/{name} name":         words("of a service", 0).must(),
	"/api/services/{name}/lives name":   words("of a service", maxTextBytes).must(),
	"/api/services/{name}/lives points": number(120, maxLifePoints, "of each life at most"),
	"/api/services/{name}/lives limit":  number(6, maxLives, "lives at most"),
	"/api/processes/{pid}/identity pid": {object{"type": "integer", "minimum": 1, "maximum": math.MaxInt32}, "of a process", true},
	"/api/session/state/{key} key":      words("of a value, in printable text", session.MaxKeyBytes).must(),
	"/api/strategy source":              words("its source, as /api/strategies names it", maxTextBytes).must(),
	"/api/strategy strategy":            words("of a strategy", maxTextBytes).must(),
	"/api/logs service":                 words("only lines of this service", maxTextBytes),
	"/api/logs level":                   oneOf(levelWords(), nil, "lines of this level and worse"),
	"/api/logs limit":                   number(100, maxLogLines, "lines at most"),
	"/api/logs after":                   {object{"type": "integer", "minimum": 0}, "only lines after the one with this id", false},
	"/api/series name":                  words("metrics, with commas between them, each once, at most 16", maxListBytes).must(),
	"/api/series service":               words("label that must have this value", maxTextBytes),
	"/api/series pid":                   words("label that must have this value", maxTextBytes),
	"/api/series source":                words("label that must have this value: a source of the configuration", maxTextBytes),
	"/api/series strategy":              words("label that must have this value", maxTextBytes),
	"/api/series start":                 words("label that must have this value: tells the lives of one PID apart", maxTextBytes),
	"/api/series from":                  moment("-1h", "beginning; at most 400 days before the end"),
	"/api/series to":                    moment("now", "end, not included"),
	"/api/series step":                  words("whole seconds, as in 30s, 5m or 1h; left out: the shortest usual one that fits", maxTextBytes),
	"/api/series points":                number(MaxPoints, MaxPoints, "points of a series at most, where step is left out"),
	"/api/series columns":               words("some of min, mean, max, last with commas between them; left out: all", maxTextBytes),
	"/api/marks service":                words("only marks of this service", maxTextBytes),
	"/api/marks kind":                   words("only these kinds, with commas between them", maxTextBytes),
	"/api/marks from":                   moment("-24h", "beginning; at most 400 days before the end"),
	"/api/marks to":                     moment("now", "end, not included"),
	"/api/marks limit":                  number(200, maxMarks, "marks at most"),
	"/api/compare service":              words("the service", maxTextBytes).must(),
	"/api/compare before_from":          moment("", "beginning of the first stretch; required where no life is named"),
	"/api/compare before_to":            moment("", "its end; left out: now"),
	"/api/compare before_pid":           {object{"type": "integer", "minimum": 1, "maximum": math.MaxInt32}, "first stretch is of this life; with before_start", false},
	"/api/compare before_start":         words("label of that life", maxTextBytes),
	"/api/compare after_from":           moment("", "beginning of the second stretch; required where no life is named"),
	"/api/compare after_to":             moment("", "its end; left out: now"),
	"/api/compare after_pid":            {object{"type": "integer", "minimum": 1, "maximum": math.MaxInt32}, "second stretch is of this life; with after_start", false},
	"/api/compare after_start":          words("label of that life", maxTextBytes),
	"/api/compare format":               oneOf([]any{formatJSON, formatMarkdown, formatCSV}, formatJSON, "of the answer"),
	"/api/top metric":                   {object{"type": "string", "maxLength": maxTextBytes, "default": memory.Private.String(), "examples": metricWords()}, "of which the growth counts", false},
	"/api/top since":                    {object{"type": "string", "maxLength": maxTextBytes, "default": "24h"}, "span until now, from 1m to 400d", false},
	"/api/top n":                        number(10, maxTop, "services at most"),
	"/api/journal kind":                 words("only these kinds, with commas between them, at most 32", maxTextBytes),
	"/api/journal subject":              words("only what happened to this", maxTextBytes),
	"/api/journal from":                 moment("", "beginning; left out: no bound"),
	"/api/journal to":                   moment("", "end, not included; left out: no bound"),
	"/api/journal limit":                number(100, maxEvents, "events at most"),
	"/api/journal before":               {object{"type": "integer", "minimum": 1}, "only events before the one with this id", false},
	"/api/v1/label/{name}/values name":  words("of a label", 0).must(),
	"prometheus query":                  {object{"type": "string"}, "PromQL", true},
	"prometheus time":                   {promTime, "the moment; left out: now", false},
	"prometheus start":                  {promTime, "beginning", false},
	"prometheus end":                    {promTime, "end", false},
	"prometheus step":                   {promSpan, "between two values", true},
	"prometheus timeout":                {promSpan, "after which the query ends; at most 10 s", false},
	"prometheus lookback_delta":         {promSpan, "how old a sample may be; left out: 5m", false},
	"prometheus limit":                  {promMost, "how many at most; 0: all", false},
	"prometheus limit_per_metric":       {promMost, "meanings of a metric at most; 0: all", false},
	"prometheus metric":                 {object{"type": "string"}, "only this one", false},
	"prometheus stats":                  {object{"type": "string"}, "taken, and ignored", false},
	"prometheus match[]":                {object{"type": "array", "items": object{"type": "string"}}, "selectors of series, several at will", false},
	"/api/v1/query_range start":         {promTime, "beginning", true},
	"/api/v1/query_range end":           {promTime, "end", true},
	"/api/v1/series match[]":            {object{"type": "array", "items": object{"type": "string"}, "minItems": 1}, "selectors of series, at least one", true},
	"/api/v1/query_exemplars query":     {object{"type": "string"}, "taken, and ignored", false},
}
