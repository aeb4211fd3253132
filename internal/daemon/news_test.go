package daemon

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

func TestLiveClientsAreToldWhatChanged(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 1)
	if got := d.changed(); len(got) != 3 {
		t.Errorf("at first %d services are told, want all 3: %+v", len(got), got)
	}
	run(t, d, m, 1)
	if got := d.changed(); len(got) != 1 || got[0].Name != "leaky" || got[0].Instances != 1 || got[0].PrivateBytes == nil {
		t.Errorf("one beat later %+v is told, want leaky", got)
	}
	m.procs = append(m.procs[:2:2], proc{102, "steady", m.Elapsed(), constant(0)})
	run(t, d, m, 1)
	got := d.changed()
	if len(got) != 2 || got[0].Name != "leaky" || got[0].Instances != 0 || got[0].PrivateBytes != nil || got[1].Name != "steady" || got[1].Instances != 2 {
		t.Errorf("%+v is told, want that leaky is gone and steady has two processes", got)
	}
	run(t, d, m, 1)
	if got := d.changed(); len(got) != 0 {
		t.Errorf("nothing changed, and %+v is told", got)
	}
}

// TestLongNamesShortenTheNews has services whose names take six bytes a character in JSON.
func TestLongNamesShortenTheNews(t *testing.T) {
	m := newMachine()
	m.wall = time.Now().Add(time.Hour) // deadlines of connections count by the real clock
	for i := range 30 {
		m.procs = append(m.procs, proc{int32(500 + i), fmt.Sprintf("%s%d", strings.Repeat("<", 125), i), 0, leaking(1<<30, 1<<30)})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nobody connects to it
	d, _ := start(t, m, t.TempDir(), func(o *Options) { o.Listener = listener })
	server := httptest.NewServer(d.server.Handler())
	defer server.Close()
	answer, err := http.Get(server.URL + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	run(t, d, m, 2)
	lines, beats := bufio.NewScanner(answer.Body), 0
	for beats < 2 && lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || !strings.Contains(data, `"states"`) {
			continue
		}
		var news wire.BeatNews
		if err := json.Unmarshal([]byte(data), &news); err != nil {
			t.Fatal(err)
		}
		if beats++; len(news.Changed) == 0 || len(news.Changed) == maxChanged {
			t.Errorf("beat %d tells of %d services, want some of them", news.Beat, len(news.Changed))
		}
	}
	if beats != 2 || len(events(t, d, "fault")) > 0 {
		t.Errorf("%d of 2 beats were told: %q, %v", beats, events(t, d, "fault"), lines.Err())
	}
}
