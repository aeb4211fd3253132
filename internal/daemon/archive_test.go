package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// elsewhereOf is a daemon that writes to a hub and asks it for the past. What the hub is asked
// goes through away, which can be set to refuse.
func elsewhereOf(t *testing.T, m *machine) (d *Daemon, away *atomic.Bool, asked *atomic.Int64) {
	t.Helper()
	h, _ := start(t, m, t.TempDir(), func(o *Options) {
		aHub(o)
		o.Config.Memory.Budget = 200 << 20
	})
	server := api.New(api.Options{Monitor: h, History: history{h}, Memory: h, Cache: h.cache, Sessions: h.sessions, Receiver: h.receiver(), Now: h.clock.Now, Log: h.log, Query: h.queries})
	away, asked = new(atomic.Bool), new(atomic.Int64)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "the hub is being mended", http.StatusBadGateway)
			return
		}
		if !strings.HasSuffix(r.URL.Path, "/write") {
			asked.Add(1)
		}
		server.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	d, _ = start(t, m, t.TempDir(), func(o *Options) {
		seldom(o)
		e := &o.Config.Store.Engine
		e.Write, e.Read, e.Host, e.Instance, e.Spool = web.URL+"/api/v1/write", web.URL, "db1", "db1:8509", 32<<20
	})
	return d, away, asked
}

// deliverAll sends what waits.
func deliverAll(t *testing.T, d *Daemon) {
	t.Helper()
	for range 1000 {
		if d.elsewhere.writer.Counts().Records == 0 {
			return
		}
		if wait := d.elsewhere.writer.Step(t.Context(), d.clock.Now); wait > 0 && d.elsewhere.writer.Counts().Failed > 0 {
			t.Fatalf("%+v", d.elsewhere.writer.Counts())
		}
	}
	t.Fatal("it does not end")
}

// plain is a value as JSON knows it, so that differences can be named.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThePastIsTheSameFromAnEngine asks a hub and the own store for charts, lives, marks,
// comparisons and what grew, and then takes the hub away.
func TestThePastIsTheSameFromAnEngine(t *testing.T) {
	m := newMachine()
	d, away, asked := elsewhereOf(t, m)
	m.procs[2].private = leaking(40<<20, 20<<20)
	hours(t, d, m, 5)
	m.replace(2, 201, leaking(40<<20, 30<<20))
	replaced := m.Now()
	hours(t, d, m, 5)
	deliverAll(t, d)

	q := api.SeriesQuery{Names: []string{"zol0_service_private_bytes", "zol0_service_verdict"}, Match: map[string]string{"service": "leaky"}, From: noon, To: m.Now().Truncate(10 * time.Minute), Step: 10 * time.Minute, Columns: api.AllColumns, MaxSeries: 10}
	questions := map[string]func() (any, error){
		"series": func() (any, error) { v, err := history{d}.Series(t.Context(), q); v.Tier = ""; return v, err },
		"lives": func() (any, error) {
			return history{d}.Lives(t.Context(), api.LivesQuery{Service: "leaky", Points: 60, Limit: 6})
		},
		"marks": func() (any, error) {
			return history{d}.Marks(t.Context(), api.MarksQuery{From: noon, To: m.Now(), Limit: 100})
		},
		"compare": func() (any, error) {
			v, err := history{d}.Compare(t.Context(), api.CompareQuery{Service: "leaky", Before: api.StretchQuery{From: noon, To: replaced}, After: api.StretchQuery{From: replaced, To: m.Now()}})
			v.Before.Tier, v.After.Tier = "", ""
			return v, err
		},
	}
	own := map[string]any{}
	ask := func(which map[string]any) {
		t.Helper()
		for name, question := range questions {
			v, err := question()
			if err != nil {
				t.Fatal(name, err)
			}
			which[name] = plain(t, v)
		}
	}
	host := d.asking.host
	d.asking.host = ""
	ask(own)
	d.asking.host = host
	before := asked.Load()
	theirs := map[string]any{}
	ask(theirs)
	if asked.Load() < before+int64(len(questions)) || host != "db1" {
		t.Fatalf("the hub was asked %d times for %q", asked.Load()-before, host)
	}
	for name := range questions {
		sameWithin(t, name, theirs[name], own[name])
	}
	top := func() wire.Top {
		v, err := history{d}.Top(t.Context(), api.TopQuery{To: m.Now(), Since: 4 * time.Hour, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := top(); len(v.Services) == 0 || v.Services[0].Service != "leaky" || v.Services[0].GrowthPerHour == nil || !near(v.Services[0].GrowthPerHour, 30<<20, .02) {
		t.Errorf("what grew: %+v", v)
	}
	state := d.Self().Engine
	if state == nil || state.ReadError != "" || state.SentRecords == 0 || state.WaitingRecords != 0 || state.Host != "db1" || !state.Write || !state.Read {
		t.Errorf("the state is %+v", state)
	}

	// Without the hub the page is made of the own store, and it is said.
	away.Store(true)
	n := asked.Load()
	again := map[string]any{}
	ask(again)
	if v, err := (history{d}).Series(t.Context(), q); err != nil || v.Tier != "raw" {
		t.Errorf("tier %q: %v", v.Tier, err)
	}
	if !reflect.DeepEqual(again, own) || asked.Load() != n {
		t.Errorf("without the hub the past is another one, or it was asked")
	}
	run(t, d, m, 1)
	if state := d.Self().Engine; state.ReadError == "" || state.ReadErrorSince == nil || state.WaitingRecords == 0 || !strings.Contains(state.ReadError, "engine") {
		t.Errorf("the state without the hub is %+v", state)
	}
	said := ""
	if err := (history{d}).events(t.Context(), eventQuery{kinds: []string{"fault"}}, func(e store.Event) bool { said += e.Text; return true }); err != nil || !strings.Contains(said, "cannot ask the engine for the past") {
		t.Errorf("the journal says %q: %v", said, err)
	}
	// It is asked again after a rest, and then it is the hub's past once more.
	away.Store(false)
	m.pass(restAfter)
	ask(again)
	if asked.Load() == n {
		t.Error("the hub is not asked again")
	}
	if state := d.Self().Engine; state.ReadError != "" || state.FailedReads == 0 {
		t.Errorf("the state with the hub again is %+v", state)
	}
	// Whoever does not wait any more gets nothing, and it is not the engine's fault.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (history{d}).Series(gone, q); err == nil {
		t.Error("an answer for nobody")
	}
	if err, _, _ := d.asking.state(); err != nil {
		t.Errorf("the engine is blamed: %v", err)
	}
}

// sameWithin compares two answers; numbers may differ in the sixth digit, as sums do that were
// made in another order.
func sameWithin(t *testing.T, path string, a, b any) {
	t.Helper()
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			t.Errorf("%s: %v, want %v", path, a, b)
			return
		}
		for k := range x {
			sameWithin(t, path+"."+k, x[k], y[k])
		}
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			t.Errorf("%s: %d items, want %v", path, len(x), b)
			return
		}
		for i := range x {
			sameWithin(t, path+"[]", x[i], y[i])
		}
	case float64:
		within := 1e-6
		if strings.Contains(path, ".verdict.") {
			within = .01 // the last step of the processor time ends a sample earlier
		}
		if y, ok := b.(float64); !ok || !near(&x, y, within) && x != y {
			t.Errorf("%s: %v, want %v", path, a, b)
		}
	default:
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v, want %v", path, a, b)
		}
	}
}
