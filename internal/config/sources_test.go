package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func loadText(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zol0.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, func(string) (string, bool) { return "", false })
}

func TestSources(t *testing.T) {
	c, err := loadText(t, `
sources:
  - name: bot
    kind: openmetrics
    url: http://localhost:9100/metrics?format=text
    service: Bot
    interval: 30s
    timeout: 5s
    balance: 1000.5
    token_env: BOT_TOKEN
    header: X-API-Key
    metrics: {profit: bot_profit, open: bot_open}
    keep: [bot_*]
    work: bot_ticks_total
    only: [strategies, series]
  - {name: other, kind: json, url: "https://x.example", values: {load: "a.b[0]"}}
  - {name: file, kind: trades, file: /var/lib/trades.csv, columns: {profit: pnl}}
logs:
  - {service: Bot, file: /var/log/bot.log, zone: Europe/Warsaw}
  - {service: API, unit: api.service, name: the api}
  - {kernel: true}
`)
	if err != nil {
		t.Fatal(err)
	}
	o := c.Sources[0]
	if len(c.Sources) != 3 || o.Interval != 30*time.Second || o.Timeout != 5*time.Second || o.Balance != 1000.5 || o.Connection.TokenVariable != "BOT_TOKEN" ||
		o.Connection.Header != "X-API-Key" || o.Metrics["open"] != "bot_open" || o.Keep[0] != "bot_*" || o.Work == "" || !o.Wants("series") || o.Wants("components") {
		t.Errorf("%+v", c.Sources)
	}
	if c.Sources[1].Interval != defaultSourceInterval || c.Sources[2].Columns["profit"] != "pnl" {
		t.Errorf("%+v", c.Sources[1:])
	}
	if len(c.Logs) != 3 || c.Logs[0].Zone.String() != "Europe/Warsaw" || c.Logs[1].Title() != "the api" || c.Logs[2].Service != "host" || c.Logs[2].Title() != "kernel" {
		t.Errorf("%+v", c.Logs)
	}
	// The same file again is no difference; another log is one that needs a restart.
	again := *c
	if changed, restart := Diff(c, &again); len(changed)+len(restart) > 0 {
		t.Errorf("%v, %v", changed, restart)
	}
	again.Logs, again.Sources = again.Logs[:1], again.Sources[:2]
	if _, restart := Diff(c, &again); len(restart) != 2 || !strings.HasPrefix(restart[0], "sources:") || !strings.HasPrefix(restart[1], "logs:") {
		t.Errorf("%v", restart)
	}
}

func TestSourcesThatAreWrong(t *testing.T) {
	for text, says := range map[string]string{
		`{kind: zol0, url: "http://x"}`:                                                   "sources[0].name: a source without a name",
		`{name: a, url: "http://x"}`:                                                      "has no kind: write one of zol0, freqtrade",
		`{name: a, kind: x}`:                                                              `there is no kind of source "x"`,
		`{name: a, kind: zol0}`:                                                           "needs a url",
		`{name: a, kind: trades}`:                                                         "needs the file of trades",
		`{name: a, kind: trades, file: t.csv}`:                                            "sources[0].file",
		`{name: a, kind: zol0, file: /t, url: "http://x"}`:                                "has a url and no file",
		`{name: a, kind: zol0, url: "ftp://x"}`:                                           "no URL of http or https",
		`{name: a, kind: zol0, url: "http://user:hunter2@x"}`:                             "it holds a name or a password",
		`{name: a, kind: zol0, url: "http://x?api_key=hunter2"}`:                          "its query has a secret under api_key",
		`{name: a, kind: zol0, url: "http://x", interval: 1ms}`:                           "sources[0].interval",
		`{name: a, kind: zol0, url: "http://x", balance: -5}`:                             `"-5" is no balance`,
		`{name: a, kind: zol0, url: "http://x", token_env: "A B"}`:                        "no name of a variable",
		`{name: a, kind: zol0, url: "http://x", username: u}`:                             "a user needs a password",
		`{name: a, kind: zol0, url: "http://x", header: X}`:                               "a header needs the token",
		`{name: a, kind: zol0, url: "http://x", token_file: /t, token_env: T}`:            "has a secret twice",
		`{name: a, kind: zol0, url: "http://x", metrics: {profit: p}}`:                    "knows its figures by itself",
		`{name: a, kind: openmetrics, url: "http://x"}`:                                   "nothing of source",
		`{name: a, kind: openmetrics, url: "http://x", metrics: {gain: p}}`:               `there is no figure "gain"`,
		`{name: a, kind: openmetrics, url: "http://x", metrics: {profit: "a b"}}`:         "is no name of a metric",
		`{name: a, kind: openmetrics, url: "http://x", keep: ["[a"]}`:                     "is no pattern",
		`{name: a, kind: openmetrics, url: "http://x", work: w}`:                          "counts work, but of no service",
		`{name: a, kind: json, url: "http://x", values: {zol0_x: a}}`:                     "is no name for a metric",
		`{name: a, kind: json, url: "http://x", values: {x: "a["}}`:                       "is no place in a list",
		`{name: a, kind: json, url: "http://x", items: "a..b", metrics: {profit: p}}`:     "empty part",
		`{name: a, kind: trades, file: /t, columns: {gain: p}}`:                           `there is no column "gain"`,
		`{name: a, kind: zol0, url: "http://x", only: [all]}`:                             "is none of strategies",
		`{name: a, kind: zol0, url: [x]}`:                                                 "one value is wanted",
		`{name: a, kind: zol0, url: "http://x", color: red}`:                              "unknown key",
		"{name: a, kind: zol0, url: \"http://x\"}\n  - {name: a, kind: trades, file: /t}": "two sources named",
	} {
		_, err := loadText(t, "sources:\n  - "+text+"\n")
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the secret is in %v", err)
		}
	}
	for text, says := range map[string]string{
		`{service: a}`: "one of file, docker, unit and kernel", `{file: /a, unit: b, service: c}`: "one of file, docker, unit and kernel",
		`{file: /a}`: "whose lines are they?", `{service: a, unit: "--all"}`: "is no name of a unit", `{service: a, file: b.log}`: "logs[0].file",
		`{service: a, file: /b, zone: Nowhere}`: "Nowhere", "{service: a, file: /b}\n  - {service: c, file: /b}": "two logs named", `{service: [a], file: /b}`: "one value is wanted",
	} {
		if _, err := loadText(t, "logs:\n  - "+text+"\n"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	var many strings.Builder
	for i := range 33 {
		fmt.Fprintf(&many, "  - {name: s%d, kind: trades, file: /t}\n", i)
	}
	if _, err := loadText(t, "sources:\n"+many.String()); err == nil || !strings.Contains(err.Error(), "more than 32 sources") {
		t.Errorf("%v", err)
	}
}
