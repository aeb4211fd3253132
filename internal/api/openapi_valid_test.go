package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// document is the description as clients get it.
func document(t *testing.T) object {
	t.Helper()
	r := newStage(t).ask(t, "GET", "/api/openapi.json", "")
	if r.status != 200 || r.header.Get("Content-Type") != jsonType || r.header.Get("ETag") == "" {
		t.Fatalf("%d %v", r.status, r.header)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	return v.(object)
}

func TestOpenAPIIsSentAsItIsKept(t *testing.T) {
	s := newStage(t)
	r := s.ask(t, "GET", "/api/openapi.json", "", "Accept-Encoding", "gzip")
	if r.header.Get("Content-Encoding") != "gzip" || !bytes.Equal([]byte(r.body), description) {
		t.Errorf("%v: %d bytes", r.header, len(r.body))
	}
	if again := s.ask(t, "GET", "/api/openapi.json", "", "If-None-Match", r.header.Get("ETag")); again.status != 304 || again.body != "" {
		t.Errorf("%+v", again)
	}
	s.ask(t, "GET", "/api/openapi.json?v=3", "").refused(t, 400, CodeUnknownParameter)
}

// TestOpenAPIIsValid holds the description to the schema of the OpenAPI Initiative, and its
// own schemas to JSON Schema.
func TestOpenAPIIsValid(t *testing.T) {
	text, err := os.ReadFile("testdata/openapi-3.1-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	official, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://spec.openapis.org/oas/3.1/schema/2022-10-07", official); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("https://spec.openapis.org/oas/3.1/schema/2022-10-07")
	doc := document(t)
	if err := schema.Validate(doc); err != nil {
		t.Error(err)
	}
	// The test would be worth nothing if the schema took anything.
	delete(doc["paths"].(object)["/api/self"].(object)["get"].(object)["responses"].(object)["default"].(object), "$ref")
	if schema.Validate(doc) == nil {
		t.Error("a response without a description is taken for valid")
	}
}

// TestOpenAPIHasEveryRoute compares the description with the table of routes, without the
// code that makes the one of the other.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	doc := document(t)
	operations, ids := 0, map[any]bool{}
	for _, item := range doc["paths"].(object) {
		for _, of := range item.(object) {
			operations++
			if id := of.(object)["operationId"]; ids[id] {
				t.Errorf("two operations are called %v", id)
			} else {
				ids[id] = true
			}
		}
	}
	routes := New(newStage(t).options).Routes()
	if operations != len(routes)-len(leftOut) {
		t.Errorf("%d operations are described; there are %d routes, %d of them of the page", operations, len(routes), len(leftOut))
	}
	for _, x := range routes {
		item, _ := doc["paths"].(object)[x.Path].(object)
		of, found := item[strings.ToLower(x.Method)].(object)
		if page := slices.Contains(leftOut, x.Method+" "+x.Path); found == page {
			t.Errorf("%s %s is described: %v", x.Method, x.Path, found)
		}
		if !found {
			continue
		}
		var inQuery []string
		list, _ := of["parameters"].([]any)
		for _, p := range list {
			if p := p.(object); p["in"] == "query" {
				inQuery = append(inQuery, p["name"].(string))
			}
		}
		if role, _ := of["x-role"].(string); role != x.Role || !slices.Equal(inQuery, x.Parameters) || of["summary"] != x.Meaning {
			t.Errorf("%s %s: role %q, parameters %v", x.Method, x.Path, role, inQuery)
		}
		if ways := of["security"].([]any); (len(ways) == 0) != (x.Role == "") {
			t.Errorf("%s %s asks for %v", x.Method, x.Path, ways)
		}
	}
}

// asked is what routes must be asked with.
var askedWith = map[string]string{
	"/api/series":             "name=zol0_service_private_bytes",
	"/api/strategy":           "source=bot&strategy=x",
	"/api/compare":            "service=bot&before_from=-48h&after_from=-24h",
	"/api/v1/query":           "query=zol0_service_private_bytes",
	"/api/v1/query_range":     "query=zol0_service_private_bytes&start=1772442000&end=1772445600&step=300",
	"/api/v1/series":          "match[]=zol0_service_private_bytes",
	"/api/v1/query_exemplars": "query=x",
}

// TestOpenAPIBounds asks for each bound of a number, and for one beyond it.
func TestOpenAPIBounds(t *testing.T) {
	s, tried := newStage(t), 0
	for path, item := range document(t)["paths"].(object) {
		get, _ := item.(object)["get"].(object)
		list, _ := get["parameters"].([]any)
		for _, p := range list {
			p, schema := p.(object), p.(object)["schema"].(object)
			name := p["name"].(string)
			if p["in"] != "query" || strings.HasPrefix(path, "/api/v1") {
				continue
			}
			refuses := func(value string) bool {
				values, err := url.ParseQuery(askedWith[path])
				if err != nil {
					t.Fatal(err)
				}
				values.Set(name, value)
				r := s.ask(t, "GET", strings.ReplaceAll(path, "{name}", "bot")+"?"+values.Encode(), "")
				return r.status == 400 && strings.Contains(r.body, "the parameter "+name+" cannot")
			}
			check := func(value any, beyond bool) {
				tried++
				if got := refuses(fmt.Sprint(value)); got != beyond {
					t.Errorf("%s: %s=%v is refused: %v", path, name, value, got)
				}
			}
			if most, ok := schema["maximum"].(json.Number); ok {
				n, err := most.Int64()
				if err != nil {
					t.Fatal(err)
				}
				check(n, false)
				check(n+1, true)
			}
			if least, ok := schema["minimum"].(json.Number); ok {
				check(least, false)
				check(-1, true)
			}
			if all, ok := schema["enum"].([]any); ok {
				for _, one := range all {
					check(one, false)
				}
				check("nonsense", true)
			}
			if most, ok := schema["maxLength"].(json.Number); ok {
				n, err := most.Int64()
				if err != nil {
					t.Fatal(err)
				}
				check(strings.Repeat("x", int(n)+1), true)
			}
			if otherwise, ok := schema["default"]; ok {
				check(otherwise, false)
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d values were tried", tried)
	}
}

// full is a machine of which everything is known: every field has a value.
type full struct{ *present }

func (f full) Services() wire.ServiceTable { return beaten(made[wire.ServiceTable](), f) }
func (f full) Host() wire.HostState        { return made[wire.HostState]() }
func (f full) Processes() wire.ProcessTable {
	return made[wire.ProcessTable]()
}
func (f full) Service(string) (wire.ServiceDetail, bool)  { return made[wire.ServiceDetail](), true }
func (f full) Explain(int32) (service.Explanation, error) { return made[service.Explanation](), nil }
func (f full) Alerts() wire.Alerts                        { return made[wire.Alerts]() }
func (f full) Strategies() wire.Strategies                { return made[wire.Strategies]() }
func (f full) Core() wire.Core                            { return made[wire.Core]() }
func (f full) Strategy(string, string) (wire.StrategyDetail, bool) {
	return made[wire.StrategyDetail](), true
}
func (f full) Logs(LogQuery) wire.Logs { return made[wire.Logs]() }
func (f full) Own() wire.OwnState      { return made[wire.OwnState]() }
func (f full) Config() wire.Config     { return made[wire.Config]() }
func (f full) Self() wire.Self         { return made[wire.Self]() }

func beaten(v wire.ServiceTable, f full) wire.ServiceTable { v.Beat = f.Beat(); return v }

// made is a shape with a value in every field.
func made[T any]() (v T) {
	fillIn(reflect.ValueOf(&v).Elem())
	return v
}

func fillIn(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Unix(1772442000, 0).UTC()
		return
	case *json.RawMessage:
		*x = json.RawMessage(`{"a":1}`)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillIn(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fillIn(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(v.Field(i))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(1)
	default:
		panic("BUG: no value for a " + v.Kind().String())
	}
}

// strict are the schemas of the description, with no field beside those that they name.
type strict struct {
	*jsonschema.Compiler
}

func strictSchemas(t *testing.T, doc object) strict {
	t.Helper()
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if _, ok := v["properties"].(object); ok && v["type"] == "object" {
				v["additionalProperties"] = false
			}
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(doc)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("https://zol0.invalid/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return strict{c}
}

// hold validates a text against the schema at a pointer.
func (c strict) hold(t *testing.T, what, text string, pointer ...string) {
	t.Helper()
	at := ""
	for _, p := range pointer {
		at += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	schema, err := c.Compile("https://zol0.invalid/openapi.json#" + at)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Errorf("%s: %v: %.300s", what, err, text)
		return
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: %#v\n%.500s", what, err, text)
	}
}

// docsBlock is an example of docs/api.md whose answer is there as it came.
var docsBlock = regexp.MustCompile("(?s)\\$ curl -s (?:-X (\\w+) )?'?http://127\\.0\\.0\\.1:8509(/api/[\\w/]+)[^\n|]*\\| jq\n(.*?)\n```")
