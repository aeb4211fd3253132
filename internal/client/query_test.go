package client

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answering is a client of a server that gives one answer and keeps what it was asked.
func answering(t *testing.T, status int, answer string) (c *Client, asked *string) {
	t.Helper()
	asked = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = r.Method + " " + r.URL.Path + " " + r.FormValue("query") + " " + r.FormValue("time") + r.FormValue("start") + " " + r.FormValue("end") + " " + r.FormValue("step")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if _, err := w.Write([]byte(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	c, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, asked
}

func TestQueriesAreSentAndRead(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 500e6, time.UTC)
	c, asked := answering(t, 200, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"a","b":"c\u001b","a":"x\"y"},"value":[1772359200.5,"+Inf"]},{"metric":{},"value":[1,"NaN"]}]},"warnings":["w\n"],"infos":["i"]}`)
	a, err := c.Instant(t.Context(), "a+b", at)
	if err != nil || a.Type != Vector || len(a.Series) != 2 || !a.Series[0].Points[0].Time.Equal(at) || !math.IsInf(a.Series[0].Points[0].Value, 1) || !math.IsNaN(a.Series[1].Points[0].Value) {
		t.Fatalf("%+v, %v", a, err)
	}
	if *asked != "POST /api/v1/query a+b 2026-03-01T10:00:00.5Z  " {
		t.Errorf("it was asked %q", *asked)
	}
	if name := a.Series[0].Name(); name != `a{a="x\"y", b="c\x1b"}` || a.Series[0].Metric() != "a" || a.Series[1].Name() != "{}" {
		t.Errorf("%s %s", name, a.Series[1].Name())
	}
	if a.Warnings[0] != "w?" || a.Infos[0] != "i" {
		t.Errorf("%q", a.Warnings)
	}
	c, asked = answering(t, 200, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a"},"values":[[1,"1"],[2,"2.5"]]}]}}`)
	a, err = c.Range(t.Context(), "a", at, at.Add(time.Hour), 90*time.Second)
	if err != nil || len(a.Series[0].Points) != 2 || a.Series[0].Points[1].Value != 2.5 || a.Series[0].Name() != "a" {
		t.Fatalf("%+v, %v", a, err)
	}
	if *asked != "POST /api/v1/query_range a 2026-03-01T10:00:00.5Z 2026-03-01T11:00:00.5Z 90" {
		t.Errorf("it was asked %q", *asked)
	}
	c, _ = answering(t, 200, `{"status":"success","data":{"resultType":"scalar","result":[3,"4"]}}`)
	if a, err = c.Instant(t.Context(), "4", time.Time{}); err != nil || a.Series[0].Points[0].Value != 4 {
		t.Errorf("%+v, %v", a, err)
	}
	c, _ = answering(t, 200, `{"status":"success","data":{"resultType":"string","result":[3,"t\u001b"]}}`)
	if a, err = c.Instant(t.Context(), `"t"`, time.Time{}); err != nil || a.Text != "t?" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestQueriesThatFail(t *testing.T) {
	c, _ := answering(t, 400, `{"status":"error","errorType":"bad_data","error":"parse \u001b error"}`)
	var e *Error
	if _, err := c.Instant(t.Context(), "a(", time.Time{}); !errors.As(err, &e) || e.Status != 400 || e.Code != "bad_data" || !strings.HasSuffix(e.Message, "parse ? error") {
		t.Errorf("%+v", e)
	}
	for _, answer := range []string{
		`{}`, `[]`, `{"data":{"resultType":"streams","result":[]}}`, `{"data":{"resultType":"vector","result":[{"metric":{}}]}}`, `{"data":{"resultType":"matrix","result":[{"metric":{},"value":[1,"1"]}]}}`,
		`{"data":{"resultType":"scalar","result":[1]}}`, `{"data":{"resultType":"scalar","result":[1e300,"1"]}}`, `{"data":{"resultType":"scalar","result":[1,"one"]}}`,
	} {
		c, _ := answering(t, 200, answer)
		if _, err := c.Instant(t.Context(), "a", time.Time{}); !errors.As(err, &e) || !strings.Contains(e.Message, "is no zol0 daemon") {
			t.Errorf("%s: %v", answer, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Instant(ctx, "a", time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// FuzzParseAnswer reads what a stranger at the address may send.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"1"]}]}}`))
	f.Add([]byte(`{"data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"1"],[2,"NaN"]]}]}}`))
	f.Add([]byte(`{"data":{"resultType":"scalar","result":[1,"1"]}}`))
	f.Add([]byte(`{"data":{"resultType":"string","result":[1,"x"]},"warnings":["y"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := parseAnswer(text)
		if err != nil {
			return
		}
		for i := range a.Series {
			if len(a.Series[i].Points) == 0 && a.Type != Matrix {
				t.Errorf("a %s without a value: %s", a.Type, text)
			}
			if name := a.Series[i].Name(); strings.ContainsAny(name, "\x1b\n\x00") {
				t.Errorf("%q", name)
			}
		}
	})
}
