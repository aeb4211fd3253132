package demo

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, address, path string) string {
	t.Helper()
	answer, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, text)
	}
	return string(text)
}

// TestEverythingIsReal starts the programs, holds what the core tells against its trades, and
// ends them.
func TestEverythingIsReal(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("NOT RUN: the demonstration: python3 is missing; on Debian: apt-get install python3")
	}
	d, err := Start(t.Context(), Options{Dir: t.TempDir(), Python: "python3", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			if err := d.Stop(); err != nil {
				t.Error(err)
			}
		}
	}()
	if len(d.Programs) != 4 {
		t.Fatalf("%d programs", len(d.Programs))
	}
	core := d.Programs[0]
	var told struct {
		Strategies []struct {
			Name        string
			TotalTrades int     `json:"total_trades"`
			NetProfit   float64 `json:"net_profit"`
		}
	}
	// The file and the answer are of one moment when no trade was closed in between.
	for try := 0; ; try++ {
		if err := json.Unmarshal([]byte(get(t, core.Address, "/api/analytics/strategy-performance")), &told); err != nil {
			t.Fatal(err)
		}
		profit, trades := tradesOf(t, d.trades)
		same := len(told.Strategies) == 2
		for _, s := range told.Strategies {
			same = same && trades[s.Name] == s.TotalTrades && math.Abs(profit[s.Name]-s.NetProfit) < 1e-6
		}
		if same {
			break
		}
		if try == 10 {
			t.Fatalf("the API tells %+v, the file has %v and %v", told, trades, profit)
		}
		time.Sleep(300 * time.Millisecond)
	}
	for _, p := range d.Programs {
		if text := get(t, p.Address, "/metrics"); !strings.Contains(text, "process_resident_memory_bytes") || !strings.Contains(text, "# TYPE") {
			t.Errorf("%s: %s", p.Service, text)
		}
		if text := get(t, p.Address, "/health"); !strings.Contains(text, `"ok"`) {
			t.Errorf("%s: %s", p.Service, text)
		}
	}
	for _, path := range []string{"/core/status", "/core/health", "/core/strategies", "/core/ai-models", "/core/system-metrics", "/api/health", "/api/environment/status", "/api/trading/status", "/api/trading/statistics", "/api/system/validation", "/api/bot/logs"} {
		if text := get(t, core.Address, path); !json.Valid([]byte(text)) {
			t.Errorf("%s: %s", path, text)
		}
	}
	// A component that is stopped is told to be, and goes on afterwards.
	for _, want := range []string{`"risk_management": {"status": "error: it was stopped"}`, `"risk_management": {"status": "active"}`} {
		answer, err := http.Post("http://"+core.Address+"/demo/fault", "text/plain", strings.NewReader("risk_management"))
		if err != nil || answer.Body.Close() != nil {
			t.Fatal(err)
		}
		if text := get(t, core.Address, "/core/status"); !strings.Contains(text, want) {
			t.Errorf("%s, want %s", text, want)
		}
	}
	config := d.Config()
	for _, want := range []string{"name: Leaky Dashboard", "url: http://" + core.Address, "work: app_page_loads_total", "kind: trades"} {
		if !strings.Contains(config, want) {
			t.Errorf("the configuration has no %q:\n%s", want, config)
		}
	}
	leaky := d.Programs[1]
	before := keys(t, leaky.Address)
	time.Sleep(2500 * time.Millisecond)
	if after := keys(t, leaky.Address); after <= before {
		t.Errorf("%d keys, and then %d: it does not leak", before, after)
	}
	var pids []int
	for _, p := range d.Programs {
		pids = append(pids, p.PID())
	}
	began := time.Now()
	stopped = true
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	if time.Since(began) > 10*time.Second {
		t.Errorf("it took %s to end", time.Since(began))
	}
	for _, pid := range pids {
		if _, err := os.Stat("/proc/" + strconv.Itoa(pid)); err == nil {
			t.Errorf("process %d is still there", pid)
		}
	}
}

func keys(t *testing.T, address string) int {
	t.Helper()
	var x struct{ Keys int }
	if err := json.Unmarshal([]byte(get(t, address, "/demo/keys")), &x); err != nil {
		t.Fatal(err)
	}
	return x.Keys
}

// tradesOf reads the file of trades, and holds each profit against its prices and fees.
func tradesOf(t *testing.T, path string) (profit map[string]float64, trades map[string]int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	profit, trades = map[string]float64{}, map[string]int{}
	for _, row := range rows[1:] {
		var v [5]float64
		for i, column := range []int{4, 5, 6, 7, 9} { // quantity, price, fee, profit, entry
			if v[i], err = strconv.ParseFloat(row[column], 64); err != nil {
				t.Fatal(err)
			}
		}
		if want := (v[1]-v[4])*v[0] - v[2]; math.Abs(want-v[3]) > 1e-9*max(1, v[0]*v[1]) {
			t.Errorf("%v: its profit is not that of its prices, %v", row, want)
		}
		profit[row[1]] += v[3]
		trades[row[1]]++
	}
	return profit, trades
}

// TestTheSameSeedIsTheSameMarket trades two pasts of one seed, and one of another.
func TestTheSameSeedIsTheSameMarket(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: the market of the demonstration: python3 is missing; on Debian: apt-get install python3")
	}
	dir := t.TempDir()
	if err := unpack(dir); err != nil {
		t.Fatal(err)
	}
	walk := func(seed string) string {
		c := exec.Command(python, "-c", "import sys; from market import Market\nm = Market("+seed+")\nfor _ in range(2000): p = m.step()\nprint(p)")
		c.Dir = dir
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if a, b, c := walk("7"), walk("7"), walk("8"); a != b || a == c {
		t.Errorf("%s %s %s", a, b, c)
	}
}

func TestWithoutPython(t *testing.T) {
	if _, err := Start(t.Context(), Options{Dir: t.TempDir(), Python: "no-such-python"}); err == nil || !strings.Contains(err.Error(), "Python 3.9") {
		t.Errorf("%v", err)
	}
}
