package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// elsewhere is a real engine: a process of its own, with a directory of its own.
type elsewhere struct {
	program string
	address string
	dir     string
	write   string // path that takes remote write
	command *exec.Cmd
}

// engines are those that Debian has packages of.
var engines = map[string]string{"prometheus": "/api/v1/write", "victoria-metrics": "/api/v1/write"}

// newEngine starts an engine, or says that the test is not run.
func newEngine(t *testing.T, program string) *elsewhere {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("NOT RUN: writing to and reading from %s: it is missing; on Debian: apt-get install %s", program, program)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &elsewhere{program: program, address: l.Addr().String(), dir: t.TempDir(), write: engines[program]}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	e.start(t)
	t.Cleanup(func() {
		if e.command != nil {
			e.stop(t)
		}
	})
	return e
}

func (e *elsewhere) url() string { return "http://" + e.address }

func (e *elsewhere) start(t *testing.T) {
	t.Helper()
	var args []string
	switch e.program {
	case "prometheus":
		file := filepath.Join(e.dir, "prometheus.yml")
		if err := os.WriteFile(file, []byte("global: {}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args = []string{"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(e.dir, "data"), "--web.listen-address=" + e.address, "--web.enable-remote-write-receiver", "--log.level=error"}
	default:
		args = []string{"-storageDataPath=" + filepath.Join(e.dir, "data"), "-httpListenAddr=" + e.address, "-loggerLevel=ERROR", "-search.disableCache", "-search.latencyOffset=0s"}
	}
	e.command = exec.Command(e.program, args...)
	if err := e.command.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(e.url() + "/-/healthy"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer on %s", e.program, e.address)
		}
	}
}

// stop ends it in good order: what it acknowledged is on its disk.
func (e *elsewhere) stop(t *testing.T) {
	t.Helper()
	if err := e.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	_ = e.command.Wait() // it was told to end
	e.command = nil
}

// raw are the samples that fit a selector, by the labels that are named.
func (e *elsewhere) raw(selector string, at time.Time, by ...string) (map[string]map[int64]float64, error) {
	answer, err := http.Get(e.url() + "/api/v1/query?" + url.Values{"query": {selector}, "time": {strconv.FormatInt(at.Unix(), 10)}}.Encode())
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var body struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal(text, &body); err != nil || answer.StatusCode != http.StatusOK {
		return nil, errors.Join(err, fmt.Errorf("%s: %.200s", answer.Status, text))
	}
	out := map[string]map[int64]float64{}
	for _, r := range body.Data.Result {
		name := ""
		for _, l := range by {
			name += r.Metric[l] + "|"
		}
		if out[name] == nil {
			out[name] = map[int64]float64{}
		}
		if r.Value[1] != nil {
			r.Values = append(r.Values, r.Value)
		}
		for _, p := range r.Values {
			v, err := strconv.ParseFloat(p[1].(string), 64)
			if err != nil {
				return nil, err
			}
			if !math.IsNaN(v) { // a stale marker, which VictoriaMetrics shows and Prometheus does not
				out[name][int64(p[0].(float64)*1000+0.5)] = v
			}
		}
	}
	return out, nil
}

// send sends until nothing waits.
func send(t *testing.T, w *Writer) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); w.Counts().Records > 0; {
		wait := w.Step(context.Background(), time.Now)
		if wait > 0 && w.Counts().Records > 0 {
			time.Sleep(min(wait, 100*time.Millisecond))
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v wait still", w.Counts())
		}
	}
}
