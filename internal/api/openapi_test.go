package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/exposition"
)

var update = flag.Bool("update", false, "write openapi.json and openapi.json.gz anew")

// maxDescription is what the description may take as text: it is in every binary, packed.
const maxDescription = 150_000

// TestOpenAPI holds the description to the routes, the shapes and the bounds of this package.
func TestOpenAPI(t *testing.T) {
	want := openAPI(t)
	if *update {
		var indented, zipped bytes.Buffer
		if err := json.Indent(&indented, want, "", " "); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(want); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		description = zipped.Bytes() // of this run too
		for name, content := range map[string][]byte{"openapi.json": indented.Bytes(), "openapi.json.gz": zipped.Bytes()} {
			if err := os.WriteFile(name, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	const stale = "%s is not what the routes and shapes say now: run go test ./internal/api -run OpenAPI -update"
	z, err := gzip.NewReader(bytes.NewReader(description))
	if err != nil {
		t.Fatal(err)
	}
	have, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf(stale, "openapi.json.gz")
	}
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil || compact.String()+"\n" != string(want) {
		t.Errorf(stale, "openapi.json")
	}
	if len(want) > maxDescription {
		t.Errorf("the description has %d bytes; let it have at most %d", len(want), maxDescription)
	}
}

// openAPI makes the description, compact.
func openAPI(t *testing.T) []byte {
	t.Helper()
	s := New(newStage(t).options)
	all, paths, seen := readShapes(t), object{}, map[string]bool{}
	for i := range s.routes {
		x := &s.routes[i]
		key := x.method + " " + x.path
		if slices.Contains(leftOut, key) {
			continue
		}
		of, ok := answers[key]
		if !ok {
			t.Fatalf("%s is not described: give it a line in answers (openapi_tables_test.go), or leave it out with the page's own", key)
		}
		seen[key] = true
		item, _ := paths[x.path].(object)
		if item == nil {
			item = object{}
			paths[x.path] = item
		}
		item[strings.ToLower(x.method)] = operation(t, x, of, all)
	}
	for key := range answers {
		if !seen[key] {
			t.Errorf("answers describes %s, which is no route", key)
		}
	}
	words, meanings := codes(t)
	all.reference("Error")
	all.reference("Login")
	all.used["Error"].(object)["properties"].(object)["code"] = object{"type": "string", "enum": words, "description": meanings}
	for name, schema := range ofPrometheus() {
		all.used[name] = schema
	}
	failure := func(schema object) object {
		return object{
			"description": "it could not be done", "content": object{plainJSON: object{"schema": schema}},
			"headers": object{"Retry-After": object{"description": "seconds, with 429 and 503", "schema": object{"type": "integer", "minimum": 1}}},
		}
	}
	mine, theirs := object{"$ref": "#/components/schemas/Error"}, object{"$ref": "#/components/schemas/PrometheusError"}
	var tags []any
	for _, tag := range [][2]string{
		{tagNow, "what the last beat found"}, {tagPast, "what the store knows"}, {tagDaemon, "the daemon itself"},
		{tagSession, "logins and the values of a browser's session"}, {tagProm, "Prometheus's own API and its shapes"},
	} {
		tags = append(tags, object{"name": tag[0], "description": tag[1]})
	}
	out, err := json.Marshal(object{
		"openapi": "3.1.0", "paths": paths, "tags": tags,
		"info": object{
			"title": "zol0", "version": "1", "license": object{"name": "MIT", "identifier": "MIT"},
			"description": "Services, memory and leaks of one machine. Names are snake_case with the unit at the end, times RFC 3339 in UTC, null is what was not measured. Unknown query parameters are refused outside /api/v1. HEAD works where GET does.",
		},
		"servers": []any{object{"url": "/"}},
		"components": object{
			"schemas":   all.used,
			"responses": object{"Error": failure(mine), "PrometheusError": failure(object{"anyOf": []any{theirs, mine}})},
			"securitySchemes": object{
				"bearer":      object{"type": "http", "scheme": "bearer", "description": "a token of zol0 token new, with a role"},
				"login":       object{"type": "apiKey", "in": "cookie", "name": loginCookie, "description": "the cookie of POST /api/login"},
				"password":    object{"type": "http", "scheme": "basic", "description": "a user of the web configuration: a viewer"},
				"certificate": object{"type": "mutualTLS", "description": "a client certificate, as the web configuration asks for: a viewer"},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

func operation(t *testing.T, x *route, of told, all *shapes) object {
	t.Helper()
	name := runtime.FuncForPC(reflect.ValueOf(x.handle).Pointer()).Name()
	name = strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "-fm")
	if of.tag == tagProm && x.method == "POST" && x.path != writePath {
		name += "ByForm"
	}
	out := object{"summary": x.meaning, "operationId": name, "tags": []any{of.tag}, "security": security(x.need)}
	if role := x.need.String(); role != "" {
		out["x-role"] = role
	}
	byForm := of.tag == tagProm && x.method == "POST" && len(x.parameters) > 0
	var list []any
	form, required := object{}, []any{}
	add := func(place, name string) {
		p, ok := described[x.path+" "+name]
		if !ok && of.tag == tagProm {
			p, ok = described["prometheus "+name]
		}
		if !ok {
			t.Fatalf("%s %s has a parameter %q that is not described: give it a line in described (openapi_tables_test.go)", x.method, x.path, name)
		}
		one := object{"name": name, "in": place, "description": p.meaning, "schema": p.schema}
		if p.required && !byForm {
			one["required"] = true
		}
		form[name] = p.schema
		if p.required {
			required = append(required, name)
		}
		list = append(list, one)
	}
	for _, found := range inPath.FindAllStringSubmatch(x.path, -1) {
		add("path", found[1])
	}
	for _, name := range x.parameters {
		add("query", name)
	}
	switch {
	case byForm: // in the address, in the body, or some in each
		out["description"] = "Parameters may stand in the address or in the body. Needed in either: " + strconv.Quote(joined(required)) + "."
		out["requestBody"] = object{"content": object{"application/x-www-form-urlencoded": object{"schema": object{"type": "object", "properties": form}}}}
	case of.body != nil:
		out["requestBody"] = object{"required": true, "content": of.body}
	}
	if list != nil {
		out["parameters"] = list
	}
	out["responses"] = responses(x, of, all)
	return out
}

func joined(all []any) string {
	var out []string
	for _, x := range all {
		out = append(out, x.(string))
	}
	return strings.Join(out, ", ")
}

// security are the ways to become who may call a route; the empty one is for daemons that
// ask nobody who they are.
func security(n need) []any {
	way := func(name string) object { return object{name: []any{n.String()}} }
	switch n {
	case viewers:
		return []any{way("bearer"), way("login"), way("password"), way("certificate"), object{}}
	case operators:
		return []any{way("bearer"), way("login")}
	case writers:
		return []any{way("bearer"), way("login"), object{}}
	}
	return []any{}
}

func responses(x *route, of told, all *shapes) object {
	failure := "Error"
	if of.tag == tagProm && x.path != writePath {
		failure = "PrometheusError"
	}
	out := object{"default": object{"$ref": "#/components/responses/" + failure}}
	if of.tagged {
		out["304"] = object{"description": "what If-None-Match names is still so"}
	}
	if of.answer == nothing && of.types == nil {
		out["204"] = object{"description": "it is done"}
		return out
	}
	content := object{}
	for _, kind := range append(slices.Clone(of.types), plainJSON)[:max(1, len(of.types))] {
		schema := object{"type": "string"}
		switch {
		case kind != plainJSON:
		case of.answer == "any":
			schema = object{}
		case strings.HasPrefix(of.answer, "Prometheus"):
			schema = object{"$ref": "#/components/schemas/" + of.answer}
		default:
			schema = all.reference(of.answer)
		}
		content[kind] = object{"schema": schema}
	}
	answer := object{"description": x.meaning, "content": content}
	if x.path == "/metrics" {
		answer["description"] = x.meaning + ": " + exposition.ContentType
	}
	if x.path == "/api/events" {
		answer["x-events"] = object{
			"beat": all.reference("BeatNews"), "dropped": object{"description": "messages were not read in time: the last event"}, "closing": object{"description": "the daemon ends: the last event"},
			"*": object{"$ref": all.reference("Event")["$ref"], "description": "what goes into the journal, under the name of its kind"},
		}
	}
	out["200"] = answer
	return out
}
