package api

import (
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/zol0/zol0/internal/exposition"
	"github.com/zol0/zol0/internal/store"
)

// figures are those of so many services.
type figures struct {
	*present
	many  int
	made  atomic.Int64
	asked atomic.Int64 // with instances
}

func (f *figures) Figures(instances bool) exposition.Input {
	f.made.Add(1)
	in := exposition.Input{Self: f.Self()}
	in.Self.Beat.Number = f.beat.Load()
	one := func(k store.Kind, labels ...store.Label) {
		o := exposition.Owner{Kind: k, Labels: labels}
		for c := range o.Values {
			o.Values[c] = math.NaN()
		}
		o.Values[0] = float64(f.beat.Load())
		in.Owners = append(in.Owners, o)
	}
	for i := range f.many {
		one(store.Service, store.Label{Name: "service", Value: strings.Repeat("s", i+1)})
	}
	if instances {
		f.asked.Add(1)
		one(store.Process, store.Label{Name: "service", Value: "s"}, store.Label{Name: "pid", Value: "7"})
	}
	return in
}

func TestMetricsAreMadeOncePerBeat(t *testing.T) {
	f := &figures{many: 100}
	s := newStage(t, func(s *stage, o *Options) { f.present = s.present; o.Figures = f })
	first := s.ask(t, "GET", "/metrics", "")
	if first.status != 200 || first.header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" || !strings.Contains(first.body, "\nzol0_service_private_bytes{service=\"s\"} 1\n") || strings.Contains(first.body, "pid=") {
		t.Fatalf("%d %v\n%s", first.status, first.header, first.body)
	}
	for range 20 {
		if again := s.ask(t, "GET", "/metrics", ""); again.body != first.body {
			t.Fatal("the answer changed within one beat")
		}
	}
	zipped := s.ask(t, "GET", "/metrics", "", "Accept-Encoding", "gzip")
	if zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) > len(first.body)/4 {
		t.Errorf("packed it is %d bytes of %d, %v", len(zipped.body), len(first.body), zipped.header)
	}
	if head := s.ask(t, "HEAD", "/metrics", ""); head.status != 200 || head.body != "" {
		t.Errorf("%+v", head)
	}
	tag := first.header.Get("ETag")
	if r := s.ask(t, "GET", "/metrics", "", "If-None-Match", tag); r.status != http.StatusNotModified {
		t.Errorf("%d for %s", r.status, tag)
	}
	for range 3 {
		if r := s.ask(t, "GET", "/metrics?instances=true", ""); !strings.Contains(r.body, `zol0_process_private_bytes{pid="7",service="s"} 1`) {
			t.Errorf("%s", r.body)
		}
	}
	if f.made.Load() != 2 || f.asked.Load() != 1 {
		t.Errorf("made %d times, %d with instances", f.made.Load(), f.asked.Load())
	}
	s.present.beat.Add(1)
	if r := s.ask(t, "GET", "/metrics?instances=false", "", "If-None-Match", tag); r.status != 200 || !strings.Contains(r.body, "zol0_self_http_requests_total 28") || !strings.Contains(r.body, "\nzol0_service_private_bytes{service=\"s\"} 2\n") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestMetricsThatThereAreNot(t *testing.T) {
	newStage(t).ask(t, "GET", "/metrics", "").refused(t, 404, CodeNotFound)
	f := &figures{}
	s := newStage(t, func(s *stage, o *Options) { f.present = s.present; o.Figures = f })
	s.ask(t, "GET", "/metrics?instances=maybe", "").refused(t, 400, CodeBadParameter)
	s.ask(t, "GET", "/metrics?pid=true", "").refused(t, 400, CodeUnknownParameter)
	s.ask(t, "POST", "/metrics", "").refused(t, 405, CodeMethodNotAllowed)
	s.present.beat.Store(0)
	s.ask(t, "GET", "/metrics", "").refused(t, 503, CodeNotReady)
	if f.made.Load() != 0 {
		t.Error("it was made before the first beat")
	}
}
