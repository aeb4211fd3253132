package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trading"
)

// TestSourcesAndLogs asks a real server and follows a real file beside the beats of a machine
// of the tests: what they tell is shown, stored, and said in the journal.
func TestSourcesAndLogs(t *testing.T) {
	m := newMachine()
	var down atomic.Bool
	var requests atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"bots":[{"name":"momentum","profit":12.5,"n":40,"open":2}],"health":{"feed":"running","risk":"error: no data"},"requests":%d,"queue":7}`, requests.Load())
	}))
	defer web.Close()
	log := filepath.Join(t.TempDir(), "bot.log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d, _ := start(t, m, t.TempDir(), func(o *Options) {
		seldom(o)
		o.Config.Sources = []trading.Options{{Name: "bots", Kind: trading.KindJSON, URL: web.URL, Service: "leaky", Interval: 15 * time.Second, Timeout: 5 * time.Second, Balance: 1000,
			Items: "bots", Metrics: map[string]string{"name": "name", "profit": "profit", "trades": "n", "open": "open"}, Components: "health", Values: map[string]string{"bot_queue": "queue"}, Work: "requests"}}
		o.Config.Logs = []logs.Options{{Service: "leaky", File: log}}
	})
	if v := d.Strategies(); !v.Configured || len(v.Strategies) != 0 || !strings.Contains(v.Message, "was not asked yet") {
		t.Errorf("before it was asked: %+v", v)
	}
	pull := func() {
		s := d.outside.sources[0]
		s.Pull(t.Context(), m.Now())
		d.tellSource(s)
	}
	m.procs[2].private = leaking(40<<20, 200<<20)
	for range 240 { // 2 hours at two beats a minute
		requests.Add(300)
		pull()
		run(t, d, m, 1)
	}
	v := d.Strategies()
	if len(v.Strategies) != 1 || v.Strategies[0].Name != "momentum" || *v.Strategies[0].Profit != 12.5 || *v.Totals.Profit != 12.5 || v.Totals.OpenTrades != 2 {
		t.Errorf("%+v", v)
	}
	if x, ok := d.Strategy("bots", "momentum"); !ok || *x.Trades != 40 {
		t.Errorf("%+v", x)
	}
	if _, ok := d.Strategy("bots", "none"); ok {
		t.Error("a strategy that is not there")
	}
	core := d.Core()
	if len(core.Components) != 2 || core.Components[0].Status != "down" || core.Components[0].Name != "risk" || core.Components[1].Status != "up" {
		t.Errorf("%+v", core)
	}

	// Memory is held against what the program counts: 200 MiB an hour by 36,000 requests.
	detail, ok := d.Service("leaky")
	if !ok || detail.Work == nil || detail.Work.Counter != "requests" || *detail.Work.Count != float64(requests.Load()) || len(detail.Sources) != 1 {
		t.Fatalf("%+v", detail.Work)
	}
	verdict := detail.Instances[0].Verdicts[0]
	if !near(verdict.PerWork, 200*(1<<20)/36000.0, .05) {
		t.Errorf("%v bytes for each request, want %v; %+v", verdict.PerWork, 200*(1<<20)/36000.0, verdict)
	}
	if steady, _ := d.Service("steady"); steady.Work != nil || steady.Sources == nil && len(steady.Sources) > 0 {
		t.Errorf("%+v", steady.Work)
	}

	// All of it is stored, a point a minute.
	for name, want := range map[string]float64{"zol0_strategy_profit": 12.5, "zol0_strategy_trades_total": 40, "zol0_strategy_open_trades": 2, "zol0_source_up": 1, "zol0_source_open_trades": 2, "bot_queue": 7} {
		answer, err := history{d}.Series(t.Context(), api.SeriesQuery{Names: []string{name}, Match: map[string]string{"source": "bots"}, From: noon, To: m.Now().Truncate(time.Minute), Step: time.Minute, Columns: api.AllColumns, MaxSeries: 10})
		if err != nil || len(answer.Series) != 1 || len(answer.Series[0].Times) < 100 || answer.Series[0].Last[50] != want {
			t.Errorf("%s: %v, %+v", name, err, answer.Series)
		}
	}
	answer, err := history{d}.Series(t.Context(), api.SeriesQuery{Names: []string{"zol0_component_up"}, From: noon, To: m.Now().Truncate(time.Minute), Step: time.Minute, Columns: api.AllColumns, MaxSeries: 10})
	if err != nil || len(answer.Series) != 2 {
		t.Errorf("%v, %+v", err, answer.Series)
	}

	// The log: a line, and memory that ran out, which is told once.
	if err := os.WriteFile(log, []byte("2026-03-01 11:00:00,000 - bot - ERROR - MemoryError\nMemoryError: again\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := d.outside.followers[0]
	f.Step(m.Now())
	f.Step(m.Now().Add(5 * time.Second))
	if l := d.Logs(api.LogQuery{Service: "leaky", Limit: 10}); len(l.Lines) == 0 || l.Hint != "" || len(l.Sources) != 2 {
		t.Errorf("%+v", l)
	}
	down.Store(true)
	pull()
	pull()
	run(t, d, m, 1)
	down.Store(false)
	pull()
	run(t, d, m, 1)
	told := map[string]int{}
	if err := (history{d}).events(t.Context(), eventQuery{kinds: []string{"source", "oom"}}, func(e store.Event) bool {
		told[e.Kind+" "+strings.SplitN(e.Text, ":", 2)[0]]++
		return true
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"source The component risk of bots is down", "source The source bots does not answer", "source The source bots answers again.", "oom Its log tells of memory that ran out (python)"} {
		if told[want] != 1 {
			t.Errorf("%q is told %d times: %v", want, told[want], told)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestASlowSourceDoesNotDelayTheBeat runs beats while a source hangs.
func TestASlowSourceDoesNotDelayTheBeat(t *testing.T) {
	m := newMachine()
	hung := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, " ")
		w.(http.Flusher).Flush()
		close(hung)
		<-r.Context().Done()
	}))
	defer web.CloseClientConnections()
	d, _ := start(t, m, t.TempDir(), func(o *Options) {
		o.Config.Sources = []trading.Options{{Name: "slow", Kind: trading.KindJSON, URL: web.URL, Interval: time.Minute, Timeout: time.Minute, Values: map[string]string{"x": "y"}}}
	})
	ctx, cancel := context.WithCancel(t.Context())
	wait := d.askOutside(ctx)
	<-hung
	began := time.Now()
	run(t, d, m, 20)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("20 beats took %s", took)
	}
	if v := d.Strategies(); v.Configured {
		t.Errorf("%+v", v)
	}
	cancel()
	if err := wait(); err != nil {
		t.Error(err)
	}
}
