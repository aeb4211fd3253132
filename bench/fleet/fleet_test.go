package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

// TestLoadIsWhatItSays: every sample that the report counts came, once for each series and
// beat, though every third message was refused at first.
func TestLoadIsWhatItSays(t *testing.T) {
	var mu sync.Mutex
	n, samples := 0, 0
	last := make(map[string]remote.Sample)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		all, err := remote.Decode(body, remote.Limits{})
		if err != nil {
			t.Error(err)
		}
		for _, x := range all {
			name := ""
			for _, l := range x.Labels {
				name += l.Name + "=" + l.Value + ","
			}
			y := x.Samples[0]
			if before, ok := last[name]; ok {
				if y.T <= before.T {
					t.Errorf("%s: %d after %d", name, y.T, before.T)
				}
				if strings.Contains(name, "_total") && y.V < before.V {
					t.Errorf("counter %s fell from %v to %v", name, before.V, y.V)
				}
			}
			last[name] = y
			samples++
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	l := &load{hosts: 3, series: 16, interval: 100 * time.Millisecond, lasts: 600 * time.Millisecond, target: server.URL, pid: os.Getpid(), dir: t.TempDir()}
	if err := l.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.failed.Load() == 0 || l.rejected.Load() != 0 || len(last) != 3*16 || int64(samples) != l.samples.Load() || l.samples.Load() != l.offered.Load() {
		t.Errorf("%d series, %d samples came, %d were counted of %d; %d tried again, %d rejected", len(last), samples, l.samples.Load(), l.offered.Load(), l.failed.Load(), l.rejected.Load())
	}
	var out bytes.Buffer
	l.report(&out, time.Second, process{}, process{cpu: time.Second}, 1)
	if !strings.Contains(out.String(), "bytes a sample") || !strings.Contains(out.String(), "100.0 % of a core") {
		t.Errorf("the report is:\n%s", &out)
	}
}
