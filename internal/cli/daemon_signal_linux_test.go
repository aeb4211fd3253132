package cli

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// hanging opens connections whose clients do nothing more: one that sent no request, one
// that sent half of one, some that follow the beats and do not read, and one that reads.
func hanging(t *testing.T, d *running, followers int) {
	t.Helper()
	for i := range followers + 3 {
		c, err := net.Dial("tcp", d.listen)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() }) //nolint:errcheck // the other side may have
		request := "GET /api/events HTTP/1.1\r\nHost: " + d.listen + "\r\n\r\n"
		switch i {
		case 0:
			continue
		case 1:
			request = request[:30]
		case 2:
			go io.Copy(io.Discard, c) //nolint:errcheck // until it ends
		}
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEndsInGoodOrderWhileClientsHang(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := daemonAt(t, dir, nil)
	hanging(t, d, 5)
	n := d.beats(2).Beat.Number
	began := time.Now()
	d.signal(syscall.SIGTERM)
	code := d.code(6 * time.Second)
	t.Logf("ended with %d after %v: %s", code, time.Since(began).Round(10*time.Millisecond), d.words())
	if got := hostSamples(t, dir); got < int(n) {
		t.Errorf("%d samples of %d beats", got, n)
	}
	again := daemonAt(t, dir, nil)
	again.beats(1)
	if got := again.journal("stop"); len(got) != 1 {
		t.Errorf("the journal says of the end: %q", got)
	}
	again.signal(syscall.SIGTERM)
	if code := again.code(5 * time.Second); code != 0 {
		t.Errorf("without clients it ends with %d: %s", code, again.words())
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	d := daemonAt(t, t.TempDir(), nil)
	hanging(t, d, 1)
	d.beats(1)
	d.signal(syscall.SIGTERM)
	time.Sleep(secondSignal + 200*time.Millisecond)
	select {
	case <-d.ended:
		t.Skip("NOT RUN: it ended in good order before a second signal could be sent")
	default:
	}
	d.signal(syscall.SIGTERM)
	if code := d.code(500 * time.Millisecond); code != -1 {
		t.Errorf("exit code %d: %s", code, d.words())
	}
}

func TestSIGHUPWithABadFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "zol0.yaml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("memory:\n  budget: 64MiB\n")
	d := daemonAt(t, t.TempDir(), func(c *exec.Cmd) { c.Args = append(c.Args, "--config", file) })
	before := d.beats(1)
	put("memory:\n  budgett: 32MiB\n")
	d.signal(syscall.SIGHUP)
	s := d.until("refusing", func(s wire.Self) bool { return s.ConfigError != "" })
	if !strings.Contains(s.ConfigError, "budgett") || s.Memory.BudgetBytes != before.Memory.BudgetBytes {
		t.Errorf("it says %q and has a budget of %d", s.ConfigError, s.Memory.BudgetBytes)
	}
	if !strings.Contains(d.words(), "the old one holds") {
		t.Errorf("the log says %q", d.words())
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	d.signal(syscall.SIGHUP)
	d.until("missing its file", func(s wire.Self) bool { return s.ConfigError != "" && !strings.Contains(s.ConfigError, "budgett") })
	put("memory:\n  budget: 32MiB\n")
	d.signal(syscall.SIGHUP)
	d.until("content", func(s wire.Self) bool { return s.ConfigError == "" && s.Memory.BudgetBytes == 32<<20 })
	n := d.beats(before.Beat.Number + 2)
	if n.Beat.Late != 0 {
		t.Errorf("%d beats were late", n.Beat.Late)
	}
}

// TestSystemdIsTold plays systemd: sd_notify(3), with a watchdog of two seconds.
func TestSystemdIsTold(t *testing.T) {
	t.Parallel()
	address := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only read
	told := make(chan string, 1000)
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := l.Read(b)
			if err != nil {
				close(told)
				return
			}
			told <- string(b[:n])
		}
	}()
	next := func(want string) string {
		t.Helper()
		limit := time.After(10 * time.Second)
		for {
			select {
			case got := <-told:
				if strings.HasPrefix(got, want) {
					return got
				}
				if got != "WATCHDOG=1" {
					t.Fatalf("systemd is told %q, want %q", got, want)
				}
			case <-limit:
				t.Fatalf("systemd is never told %q", want)
			}
		}
	}
	d := daemonAt(t, t.TempDir(), func(c *exec.Cmd) {
		c.Args[len(c.Args)-1] = "30s" // longer than the watchdog waits
		c.Env = append(c.Env, "NOTIFY_SOCKET="+address, "WATCHDOG_USEC=2000000")
	})
	next("READY=1")
	began := time.Now()
	for range 4 {
		select {
		case got := <-told:
			t.Logf("%s after %v", got, time.Since(began).Round(time.Millisecond))
			if got != "WATCHDOG=1" {
				t.Errorf("systemd is told %q", got)
			}
		case <-time.After(2 * time.Second):
			t.Fatal("the watchdog would have ended it")
		}
	}
	d.signal(syscall.SIGHUP)
	if got := next("RELOADING=1"); !strings.Contains(got, "\nMONOTONIC_USEC=") {
		t.Errorf("systemd is told %q", got)
	}
	next("READY=1")
	d.signal(syscall.SIGTERM)
	next("STOPPING=1")
	if code := d.code(5 * time.Second); code != 0 {
		t.Errorf("exit code %d: %s", code, d.words())
	}
}
