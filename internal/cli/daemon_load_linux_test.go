package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/wire"
)

// under says for how long a load lasts: seconds in make test, longer in make soak.
func under(short, long time.Duration) time.Duration {
	if os.Getenv("ZOL0_SOAK") != "" {
		return long
	}
	return short
}

// rssOf is the resident memory of a running daemon, as it says itself.
func rssOf(t *testing.T, s wire.Self) uint64 {
	t.Helper()
	if s.Memory.RSSBytes == nil {
		t.Fatal("it does not see its own memory")
	}
	return *s.Memory.RSSBytes
}

// TestSlowAndFastClients has 50 clients follow the beats without reading and 200 ask
// without a pause, while the daemon beats every second.
func TestSlowAndFastClients(t *testing.T) {
	// All come from one address, and no more than its rate would be asked at all.
	d := daemonAt(t, t.TempDir(), func(c *exec.Cmd) { c.Env = append(c.Environ(), "ZOL0_DAEMON_RATE_LIMIT=0") })
	before := d.beats(3)
	hanging(t, d, 50)
	ctx, cancel := context.WithTimeout(t.Context(), under(4*time.Second, time.Minute))
	defer cancel()
	var answered, refused, failed atomic.Uint64
	var clients sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	defer transport.CloseIdleConnections()
	for i := range 200 {
		clients.Go(func() {
			client := http.Client{Transport: transport}
			paths := []string{"/api/self", "/api/services", "/api/store", "/api/journal", "/api/top?metric=private&since=1h"}
			for n := i; ctx.Err() == nil; n++ {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+paths[n%len(paths)], nil)
				if err != nil {
					t.Error(err)
					return
				}
				response, err := client.Do(request)
				if err != nil {
					if ctx.Err() == nil {
						failed.Add(1)
					}
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body) // cut off with ctx
				response.Body.Close()                     //nolint:errcheck // only read
				switch response.StatusCode {
				case http.StatusOK:
					answered.Add(1)
				case http.StatusTooManyRequests, http.StatusServiceUnavailable:
					refused.Add(1)
				default:
					t.Errorf("%s: %s", paths[n%len(paths)], response.Status)
				}
			}
		})
	}
	clients.Wait()
	after := d.until("free again", func(s wire.Self) bool { return s.Beat.Number > before.Beat.Number })
	t.Logf("%d answers, %d refusals, %d failures; beats %d → %d, %d late, longest %.0f ms; RSS %d → %d KB, peak %d KB", answered.Load(), refused.Load(), failed.Load(),
		before.Beat.Number, after.Beat.Number, after.Beat.Late, *after.Beat.LongestSeconds*1000, rssOf(t, before)/1024, rssOf(t, after)/1024, *after.Memory.PeakRSSBytes/1024)
	if answered.Load() < 100 {
		t.Errorf("%d answers only", answered.Load())
	}
	if after.Beat.Late > 0 {
		t.Errorf("%d beats were late", after.Beat.Late)
	}
	if limit := before.Memory.BudgetBytes; *after.Memory.PeakRSSBytes > limit {
		t.Errorf("memory reached %d bytes, the budget is %d", *after.Memory.PeakRSSBytes, limit)
	}
	// One more client is served as before.
	c, err := net.Dial("tcp", d.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // only read
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+d.listen+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("afterwards it answers %q, %v", line, err)
	}
}

// flood starts 200 processes that end at once, twenty at a time, and rests for a moment, until
// its time is over; then it says how many there were.
const flood = `
end=$(($(date +%s) + $1)) n=0
while [ $(date +%s) -lt $end ]; do
    for i in 1 2 3 4 5 6 7 8 9 10; do
        (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)& (:)&
        wait
    done
    n=$((n + 200))
    sleep 0.05
done
echo $n
`

// TestFloodOfProcesses starts processes without a pause that live for milliseconds, 2,000
// a second where nothing else runs.
func TestFloodOfProcesses(t *testing.T) {
	dir := t.TempDir()
	d := daemonAt(t, dir, nil)
	before := d.beats(2)
	lasting := under(3*time.Second, 20*time.Second)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", flood, "flood", fmt.Sprint(int(lasting.Seconds()))).CombinedOutput()
	begun, e := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || e != nil {
		t.Fatalf("the flood: %v: %s", err, out)
	}
	after := d.beats(before.Beat.Number + 3)
	var state wire.StoreState
	if err := d.get("/api/store", &state); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d processes in %v; beats %d → %d, %d late, longest %.0f ms; RSS %d → %d KB; owners %+v, %d series", begun, lasting,
		before.Beat.Number, after.Beat.Number, after.Beat.Late, *after.Beat.LongestSeconds*1000, rssOf(t, before)/1024, rssOf(t, after)/1024, state.Owners, state.OpenSeries)
	if after.Beat.Late > 0 {
		t.Errorf("%d beats were late", after.Beat.Late)
	}
	if *after.Memory.PeakRSSBytes > before.Memory.BudgetBytes {
		t.Errorf("memory reached %d bytes, the budget is %d", *after.Memory.PeakRSSBytes, before.Memory.BudgetBytes)
	}
}

// TestDaemonOnAFullDisk fills the disk under the daemon and makes room again: it says each
// once, and has the samples of the time between.
func TestDaemonOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("zol0-test", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("NOT RUN: a small disk needs the right to mount one (root): " + err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	fill := func() {
		t.Helper()
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // it is ballast
		for block := make([]byte, 64<<10); len(block) > 0; {
			if _, err := f.Write(block); err != nil {
				block = block[:len(block)/2]
			}
		}
	}
	data := filepath.Join(dir, "data")
	fill()
	out, code := once(t, "daemon", "--data", data)
	if code != 1 || !strings.Contains(out, "no space left") && !strings.Contains(out, "full") || !strings.Contains(out, "hint: ") {
		t.Errorf("on a full disk it ends with %d: %s", code, out)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	d := daemonAt(t, data, nil)
	d.beats(3)
	fill()
	d.until("out of room", func(wire.Self) bool { return strings.Contains(d.words(), "a part of the beat fails") })
	n := d.beats(d.beats(0).Beat.Number + 4).Beat.Number
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	after := d.beats(n + 3)
	faults, recovered := d.journal("fault"), d.journal("recovered")
	t.Logf("faults %q, recovered %q", faults, recovered)
	for _, said := range [][]string{faults, recovered} {
		parts := make(map[string]int)
		for _, text := range said {
			for _, part := range []string{" store", " record"} {
				if strings.Contains(text, "cannot"+part) || strings.Contains(text, "can"+part) {
					parts[part]++
				}
			}
		}
		if parts[" store"] != 1 || parts[" record"] > 1 {
			t.Errorf("the journal says %q", said)
		}
	}
	if after.Beat.Late > 0 {
		t.Errorf("%d beats were late", after.Beat.Late)
	}
	if got := hostSamples(t, data); uint64(got) < after.Beat.Number {
		t.Errorf("%d samples of %d beats are there", got, after.Beat.Number)
	}
}
