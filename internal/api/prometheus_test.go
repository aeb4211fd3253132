package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	prometheus "github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/store"
)

// measured is the hour that the store of these tests has.
var measured = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// ofQueries is a server over a real store: an hour of two services, one of a hostile name.
func ofQueries(t *testing.T) string {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: measured})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // what it held goes with its directory
	var owners []store.OwnerID
	for _, name := range []string{"bot", "a\"b\\c\n<é>"} {
		l, err := store.NewLabels("service", name)
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.OwnerOf(store.Service, l, measured.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		owners = append(owners, id)
	}
	for at := measured; at.Before(measured.Add(time.Hour)); at = at.Add(5 * time.Second) {
		x := at.Sub(measured).Seconds()
		if err := s.Append(at, []store.Sample{
			{Series: store.SeriesOf(owners[0], store.Code(memory.Private)), Value: 1e6 + x},
			{Series: store.SeriesOf(owners[0], store.Code(memory.CPUTime)), Value: x / 8},
			{Series: store.SeriesOf(owners[1], store.Code(memory.Private)), Value: 7},
		}, nil); err != nil {
			t.Fatal(err)
		}
	}
	stage := newStage(t, func(_ *stage, o *Options) {
		o.Query, o.Version = query.New(s, query.Options{}), "1.2.3"
		o.Now = func() time.Time { return measured.Add(time.Hour) }
	})
	return stage.url
}

// TestTheOfficialClient asks everything that Prometheus's own Go client knows and we answer.
func TestTheOfficialClient(t *testing.T) {
	server := ofQueries(t)
	c, err := prometheus.NewClient(prometheus.Config{Address: server})
	if err != nil {
		t.Fatal(err)
	}
	api, ctx := v1.NewAPI(c), context.Background()
	end := measured.Add(time.Hour - 5*time.Second)

	v, warnings, _, err := api.Query(ctx, `zol0_service_private_bytes`, end)
	if vector, ok := v.(model.Vector); err != nil || len(warnings) > 0 || !ok || len(vector) != 2 || vector[0].Value+vector[1].Value != 1e6+3595+7 || !vector[0].Timestamp.Time().Equal(end) {
		t.Errorf("an instant: %v %v %v", v, warnings, err)
	}
	v, _, _, err = api.QueryRange(ctx, `rate(zol0_service_cpu_seconds_total[5m])`, v1.Range{Start: measured.Add(10 * time.Minute), End: end, Step: time.Minute})
	if m, ok := v.(model.Matrix); err != nil || !ok || len(m) != 1 || len(m[0].Values) != 50 || math.Abs(float64(m[0].Values[7].Value)-0.125) > 1e-9 {
		t.Errorf("a range: %v %v", v, err)
	}
	if v, _, _, err = api.Query(ctx, `1e-7`, end.Add(1500*time.Millisecond)); err != nil || v.String() != "scalar: 0.0000001 @[1772445596.5]" {
		t.Errorf("a scalar: %v %v", v, err)
	}
	if v, _, _, err = api.Query(ctx, `1/0`, end); err != nil || !math.IsInf(float64(v.(*model.Scalar).Value), 1) {
		t.Errorf("infinity: %v %v", v, err)
	}
	sets, _, _, err := api.Series(ctx, []string{`zol0_service_private_bytes`}, measured, end)
	if err != nil || len(sets) != 2 || string(sets[0]["service"]) != "a\"b\\c\n<é>" || sets[1]["__name__"] != "zol0_service_private_bytes" {
		t.Errorf("series: %v %v", sets, err)
	}
	if sets, warnings, _, err = api.Series(ctx, []string{`{service=~".+"}`}, measured, end, v1.WithLimit(1)); err != nil || len(sets) != 1 || len(warnings) != 1 {
		t.Errorf("limited: %v %v %v", sets, warnings, err)
	}
	if names, _, _, err := api.LabelNames(ctx, nil, measured, end); err != nil || fmt.Sprint(names) != "__name__, service" {
		t.Errorf("names: %v %v", names, err)
	}
	if values, _, _, err := api.LabelValues(ctx, "service", []string{`zol0_service_cpu_seconds_total`}, measured, end); err != nil || len(values) != 1 || values[0] != "bot" {
		t.Errorf("values: %v %v", values, err)
	}
	if values, _, _, err := api.LabelValues(ctx, "__name__", nil, measured, end); err != nil || len(values) != 2 {
		t.Errorf("names of metrics: %v %v", values, err)
	}
	if meaning, err := api.Metadata(ctx, "zol0_service_cpu_seconds_total", ""); err != nil || len(meaning) != 1 || meaning["zol0_service_cpu_seconds_total"][0].Type != v1.MetricTypeCounter {
		t.Errorf("metadata: %v %v", meaning, err)
	}
	// A test binary does not know its modules; see TestVersionOfTheEngine.
	if info, err := api.Buildinfo(ctx); err != nil || info.GoVersion == "" || info.Version != "" {
		t.Errorf("build: %+v %v", info, err)
	}
	if all, err := api.QueryExemplars(ctx, "up", measured, end); err != nil || len(all) != 0 {
		t.Errorf("exemplars: %v %v", all, err)
	}
	_, _, _, err = api.Query(ctx, `rate(`, end)
	var said *v1.Error
	if !asError(err, &said) || said.Type != v1.ErrBadData {
		t.Errorf("a mistake: %#v", err)
	}
	_, _, _, err = api.Query(ctx, `zol0_service_private_bytes + on() zol0_service_private_bytes`, end)
	if !asError(err, &said) || said.Type != v1.ErrExec {
		t.Errorf("what cannot be computed: %#v", err)
	}
}

func asError(err error, to **v1.Error) bool {
	e, ok := err.(*v1.Error) //nolint:errorlint // the client returns it as it is
	*to = e
	return ok
}

// TestErrorsOfQueries are Prometheus's: its status, its type, and words that name the parameter.
func TestErrorsOfQueries(t *testing.T) {
	server := ofQueries(t)
	long := strings.Repeat("1-", query.MaxText) + "1"
	for _, c := range []struct {
		method, path string
		form         url.Values
		status       int
		kind, words  string
	}{
		{"GET", "query", url.Values{}, 400, "bad_data", `invalid parameter "query"`},
		{"GET", "query", url.Values{"query": {"up{"}}, 400, "bad_data", `invalid parameter "query": 1:4: parse error`},
		{"GET", "query", url.Values{"query": {"up"}, "time": {"noon"}}, 400, "bad_data", `invalid parameter "time": cannot parse "noon" to a valid timestamp`},
		{"GET", "query", url.Values{"query": {"up"}, "timeout": {"x"}}, 400, "bad_data", `invalid parameter "timeout"`},
		{"GET", "query", url.Values{"query": {"up"}, "limit": {"-1"}}, 400, "bad_data", "limit must be non-negative"},
		{"POST", "query", url.Values{"query": {long}}, 400, "bad_data", "are the limit"},
		{"GET", "query_range", url.Values{"query": {"up"}, "start": {"0"}, "end": {"1"}}, 400, "bad_data", `invalid parameter "step"`},
		{"GET", "query_range", url.Values{"query": {"up"}, "start": {"0"}, "end": {"1"}, "step": {"0"}}, 400, "bad_data", "zero or negative query resolution step"},
		{"GET", "query_range", url.Values{"query": {"up"}, "start": {"2"}, "end": {"1"}, "step": {"1"}}, 400, "bad_data", "end timestamp must not be before start time"},
		{"GET", "query_range", url.Values{"query": {"up"}, "start": {"0"}, "end": {"11001"}, "step": {"1"}}, 400, "bad_data", "11,000 points"},
		{"POST", "query_range", url.Values{"query": {"max_over_time(vector(1)[10000d:1ms])"}, "start": {"1772442000"}, "end": {"1772445600"}, "step": {"10"}}, 422, "execution", "a subquery would have"},
		{"POST", "query", url.Values{"query": {"max_over_time(max_over_time(vector(1)[1y:1s])[1y:1m])"}}, 422, "execution", "a subquery would have"},
		{"POST", "query", url.Values{"query": {"count_over_time({service=~\".+\"}[100y]) + count_over_time(vector(1)[10d:1s])"}}, 422, "execution", "a subquery would have"},
		{"GET", "series", url.Values{}, 400, "bad_data", "no match[] parameter provided"},
		{"GET", "series", url.Values{"match[]": {"{}"}}, 400, "bad_data", "match[] must contain at least one non-empty matcher"},
		{"GET", "series", url.Values{"match[]": {"up"}, "start": {"2"}, "end": {"1"}}, 400, "bad_data", "end timestamp"},
		{"POST", "labels", url.Values{"match[]": {"up["}}, 400, "bad_data", "parse error"},
		{"GET", "metadata", url.Values{"limit": {"many"}}, 400, "bad_data", "limit must be a number"},
	} {
		var answer *http.Response
		var err error
		if at := server + "/api/v1/" + c.path; c.method == "GET" {
			answer, err = http.Get(at + "?" + c.form.Encode())
		} else {
			answer, err = http.PostForm(at, c.form)
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close() //nolint:errcheck // it was read
		var e struct{ Status, ErrorType, Error string }
		if err := json.Unmarshal(body, &e); err != nil || answer.StatusCode != c.status || e.Status != "error" || e.ErrorType != c.kind || !strings.Contains(e.Error, c.words) {
			t.Errorf("%s %s %.80v: %d %.300s, want %d %s %q", c.method, c.path, c.form, answer.StatusCode, body, c.status, c.kind, c.words)
		}
	}
}

func TestVersionOfTheEngine(t *testing.T) {
	for module, want := range map[string]string{"v0.316.0": "3.16.0", "v0.309.12": "3.9.12", "v0.55.1": "", "": "", "v0.316.0-rc.1": "3.16.0-rc.1"} {
		if got := prometheusVersion(module); got != want {
			t.Errorf("%q is %q, want %q", module, got, want)
		}
	}
}
