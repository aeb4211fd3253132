package api

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/wire"
)

// fullPast is a past of which everything is known.
type fullPast struct{ *past }

func (p fullPast) Series(_ context.Context, q SeriesQuery) (wire.SeriesAnswer, error) {
	v := made[wire.SeriesAnswer]()
	v.Series[0].Name = q.Names[0]
	return v, nil
}
func (p fullPast) Top(context.Context, TopQuery) (wire.Top, error) { return made[wire.Top](), nil }
func (p fullPast) Store(context.Context) (wire.StoreState, error) {
	return made[wire.StoreState](), nil
}
func (p fullPast) Journal(context.Context, JournalQuery) (wire.Journal, error) {
	return made[wire.Journal](), nil
}
func (p fullPast) Lives(context.Context, LivesQuery) (wire.Lives, error) {
	return made[wire.Lives](), nil
}
func (p fullPast) Marks(context.Context, MarksQuery) (wire.Marks, error) {
	return made[wire.Marks](), nil
}
func (p fullPast) Compare(context.Context, CompareQuery) (wire.Comparison, error) {
	return made[wire.Comparison](), nil
}

// TestOpenAPIAnswers holds what the server answers to what is said about it: where everything
// is known, and where next to nothing is.
func TestOpenAPIAnswers(t *testing.T) {
	doc := document(t)
	schemas := strictSchemas(t, doc)
	ofQueries := &stage{url: ofQueries(t)}
	known := newStage(t, func(s *stage, o *Options) { o.Monitor, o.History = full{s.present}, fullPast{s.past} })
	unknown := newStage(t)
	held := 0
	for path, item := range doc["paths"].(object) {
		for method, of := range item.(object) {
			answer, _ := of.(object)["responses"].(object)["200"].(object)
			content, _ := answer["content"].(object)
			if content[plainJSON] == nil || path == "/api/login" || path == "/api/session/state/{key}" || path == "/api/openapi.json" {
				continue // the ones that need more than an address are below
			}
			stages := []*stage{known, unknown}
			if strings.HasPrefix(path, "/api/v1") {
				stages = []*stage{ofQueries}
			}
			for _, s := range stages {
				address := strings.Replace(Route{Path: path}.filled(), "/label/bot/", "/label/service/", 1) + "?" + askedWith[path]
				what := strings.ToUpper(method) + " " + address
				r := s.ask(t, strings.ToUpper(method), address, "")
				if r.status != 200 || r.header.Get("Content-Type") != jsonType {
					t.Errorf("%s: %d %s", what, r.status, r.body)
					continue
				}
				held++
				schemas.hold(t, what, r.body, "paths", path, method, "responses", "200", "content", plainJSON, "schema")
			}
		}
	}
	if held < 50 {
		t.Errorf("only %d answers were held against their schemas", held)
	}
	for _, q := range []string{"1", `"x"`, "rate(zol0_service_cpu_seconds_total[5m])", "zol0_service_private_bytes[1m]"} {
		r := ofQueries.ask(t, "POST", "/api/v1/query", "query="+strings.ReplaceAll(q, "+", "%2B"), "Content-Type", "application/x-www-form-urlencoded")
		schemas.hold(t, q, r.body, "components", "schemas", "PrometheusValue")
	}
	c := closedStage(t)
	r := c.ask(t, "POST", "/api/login", `{"token":"`+c.viewer+`"}`, "Content-Type", "application/json")
	schemas.hold(t, "a login", r.body, "paths", "/api/login", "post", "responses", "200", "content", plainJSON, "schema")
	for _, r := range []reply{
		c.ask(t, "GET", "/api/self", ""), unknown.ask(t, "GET", "/api/services/none", ""), unknown.ask(t, "GET", "/api/series", ""),
		unknown.ask(t, "GET", "/api/nothing", ""), unknown.ask(t, "DELETE", "/api/self", ""), unknown.ask(t, "GET", "/api/processes/2/identity", ""),
	} {
		if r.status < 400 {
			t.Errorf("%+v", r)
		}
		schemas.hold(t, "an error", r.body, "components", "schemas", "Error")
	}
	for _, r := range []reply{ofQueries.ask(t, "GET", "/api/v1/query?query=)", ""), unknown.ask(t, "GET", "/api/v1/query?query=1", "")} {
		if r.status < 400 {
			t.Errorf("%+v", r)
		}
		schemas.hold(t, "an error of Prometheus", r.body, "components", "responses", "PrometheusError", "content", plainJSON, "schema")
	}
}

// TestOpenAPIOfTheDocumentation holds the examples of docs/api.md to the description.
func TestOpenAPIOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	schemas := strictSchemas(t, document(t))
	found := docsBlock.FindAllStringSubmatch(string(text), -1)
	for _, x := range found {
		method := "get"
		if x[1] != "" {
			method = strings.ToLower(x[1])
		}
		schemas.hold(t, x[2], x[3], "paths", x[2], method, "responses", "200", "content", plainJSON, "schema")
	}
	if len(found) < 3 {
		t.Errorf("only %d examples were found", len(found))
	}
	_, beat, there := strings.Cut(string(text), "event: beat\ndata: ")
	if !there {
		t.Fatal("there is no example of an event")
	}
	beat, _, _ = strings.Cut(beat, "\n")
	schemas.hold(t, "a beat", beat, "components", "schemas", "BeatNews")
	// The example of the description itself: each line is a part of it.
	_, lines, _ := strings.Cut(string(text), "$ curl -s http://127.0.0.1:8509/api/openapi.json ")
	lines, _, _ = strings.Cut(lines, "\n```")
	doc := document(t)
	rate := doc["components"].(object)["schemas"].(object)["Rate"].(object)["required"]
	n := doc["paths"].(object)["/api/top"].(object)["get"].(object)["parameters"].([]any)[2]
	for _, part := range []any{doc["openapi"], n, rate} {
		want, err := json.Marshal(part)
		if err != nil || !strings.Contains(lines, "\n"+string(want)) {
			t.Errorf("the example of /api/openapi.json has no line %s (%v)", want, err)
		}
	}
}
