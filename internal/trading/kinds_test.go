package trading

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// served answers paths with texts.
func served(t *testing.T, kind string, answers map[string]string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", kind)
		if strings.HasPrefix(text, "500 ") {
			w.WriteHeader(http.StatusInternalServerError)
			text = text[4:]
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return server
}

func is(v *float64, want float64) bool {
	return v != nil && math.Abs(*v-want) <= 1e-9*max(1, math.Abs(want))
}

func TestExposition(t *testing.T) {
	server := served(t, "application/openmetrics-text; version=1.0.0", map[string]string{"/metrics": `# TYPE bot_profit gauge
bot_profit{strategy="momentum",pair="BTC"} 12.5
bot_profit{strategy="grid"} -3
# TYPE bot_trades counter
bot_trades_total{strategy="momentum"} 40
bot_trades_total{strategy="grid"} 4
bot_wins{strategy="momentum"} 25
bot_equity{strategy="momentum"} 1100
bot_open{strategy="momentum"} 2
bot_open{strategy="grid"} 1
http_requests_total{path="/a"} 10
http_requests_total{path="/b"} 5
queue_length NaN
queue_depth{name="\x1b[31mred"} 7
# EOF
`})
	o := optionsOf(KindOpenMetrics, server.URL+"/metrics")
	o.Metrics = map[string]string{"profit": "bot_profit", "trades": "bot_trades_total", "wins": "bot_wins", "equity": "bot_equity", "open": "bot_open"}
	o.Keep, o.Work, o.Service = []string{"queue_*", "bot_open"}, "http_requests_total", "Bot"
	s := newSource(t, o)
	s.Pull(t.Context(), noon)
	all := s.Strategies()
	if len(all) != 2 || all[0].Name != "momentum" || all[1].Name != "grid" || all[0].Service != "Bot" || all[0].Source != "bot" {
		t.Fatalf("%+v; %+v", all, s.State())
	}
	m := all[0]
	if !is(m.Profit, 12.5) || !is(m.ProfitPercent, 1.25) || *m.Trades != 40 || !is(m.WinRate, 25.0/40) || !is(m.Equity, 1100) || !is(m.Expectancy, 12.5/40) || m.Sharpe != nil || m.Why["sharpe"] == "" {
		t.Errorf("%+v", m)
	}
	if g := all[1]; g.WinRate != nil || g.Why["expectancy"] != "too few to say" {
		t.Errorf("%+v", g)
	}
	reading, _ := s.Present(noon)
	if !is(reading.Work, 15) || *reading.Open != 3 || len(reading.Gauges) != 3 {
		t.Errorf("%+v", reading)
	}
	for _, g := range reading.Gauges {
		if g.Name == "queue_depth" && (g.Value != 7 || g.Labels[0][1] != "x1b[31mred" && strings.ContainsRune(g.Labels[0][1], 0x1b)) {
			t.Errorf("%+v", g)
		}
	}
	// Drawdown follows from the equity that was told.
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, "bot_equity{strategy=\"momentum\"} 990\n")
	})
	s.Pull(t.Context(), noon.Add(time.Minute))
	if m := s.Strategies()[0]; !is(m.MaxDrawdown, 110) || !is(m.MaxDrawdownPercent, 10) || !is(m.Profit, -10) || m.Origin != "equity" || len(m.Course.Times) != 2 || m.Course.Of != "equity" {
		t.Errorf("%+v", m)
	}
	if d := s.Detail("momentum"); d == nil || len(d.Course.Times) != 2 || s.Detail("none") != nil {
		t.Errorf("%+v", d)
	}
}

// coreAnswers are those of ZoL0's API, some of which fail as they do every day.
func coreAnswers() map[string]string {
	return map[string]string{
		"/core/status":                        `{"strategies":{"count":2,"status":"active","list":["a","b"]},"ai_models":{"count":0,"status":"unknown"},"trading_engine":{"status":"error: no ticks"},"timestamp":"2026-03-01T12:00:00Z"}`,
		"/core/system-metrics":                `{"cpu_percent":12.5,"memory":{"x":1},"uptime_hours":"3.5"}`,
		"/api/health":                         `{"service":"ZoL0","version":"2.1","data_source":"live"}`,
		"/api/trading/status":                 `{"success":true,"status":{"active":false,"error":"stopped by hand"}}`,
		"/api/analytics/strategy-performance": `{"success":true,"strategies":[{"name":"momentum","active":true,"total_trades":47,"winning_trades":30,"win_rate":63.8,"net_profit":2100.5,"max_drawdown":-8.2,"sharpe_ratio":1.4,"sortino_ratio":2.1,"profit_factor":1.9,"avg_trade_duration":"4h 23m","last_trade":"2026-03-01T11:00:00Z"},{"name":"\u001b[31mgrid","net_profit":"-5","total_trades":null,"win_rate":"x"},"junk",{"no":"name"}]}`,
		"/api/trading/statistics":             `{"success":true,"data_source":"live","statistics":{"active_positions":3}}`,
		"/api/environment/status":             `500 {"success":false,"error":"no environment"}`,
		"/api/system/validation":              `{"success":true,"validation":{"api":true,"database":false}}`,
		"/api/bot/logs":                       `{"success":true,"logs":[{"timestamp":"2026-03-01T11:59:00","level":"WARNING","message":"slow exchange"},{"message":""}]}`,
	}
}

func TestZol0(t *testing.T) {
	answers := coreAnswers()
	server := served(t, "application/json", answers)
	var lines []Line
	s, err := New(optionsOf(KindZol0, server.URL), NewDesk(), func(l []Line) { lines = append(lines, l...) })
	if err != nil {
		t.Fatal(err)
	}
	s.Pull(t.Context(), noon)
	state := s.State()
	if state.State != "partial" || !strings.Contains(state.Error, "/core/strategies: it answered 404") || state.Detail != "service ZoL0, version 2.1, data_source live" {
		t.Errorf("%+v", state)
	}
	parts := map[string]string{}
	for _, c := range s.Components(noon) {
		parts[c.Name] = c.Status + " " + c.Reason
	}
	for name, want := range map[string]string{"strategies": "up ", "ai_models": "unknown unknown", "trading_engine": "down error: no ticks", "trading": "down stopped by hand", "validation": "degraded not passed: database"} {
		if parts[name] != want {
			t.Errorf("%s is %q, want %q", name, parts[name], want)
		}
	}
	all := s.Strategies()
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	if m := all[0]; m.Name != "momentum" || !is(m.Profit, 2100.5) || !is(m.WinRate, .638) || !is(m.MaxDrawdownPercent, 8.2) || *m.AverageDurationSeconds != 4*3600+23*60 || m.Origin != "told" || *m.Losses != 17 || !is(m.ProfitPercent, 210.05) {
		t.Errorf("%+v", m)
	}
	if g := all[1]; !is(g.Profit, -5) || g.Trades != nil || g.WinRate != nil || strings.ContainsRune(g.Name, 0x1b) {
		t.Errorf("%+v", g)
	}
	if len(lines) != 1 || lines[0].Text != "slow exchange" || lines[0].Level != "warning" {
		t.Errorf("%+v", lines)
	}
	s.Pull(t.Context(), noon)
	if len(lines) != 1 {
		t.Errorf("what was told before is told again: %+v", lines)
	}
	reading, _ := s.Present(noon)
	if *reading.Open != 3 || len(reading.Gauges) != 2 || reading.Gauges[0].Name != "zol0_core_cpu_percent" {
		t.Errorf("%+v", reading)
	}
	o := optionsOf(KindZol0, server.URL)
	o.Only = []string{"components"}
	parted := newSource(t, o)
	parted.Pull(t.Context(), noon)
	if only, _ := parted.Present(noon); len(only.Components) == 0 || len(only.Strategies)+len(only.Gauges) > 0 || only.Open != nil {
		t.Errorf("%+v", only)
	}
	// A fallback is said to be one, and is no performance.
	answers["/api/trading/statistics"] = `{"success":true,"data_source":"fallback_data","statistics":{"total_trades":142,"total_pnl":1250,"win_rate":68.5,"active_positions":3}}`
	delete(answers, "/api/analytics/strategy-performance")
	s.Pull(t.Context(), noon)
	all = s.Strategies()
	if len(all) != 1 || all[0].Origin != "fallback" || !strings.HasPrefix(s.State().Caveat, "not real: the source says that its figures are a fallback") {
		t.Errorf("%+v, %+v", all, s.State())
	}
	if reading, _ := s.Present(noon); reading.Open != nil {
		t.Error("open positions of a fallback are taken for real")
	}
}

// bot is a server of freqtrade's shapes.
type bot struct {
	trades  []map[string]any
	logins  int
	token   string
	expired bool
	asked   []string
}

func (b *bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	b.asked = append(b.asked, path)
	switch path {
	case "token/login":
		if name, password, ok := r.BasicAuth(); !ok || name != "freqtrader" || password != "hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		b.logins++
		b.token = "access" + strconv.Itoa(b.logins)
		answer(map[string]string{"access_token": b.token, "refresh_token": "refresh"})
		return
	case "token/refresh":
		if r.Header.Get("Authorization") != "Bearer refresh" || b.expired {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		b.token = "refreshed"
		answer(map[string]string{"access_token": b.token})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+b.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch path {
	case "show_config":
		answer(map[string]any{"strategy": "SampleStrategy", "bot_name": "freqtrade", "state": "running", "version": "2026.2", "dry_run": true, "stake_currency": "USDT"})
	case "count":
		answer(map[string]any{"current": 2, "max": 5})
	case "performance":
		answer([]map[string]any{{"pair": "BTC/USDT", "profit_abs": 12.5, "count": 3}, {"pair": "", "profit_abs": 1}, {"pair": "x"}})
	case "status":
		answer([]map[string]any{{"trade_id": 9000, "is_open": true, "profit_abs": 1.5}, {"trade_id": 9001, "is_open": true, "profit_abs": -0.5}})
	case "sysinfo":
		answer(map[string]any{"cpu_pct": []float64{10, 30}, "ram_pct": 55.5})
	case "profit":
		answer(map[string]any{"profit_closed_coin": 1.0, "closed_trade_count": len(b.trades), "avg_duration": "2:33:45", "max_drawdown": .05})
	case "health":
		answer(map[string]any{"last_process_ts": noon.Add(-10 * time.Second).Unix()})
	case "logs":
		answer(map[string]any{"logs": [][]any{{"2026-03-01 12:00:00", 1772366400000.5, "freqtrade.worker", "INFO", "Bot heartbeat"}, {"x"}}})
	case "trades":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		page := b.trades[min(offset, len(b.trades)):min(offset+limit, len(b.trades))]
		answer(map[string]any{"trades": page, "trades_count": len(page), "offset": offset, "total_trades": len(b.trades)})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// closed is a closed trade as freqtrade tells it.
func closed(id int, profit float64) map[string]any {
	at := noon.AddDate(0, 0, id/40-60)
	return map[string]any{"trade_id": id, "is_open": false, "pair": "BTC/USDT", "strategy": "SampleStrategy", "open_timestamp": at.Add(-time.Hour).UnixMilli(), "close_timestamp": at.UnixMilli(),
		"open_rate": 100, "close_rate": 101, "amount": 2, "profit_abs": profit, "fee_open": .001, "fee_close": .001}
}

func TestFreqtrade(t *testing.T) {
	b := &bot{}
	want := 0.0
	for i := range 1203 {
		p := float64(i%7) - 2.5
		want += p
		b.trades = append(b.trades, closed(i+1, p))
	}
	server := httptest.NewServer(b)
	defer server.Close()
	t.Setenv("BOT_PASSWORD", "hunter2")
	o := optionsOf(KindFreqtrade, server.URL)
	o.Connection = fetch.Connection{Username: "freqtrader", PasswordVariable: "BOT_PASSWORD"}
	var lines []Line
	s, err := New(o, NewDesk(), func(l []Line) { lines = append(lines, l...) })
	if err != nil {
		t.Fatal(err)
	}
	check := func(trades int, profit float64) wire.Strategy {
		t.Helper()
		s.Pull(t.Context(), noon)
		all := s.Strategies()
		if len(all) != 1 || s.State().State != "ok" {
			t.Fatalf("%+v, %+v", all, s.State())
		}
		x := all[0]
		if x.Name != "SampleStrategy" || x.Origin != "trades" || *x.Trades != uint64(trades) || !is(x.Profit, profit) || x.Currency != "USDT" || *x.OpenTrades != 2 {
			t.Errorf("%+v, want %d trades and %v", x, trades, profit)
		}
		return x
	}
	x := check(1203, want)
	if x.Sharpe == nil || x.MaxDrawdown == nil || *x.AverageDurationSeconds != 3600 || !is(x.Fees, 1203*(.001*100*2+.001*101*2)) {
		t.Errorf("%+v", x)
	}
	if b.logins != 1 || len(lines) != 1 || lines[0].Text != "freqtrade.worker: Bot heartbeat" || !strings.Contains(s.State().Detail, "dry run") {
		t.Errorf("%d logins, %+v, %q", b.logins, lines, s.State().Detail)
	}
	told := map[string]float64{}
	reading, _ := s.Present(noon)
	for _, g := range reading.Gauges {
		told[g.Name] = g.Value
	}
	if len(told) != 4 || told["freqtrade_pair_profit"] != 12.5 || told["freqtrade_open_profit"] != 1 || told["freqtrade_host_cpu_percent"] != 20 || told["freqtrade_host_memory_percent"] != 55.5 {
		t.Errorf("%v", told)
	}
	// A token that ended is refreshed; a trade with a lesser number that is closed later counts once.
	b.token = "other"
	b.trades = slices.Insert(b.trades, 300, closed(1300, 10))
	check(1204, want+10)
	if b.logins != 1 {
		t.Errorf("%d logins, where a refresh was enough", b.logins)
	}
	b.token, b.expired = "another", true
	check(1204, want+10)
	if b.logins != 2 || len(lines) != 1 {
		t.Errorf("%d logins, %d lines", b.logins, len(lines))
	}
	if d := s.Detail("SampleStrategy"); len(d.Daily) != 31 || len(d.Monthly) != 3 || len(d.Course.Times) < 100 {
		t.Errorf("%d days, %d months", len(d.Daily), len(d.Monthly))
	}
	parts := s.Components(noon)
	if len(parts) != 2 || parts[0].Status != "up" || parts[1].Status != "up" {
		t.Errorf("%+v", parts)
	}
	t.Setenv("BOT_PASSWORD", "wrong")
	b.token = "x"
	s.Pull(t.Context(), noon)
	if st := s.State(); st.State != "dead" || !strings.Contains(st.Hint, "password") {
		t.Errorf("%+v", st)
	}
}

func TestFields(t *testing.T) {
	server := served(t, "application/json; charset=utf-8", map[string]string{"/": `{"data":{"bots":[{"id":"x","pnl":{"abs":"12.5"},"n":7},{"id":"y","pnl":{}}],"load":[1,2,3.5]},"requests":12345,"health":{"db":true,"feed":{"status":"stopped","count":2}}}`})
	o := optionsOf(KindJSON, server.URL)
	o.Items, o.Metrics, o.Components, o.Work = "data.bots", map[string]string{"name": "id", "profit": "pnl.abs", "trades": "n"}, "health", "requests"
	o.Values = map[string]string{"bot_load": "data.load[-]", "bot_first": ".data.load[0]", "bot_none": "data.none"}
	s := newSource(t, o)
	s.Pull(t.Context(), noon)
	reading, _ := s.Present(noon)
	all := s.Strategies()
	if len(all) != 1 || all[0].Name != "x" || !is(all[0].Profit, 12.5) || *all[0].Trades != 7 {
		t.Errorf("%+v", all)
	}
	if !is(reading.Work, 12345) || len(reading.Gauges) != 2 || reading.Gauges[1].Value != 3.5 || s.State().State != "partial" {
		t.Errorf("%+v", reading)
	}
	if parts := s.Components(noon); len(parts) != 2 || parts[0].Status != "up" || parts[1].Status != "down" || *parts[1].Count != 2 {
		t.Errorf("%+v", parts)
	}
	for _, path := range []string{"a..b", "a[", "a[x]", "a[-2]", "a[0]b", strings.Repeat("a.", 40) + "a"} {
		if CheckPath(path) == nil {
			t.Errorf("%q is taken for a path", path)
		}
	}
}

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trades.csv")
	o := optionsOf(KindTrades, "")
	o.File, o.Columns = path, map[string]string{"profit": "pnl"}
	s := newSource(t, o)
	s.Pull(t.Context(), noon)
	if st := s.State(); st.State != "dead" || st.Hint != "it is read as soon as it is there" {
		t.Errorf("%+v", st)
	}
	var text strings.Builder
	text.WriteString("time,strategy,symbol,side,quantity,price,fee,pnl,opened\n")
	sum := 0.0
	for i := range 100 {
		p := math.Round(math.Sin(float64(i))*1000) / 100
		sum += p
		fmt.Fprintf(&text, "%s,momentum,\"BTC, USDT\",sell,1,100,0.25,%v,%s\n", noon.AddDate(0, 0, i-100).Format(time.RFC3339), p, noon.AddDate(0, 0, i-101).Format(time.RFC3339))
	}
	text.WriteString("not a time,momentum,,,,,,5,\n2026-03-01T12:00:00Z,momentum,,,,,,x,\n")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Pull(t.Context(), noon)
	all := s.Strategies()
	if len(all) != 1 || *all[0].Trades != 100 || !is(all[0].Profit, sum) || !is(all[0].Fees, 25) || all[0].Sharpe == nil || *all[0].AverageDurationSeconds != 86400 || !is(all[0].Equity, 1000+sum) {
		t.Fatalf("%+v", all)
	}
	if st := s.State(); st.State != "partial" || !strings.Contains(st.Error, `2 lines are no trade; the last: pnl: "x" is no number`) {
		t.Errorf("%+v", st)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(`{"time":1772366400,"strategy":"grid","pnl":1.5}` + "\n")
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	s.Pull(t.Context(), noon)
	if all := s.Strategies(); len(all) != 2 || !is(all[0].Profit, 1.5) && !is(all[1].Profit, 1.5) {
		t.Errorf("%+v", all)
	}
}
