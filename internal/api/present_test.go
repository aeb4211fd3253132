package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/wire"
)

func TestOverviewIsOneBeat(t *testing.T) {
	s := newStage(t)
	s.ask(t, "POST", "/api/session/load", "")
	s.ask(t, "GET", "/api/store", "")
	first := s.ask(t, "GET", "/api/overview", "")
	var v wire.Overview
	first.into(t, &v)
	if v.ServiceTable.Beat != 1 || len(v.Services) != 2 || v.HostState.Host.Name != "machine" || v.Alerts.Status != "operational" || v.Alerts.Firing == nil || len(v.Logs.Lines) != 1 || v.Strategies.Configured || v.Strategies.Hint == "" || v.Core.Components == nil {
		t.Errorf("%s", first.body)
	}
	if v.Own.Version != "test" || v.Own.PageLoads != 1 || v.Own.CacheEntries != 1 || v.Own.MaxCacheEntries != 10 || s.present.logs[0] != (LogQuery{Limit: 10}) {
		t.Errorf("%+v, logs %+v", v.Own, s.present.logs)
	}
	for range 20 {
		if again := s.ask(t, "GET", "/api/overview", ""); again.body != first.body {
			t.Fatal("the answer changed within one beat")
		}
	}
	tag := first.header.Get("ETag")
	if r := s.ask(t, "GET", "/api/overview", "", "If-None-Match", tag); r.status != http.StatusNotModified || r.body != "" || r.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%+v", r)
	}
	s.ask(t, "GET", "/api/services", "")
	if n := s.present.encoded.Load(); n != 2 {
		t.Errorf("the table was made %d times in one beat; once for the overview and once for itself is enough", n)
	}
	s.present.beat.Add(1)
	if r := s.ask(t, "GET", "/api/overview", "", "If-None-Match", tag); r.status != 200 || r.header.Get("ETag") == tag || !strings.Contains(r.body, `"private_bytes":102`) {
		t.Errorf("after a beat: %d %s", r.status, r.body)
	}
	if strings.Contains(first.body, "<script") || strings.Contains(first.body, "<img") {
		t.Errorf("markup stands raw in the answer: %s", first.body)
	}
}

func TestProcessesAreMadeWhenAsked(t *testing.T) {
	s := newStage(t)
	s.ask(t, "GET", "/api/overview", "")
	if n := s.present.processes.Load(); n != 0 {
		t.Errorf("they were made %d times for nobody", n)
	}
	first := s.ask(t, "GET", "/api/processes", "")
	var v wire.ProcessTable
	first.into(t, &v)
	if len(v.Processes) != 1 || v.Beat != 1 {
		t.Errorf("%s", first.body)
	}
	s.ask(t, "GET", "/api/processes", "")
	if r := s.ask(t, "GET", "/api/processes", "", "If-None-Match", first.header.Get("ETag")); r.status != http.StatusNotModified {
		t.Errorf("%+v", r)
	}
	if n := s.present.processes.Load(); n != 1 {
		t.Errorf("they were made %d times in one beat", n)
	}
	s.present.beat.Add(1)
	if r := s.ask(t, "GET", "/api/processes", "", "If-None-Match", first.header.Get("ETag")); r.status != 200 || s.present.processes.Load() != 2 {
		t.Errorf("after a beat: %+v", r)
	}
}

func TestOneService(t *testing.T) {
	s := newStage(t)
	var v wire.ServiceDetail
	for path, name := range map[string]string{"bot": "bot", "a%2Fb%20c": "a/b c"} {
		s.ask(t, "GET", "/api/services/"+path, "").into(t, &v)
		if v.Service.Name != name || v.Limits == nil || v.Instances[0].Verdicts == nil {
			t.Errorf("%s: %+v", path, v)
		}
	}
	s.ask(t, "GET", "/api/services/nobody", "").refused(t, 404, CodeNoSuchService)
	s.ask(t, "GET", "/api/services/"+strings.Repeat("x", 5000), "").refused(t, 404, CodeNoSuchService)
	s.ask(t, "GET", "/api/services/bot?points=3", "").refused(t, 400, CodeUnknownParameter)
	var lives wire.Lives
	s.ask(t, "GET", "/api/services/a%2Fb%20c/lives?points=300", "").into(t, &lives)
	if q := s.past.lives[0]; q != (LivesQuery{"a/b c", 300, 6}) || lives.Lives[0].PID != 7 || lives.Lives[0].AgeSeconds == nil {
		t.Errorf("%+v answered %+v", q, lives)
	}
	s.ask(t, "GET", "/api/services/a%2Fb%20c/lives?points=300", "")
	s.ask(t, "GET", "/api/services/a%0Ab/lives", "").refused(t, 404, CodeNoSuchService)
	if len(s.past.lives) != 1 {
		t.Errorf("asked for %+v", s.past.lives)
	}
}

func TestIdentity(t *testing.T) {
	s := newStage(t)
	if r := s.ask(t, "GET", "/api/processes/1/identity", ""); r.status != 200 || !strings.Contains(r.body, `"why":"because"`) || !strings.Contains(r.body, `"steps":[]`) {
		t.Errorf("%+v", r)
	}
	s.ask(t, "GET", "/api/processes/3/identity", "").refused(t, 404, CodeNoSuchProcess)
	s.ask(t, "GET", "/api/processes/2/identity", "").refused(t, 500, CodeInternal)
	for _, pid := range []string{"0", "-1", "x", "2147483648", "99999999999999999999", "%0A"} {
		s.ask(t, "GET", "/api/processes/"+pid+"/identity", "").refused(t, 400, CodeBadParameter)
	}
}

func TestThePresent(t *testing.T) {
	s := newStage(t)
	var host wire.HostState
	s.ask(t, "GET", "/api/host", "").into(t, &host)
	var config wire.Config
	s.ask(t, "GET", "/api/config", "").into(t, &config)
	var alerts wire.Alerts
	s.ask(t, "GET", "/api/alerts", "").into(t, &alerts)
	if *host.CPUPercent != 12.5 || config.ElevatedBytes != 300_000_000 || config.Origins == nil || alerts.Checks == nil || alerts.Resolved == nil {
		t.Errorf("%+v, %+v, %+v", host, config, alerts)
	}
	var strategies wire.Strategies
	s.ask(t, "GET", "/api/strategies", "").into(t, &strategies)
	var core wire.Core
	s.ask(t, "GET", "/api/core", "").into(t, &core)
	if strategies.Configured || strategies.Message == "" || strategies.Strategies == nil || core.Configured || core.Hint == "" || core.Components == nil {
		t.Errorf("%+v, %+v", strategies, core)
	}
	var logs wire.Logs
	s.ask(t, "GET", "/api/logs?service=bot&level=error&after=18446744073709551615&limit=1000", "").into(t, &logs)
	if s.present.logs[0] != (LogQuery{"bot", "error", 1<<64 - 1, 1000}) || logs.Lines[0].Text != "<script>" || logs.Sources == nil {
		t.Errorf("%+v answered %+v", s.present.logs, logs)
	}
	for _, path := range []string{"overview", "host", "config", "alerts", "strategies", "core", "processes", "processes/1/identity"} {
		s.ask(t, "GET", "/api/"+path+"?from=now", "").refused(t, 400, CodeUnknownParameter)
	}
	s.present.beat.Store(0)
	for _, path := range []string{"overview", "host", "processes", "processes/1/identity", "services/bot"} {
		s.ask(t, "GET", "/api/"+path, "").refused(t, 503, CodeNotReady)
	}
}
