package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/units"
)

// somewhere is an absolute path on the system of the test.
func somewhere(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

func TestDaemonWithoutAnyFile(t *testing.T) {
	home := t.TempDir()
	c, err := Load("", environment("HOME", home, "XDG_CONFIG_HOME", home, "LOCALAPPDATA", home, "PROGRAMDATA", home))
	if err != nil {
		t.Fatal(err)
	}
	want := Daemon{Listen: "127.0.0.1:8509", Data: c.Daemon.Data, Interval: 5 * time.Second, Protection: Protection{RateLimit: 100}}
	if c.Daemon != want || c.Store != (Store{512 << 20, 7 * day, 30 * day, 365 * day, Engine{Spool: 1 << 30}}) || c.Memory != (Memory{64 << 20}) {
		t.Errorf("%+v %+v %+v", c.Daemon, c.Store, c.Memory)
	}
	if dir, err := c.DataDir(); err != nil || !filepath.IsAbs(dir) || filepath.Base(dir) != "zol0" {
		t.Errorf("data in %q, %v", dir, err)
	}
	for _, s := range c.Settings() {
		if s.Origin != "default" || s.Changed {
			t.Errorf("%s comes from %s, changed %t", s.Key, s.Origin, s.Changed)
		}
	}
}

func TestFlagsGoOverTheEnvironmentOverTheFile(t *testing.T) {
	data := somewhere(t)
	path := write(t, "daemon:\n  listen: localhost:1\n  interval: 10s\nstore:\n  size: 1GiB\n  raw: 2w\nmemory: {budget: 100MB}\n")
	c, err := Load(path, environment("ZOL0_DAEMON_INTERVAL", "20s", "ZOL0_DAEMON_LISTEN", "localhost:2", "ZOL0_DAEMON_DATA", data,
		"ZOL0_STORE_SIZE", "2GiB", "ZOL0_STORE_RAW", "3d", "ZOL0_STORE_MINUTES", "4w", "ZOL0_STORE_HOURS", "2y", "ZOL0_MEMORY_BUDGET", "48MiB"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(Flag{"--listen", "daemon.listen", "[::1]:3"}); err != nil {
		t.Fatal(err)
	}
	if c.Daemon != (Daemon{Listen: "[::1]:3", Data: data, Interval: 20 * time.Second, Protection: Protection{RateLimit: 100}}) || c.Store != (Store{2 << 30, 3 * day, 28 * day, 730 * day, Engine{Spool: 1 << 30}}) || c.Memory != (Memory{48 << 20}) {
		t.Errorf("%+v %+v %+v", c.Daemon, c.Store, c.Memory)
	}
	origins := make(map[string]string)
	for _, s := range c.Settings() {
		origins[s.Key] = s.Value + " from " + s.Origin
	}
	for key, want := range map[string]string{
		"daemon.listen": "[::1]:3 from --listen", "daemon.interval": "20s from ZOL0_DAEMON_INTERVAL", "daemon.data": data + " from ZOL0_DAEMON_DATA",
		"store.hours": "2y from ZOL0_STORE_HOURS", "thresholds.high": "500 MB from default", "memory.budget": "50.3 MB from ZOL0_MEMORY_BUDGET",
	} {
		if origins[key] != want {
			t.Errorf("%s is %s, want %s", key, origins[key], want)
		}
	}
	c, err = Load(path, environment())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Settings()[5]; got != (Setting{"daemon.listen", "localhost:1", path + ":2", true}) {
		t.Errorf("%+v", got)
	}
}

func TestListenTakesWhatAServerTakes(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:8509": "", ":8509": "", "0.0.0.0:80": "", "localhost:65535": "", "127.0.0.1:0": "", "[::1]:8509": "", "[::]:8509": "",
		"[fe80::1%eth0]:8509": "", "monitor.example.org:8509": "", "my_host:1": "",
	} {
		if want == "" {
			want = in
		}
		if got, err := parseListen(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// Every mistake in the daemon's keys, word for word. FILE is the path of the file.
func TestMistakesOfTheDaemon(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"daemon:\n  listen: 127.0.0.1\n", `FILE:2: daemon.listen: "127.0.0.1" is no host:port: missing port in address`, "like 127.0.0.1:8509"},
		{"daemon:\n  listen: 8509\n", `FILE:2: daemon.listen: "8509" is no host:port: missing port in address`, "like 127.0.0.1:8509"},
		{"daemon:\n  listen: ::1:8509\n", `FILE:2: daemon.listen: "::1:8509" is no host:port: too many colons in address`, `"[::1]:8509"`},
		{"daemon:\n  listen: 127.0.0.1:65536\n", `FILE:2: daemon.listen: "127.0.0.1:65536": "65536" is no port`, "from 1 to 65535"},
		{"daemon:\n  listen: 127.0.0.1:-1\n", `FILE:2: daemon.listen: "127.0.0.1:-1": "-1" is no port`, "from 1 to 65535"},
		{"daemon:\n  listen: '127.0.0.1:'\n", `FILE:2: daemon.listen: "127.0.0.1:": "" is no port`, "from 1 to 65535"},
		{"daemon:\n  listen: localhost:http\n", `FILE:2: daemon.listen: "localhost:http": "http" is no port`, "from 1 to 65535"},
		{"daemon:\n  listen: http://localhost:1\n", `FILE:2: daemon.listen: "http://localhost:1" is no host:port: too many colons in address`, "like 127.0.0.1:8509"},
		{"daemon:\n  listen: \"a\\eb:1\"\n", `FILE:2: daemon.listen: "a\x1bb:1": "a\x1bb" is no address and no name of a host`, "like 127.0.0.1:8509"},
		{"daemon:\n  listen: [a, b]\n", `FILE:2: daemon.listen: one value is wanted, not a list or a block`, "quotes"},
		{"daemon:\n  listen: [::1]:8509\n", `FILE:2: value is not allowed in this context`, `quotes, like "[::1]:8509"`},
		{"daemon:\n  listen: *:8509\n", `FILE:2: could not find alias ":8509"`, "put an address in quotes"},
		{"daemon:\n  data: var/lib\n", `FILE:2: daemon.data: "var/lib" is no absolute path`, "whole path"},
		{"daemon:\n  data: \"/a\\tb\"\n", `FILE:2: daemon.data: "/a\tb" holds characters that do not print`, "without them"},
		{"daemon:\n  receive: perhaps\n", `FILE:2: daemon.receive: "perhaps" is neither true nor false`, "write true"},
		{"daemon:\n  interval: 5\n", `FILE:2: daemon.interval: "5" is no span of time: write a number and a unit, like 90s, 5m, 36h, 7d, 4w or 1y`, "from 1s to 5m"},
		{"daemon:\n  interval: 500ms\n", `FILE:2: daemon.interval: "500ms" is less than 1s`, "from 1s to 5m"},
		{"daemon:\n  interval: 6m\n", `FILE:2: daemon.interval: "6m" is more than 5m`, "from 1s to 5m"},
		{"daemon:\n  port: 8509\n", `FILE:2: unknown key "port"`, "config init"},
		{"store:\n  size: 8MiB\n", `FILE:2: store.size: "8MiB" is less than 16MiB`, "16MiB or more"},
		{"store:\n  size: a lot\n", `FILE:2: store.size: "a lot" is no amount of memory: write a number and a unit, like 300MB, 1.5GB or 64MiB`, "like 300MB"},
		{"store:\n  raw: 12h\n", `FILE:2: store.raw: "12h" is less than 1d`, "from 1d to 50y"},
		{"store:\n  hours: 60y\n", `FILE:2: store.hours: "60y" is more than 50y`, "from 1d to 50y"},
		{"store:\n  raw: 7d\n  minutes: 5d\n", `FILE:3: store.minutes: 5d is shorter than store.raw (7d, FILE:2)`, "set store.minutes to 7d or more, or store.raw to 5d or less"},
		{"store:\n  minutes: 5d\n", `FILE:2: store.minutes: 5d is shorter than store.raw (7d, default)`, "set store.minutes to 7d or more"},
		{"store:\n  raw: 60d\n", `FILE:2: store.raw: 60d is longer than store.minutes (30d, default)`, "set store.minutes to 60d or more, or store.raw to 30d or less"},
		{"store:\n  hours: 2w\n", `FILE:2: store.hours: 14d is shorter than store.minutes (30d, default)`, "set store.hours to 30d or more"},
		{"memory:\n  budget: 20MiB\n", `FILE:2: memory.budget: "20MiB" is less than 24MiB`, "24MiB or more"},
	} {
		path := write(t, c.text)
		_, err := Load(path, environment())
		var own *Error
		if !errors.As(err, &own) {
			t.Errorf("%q: %v, want a config.Error", c.text, err)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), path, "FILE"); got != c.want || !strings.Contains(own.Hint, c.hint) {
			t.Errorf("%q:\n got %s\nwant %s\nwith hint %q, want %q", c.text, got, c.want, own.Hint, c.hint)
		}
	}
}

func TestMistakesOfEnvironmentAndFlags(t *testing.T) {
	for variable, c := range map[string][2]string{
		"ZOL0_DAEMON_LISTEN":   {"nowhere", `"nowhere" is no host:port: missing port in address`},
		"ZOL0_DAEMON_DATA":     {"here", `"here" is no absolute path`},
		"ZOL0_DAEMON_INTERVAL": {"0s", `"0s" is less than 1s`},
		"ZOL0_STORE_SIZE":      {"1MB", `"1MB" is less than 16MiB`},
		"ZOL0_STORE_RAW":       {"1h", `"1h" is less than 1d`},
		"ZOL0_STORE_MINUTES":   {"2d", `2d is shorter than store.raw (7d, default)`},
		"ZOL0_STORE_HOURS":     {"", `"" is no span of time: write a number and a unit, like 90s, 5m, 36h, 7d, 4w or 1y`},
		"ZOL0_MEMORY_BUDGET":   {"1", `"1" is less than 24MiB`},
	} {
		_, err := Load(write(t, ""), environment(variable, c[0]))
		var own *Error
		if want := "environment variable " + variable + ": " + c[1]; err == nil || err.Error() != want || !errors.As(err, &own) || !strings.HasSuffix(own.Hint, "; or unset "+variable) {
			t.Errorf("%s=%s:\n got %v (%+v)\nwant %s", variable, c[0], err, own, want)
		}
	}
	c, err := Load(write(t, ""), environment())
	if err != nil {
		t.Fatal(err)
	}
	err = c.Apply(Flag{"--interval", "daemon.interval", "1h"})
	var own *Error
	if err == nil || err.Error() != `--interval: "1h" is more than 5m` || !errors.As(err, &own) || own.Hint != "write a span from 1s to 5m" {
		t.Errorf("%v, %+v", err, own)
	}
}

func TestWhereDataIsKept(t *testing.T) {
	for _, c := range []struct {
		system     string
		privileged bool
		env        Environment
		want       string
	}{
		{"linux", true, environment("HOME", "/root", "XDG_STATE_HOME", "/x"), "/var/lib/zol0"},
		{"linux", false, environment("HOME", "/home/a/"), "/home/a/.local/state/zol0"},
		{"linux", false, environment("HOME", "/home/a", "XDG_STATE_HOME", "/x"), "/x/zol0"},
		{"linux", false, environment("HOME", "/home/a", "XDG_STATE_HOME", "x"), "/home/a/.local/state/zol0"},
		{"linux", false, environment("HOME", "/home/a", "XDG_STATE_HOME", ""), "/home/a/.local/state/zol0"},
		{"linux", false, environment(), ""},
		{"darwin", true, environment(), "/Library/Application Support/zol0"},
		{"darwin", false, environment("HOME", "/Users/a"), "/Users/a/Library/Application Support/zol0"},
		{"windows", true, environment("PROGRAMDATA", `C:\ProgramData`), `C:\ProgramData\zol0`},
		{"windows", false, environment("LOCALAPPDATA", `C:\Users\a\AppData\Local`), `C:\Users\a\AppData\Local\zol0`},
		{"windows", false, environment(), ""},
	} {
		if got := dataPlace(c.system, c.privileged, c.env); got != c.want {
			t.Errorf("%s, privileged %t: %q, want %q", c.system, c.privileged, got, c.want)
		}
	}
	c := &Config{}
	var own *Error
	if dir, err := c.DataDir(); dir != "" || !errors.As(err, &own) || !strings.Contains(own.Hint, "--data") {
		t.Errorf("%q, %v", dir, err)
	}
	if want := os.Geteuid() == 0; runtime.GOOS != "windows" && privileged() != want {
		t.Errorf("privileged is %t", !want)
	}
}

// Whatever the three times are: an error names one of them, and what is taken is in order.
func TestTiersAreInOrder(t *testing.T) {
	path := write(t, "")
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(1, 400), 3, 3).Draw(t, "days")
		c, err := Load(path, environment())
		if err != nil {
			t.Fatal(err)
		}
		var flags []Flag
		for i, key := range []string{"store.raw", "store.minutes", "store.hours"} {
			flags = append(flags, Flag{"--" + key, key, units.Duration(time.Duration(days[i]) * day)})
		}
		err = c.Apply(flags...)
		if sorted := slices.IsSorted(days); sorted != (err == nil) {
			t.Fatalf("%v: %v", days, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "--store.") {
			t.Fatalf("%v", err)
		}
	})
}
