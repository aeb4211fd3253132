package redact

import (
	"fmt"
	"testing"
)

func BenchmarkArgs(b *testing.B) {
	for _, bench := range []struct {
		name string
		args []string
	}{
		{"harmless", []string{"/venv/bin/python3", "-u", "/srv/trader/app.py", "--server.port", "8501", "--pair", "BTC/USDT", "--log-level=debug"}},
		{"secret", []string{"/venv/bin/python3", "-u", "/srv/trader/app.py", "--token", "abc", "--db", "postgres://u:p@h/db"}},
		{"jvm", jvm()},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Args(bench.args)
			}
		})
	}
}

func BenchmarkName(b *testing.B) {
	for _, name := range []string{"python3", "systemd-network", "PASSWORD=hunter"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Name(name)
			}
		})
	}
}

// jvm is a command line of the longest kind.
func jvm() []string {
	args := []string{"/usr/lib/jvm/17/bin/java"}
	for i := range 60 {
		args = append(args, fmt.Sprintf("-Dcom.acme.trading.setting%d=value-%d", i, i))
	}
	return append(args, "-cp", "/opt/a.jar:/opt/b.jar", "com.acme.Trader")
}
