package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// program builds zol0 once for all tests here: what they measure is the program that
// people run, not one with tests in it.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("zol0-test-program-%d", os.Getpid()))
	atEnd = func() error { return os.Remove(path) }
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "../../cmd/zol0")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// running is a daemon of its own process.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	listen string
	ended  chan struct{}
	mu     sync.Mutex
	said   bytes.Buffer
}

// daemonAt starts zol0 dashboard with a directory of data and waits until it serves.
func daemonAt(t *testing.T, data string, change func(*exec.Cmd)) *running {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	d := &running{t: t, ended: make(chan struct{})}
	d.cmd = exec.Command(path, "dashboard", "--listen", "127.0.0.1:0", "--data", data, "--interval", "1s")
	d.cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir())
	if change != nil {
		change(d.cmd)
	}
	pipe, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	serving := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			d.mu.Lock()
			fmt.Fprintln(&d.said, lines.Text())
			d.mu.Unlock()
			if _, rest, ok := strings.Cut(lines.Text(), "serving on http://"); ok {
				address, _, _ := strings.Cut(rest, ",")
				serving <- address
			}
		}
		d.cmd.Wait() //nolint:errcheck // the tests look at its state
		close(d.ended)
	}()
	t.Cleanup(func() {
		d.cmd.Process.Kill() //nolint:errcheck // it may have ended
		<-d.ended
	})
	select {
	case d.listen = <-serving:
		d.url = "http://" + d.listen
	case <-d.ended:
		t.Fatalf("it ended at once: %s", d.words())
	case <-time.After(20 * time.Second):
		t.Fatalf("it does not serve: %s", d.words())
	}
	return d
}

func (d *running) words() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said.String()
}

func (d *running) signal(s os.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// code waits for the end and returns the exit code; -1 is the end by a signal.
func (d *running) code(within time.Duration) int {
	d.t.Helper()
	select {
	case <-d.ended:
		return d.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		d.t.Fatalf("it runs %v after it was told to end: %s", within, d.words())
		return 0
	}
}

func (d *running) self() (out wire.Self, err error) {
	return out, d.get("/api/self", &out)
}

func (d *running) get(path string, out any) error {
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// until polls until the daemon says of itself what is waited for.
func (d *running) until(what string, is func(wire.Self) bool) wire.Self {
	d.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		s, err := d.self()
		if err == nil && is(s) {
			return s
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("never %s: %+v, %v; %s", what, s.Beat, err, d.words())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (d *running) beats(n uint64) wire.Self {
	d.t.Helper()
	return d.until(fmt.Sprintf("at beat %d", n), func(s wire.Self) bool { return s.Beat.Number >= n })
}

// journal are the texts of one kind, oldest first.
func (d *running) journal(kind string) (out []string) {
	d.t.Helper()
	var j wire.Journal
	if err := d.get("/api/journal?limit=500", &j); err != nil {
		d.t.Fatal(err)
	}
	for _, e := range j.Events {
		if e.Kind == kind {
			out = append([]string{e.Text}, out...)
		}
	}
	return out
}

// hostSamples counts the samples of the machine's load in a store, one of every beat.
func hostSamples(t *testing.T, dir string) (n int) {
	t.Helper()
	s, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read
	for _, a := range s.Asides() {
		t.Errorf("%s: %v", a.Path, a.Why)
	}
	owners, err := s.Owners(t.Context(), store.Host, 0, 1<<62, func(store.Labels) bool { return true })
	if err != nil || len(owners) != 1 {
		t.Fatalf("%d machines, %v", len(owners), err)
	}
	err = s.Points(t.Context(), store.SeriesOf(owners[0].ID, store.HostLoad1), 0, 1<<62, func(store.Point) bool { n++; return true })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKilledDaemon kills the program itself again and again, shortly after beats that it
// told, and counts them.
func TestKilledDaemon(t *testing.T) {
	t.Parallel()
	kills := 4
	if os.Getenv("ZOL0_SOAK") != "" {
		kills = 40
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	told := uint64(0)
	for range kills {
		d := daemonAt(t, dir, nil)
		d.beats(1 + random.Uint64N(2))
		time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond)
		s, err := d.self()
		if err != nil {
			t.Fatal(err)
		}
		d.signal(syscall.SIGKILL)
		if code := d.code(5 * time.Second); code != -1 {
			t.Fatalf("it ended by itself with %d: %s", code, d.words())
		}
		told += s.Beat.Number
		if n := hostSamples(t, dir); uint64(n) < told {
			t.Fatalf("%d beats were told, and %d are in the store", told, n)
		}
	}
	out, code := once(t, "store", "verify", "--data", dir)
	if code != 0 {
		t.Errorf("verify says %d: %s", code, out)
	}
	t.Logf("%d kills, %d beats told, %d in the store", kills, told, hostSamples(t, dir))
}

// once runs zol0 to its end.
func once(t *testing.T, args ...string) (string, int) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, path, args...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func TestTwoDaemonsAndAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := daemonAt(t, dir, nil)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"dashboard", "--listen", "127.0.0.1:0", "--data", dir}, []string{"PID " + strconv.Itoa(d.cmd.Process.Pid), "another zol0 writes there", "hint: stop it first"}},
		{[]string{"daemon", "--data", dir}, []string{"PID " + strconv.Itoa(d.cmd.Process.Pid), "hint: "}},
		{[]string{"dashboard", "--listen", d.listen, "--data", t.TempDir()}, []string{d.listen, "address already in use", "hint: another zol0 may be running"}},
	} {
		out, code := once(t, c.args...)
		if code != 1 {
			t.Errorf("%v: exit code %d", c.args, code)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v says %q, want %q in it", c.args, out, want)
			}
		}
	}
	d.beats(2) // the first minds nothing of it
}

// TestANewerStoreIsRefused changes no byte of it.
func TestANewerStoreIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := daemonAt(t, dir, nil)
	d.beats(2)
	d.signal(syscall.SIGTERM)
	if code := d.code(5 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, d.words())
	}
	path := filepath.Join(dir, store.FileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[63] = 99 // user_version, a big-endian number at 60 (sqlite.org/fileformat2.html)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := once(t, "daemon", "--data", dir)
	if code != 1 || !strings.Contains(out, "a newer zol0 wrote it (schema 99") || !strings.Contains(out, "hint: use that version") {
		t.Errorf("exit code %d: %s", code, out)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, after) {
		for i := range min(len(b), len(after)) {
			if b[i] != after[i] {
				t.Errorf("byte %d of %d is %x, was %x", i, len(b), after[i], b[i])
			}
		}
		t.Errorf("the file was changed: %d bytes, were %d", len(after), len(b))
	}
}
