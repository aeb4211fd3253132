package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"

	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/wire"
)

// What an attacker puts into names, queries and bodies.

// hostileNames are what an attacker may call a process.
var hostileNames = []string{
	"a\r\nSet-Cookie: zol0_login=1", "a\nX: 1", "\r\n\r\n<script>alert(1)</script>", `"; filename="x.exe`, `</script><script>alert(1)</script>`,
	"a\x00b", "../../etc/passwd", "event: beat", "\ndata: {}\n\nevent: closing", "é\u202e", "%0d%0aX: 1", strings.Repeat("a", 4000), "",
}

// TestAttackNamesInHeaders has processes whose names would end a header or a file name.
func TestAttackNamesInHeaders(t *testing.T) {
	s := newStage(t)
	for _, name := range hostileNames {
		for _, format := range []string{"csv", "md"} {
			r := s.ask(t, "GET", "/api/compare?service="+url.QueryEscape(name)+"&before_from=-2h&before_to=-1h&after_from=-1h&after_to=now&format="+format, "")
			if r.header.Get("Set-Cookie") != "" || r.header.Get("X") != "" {
				t.Errorf("%q made a header: %v", name, r.header)
			}
			if r.status != 200 {
				continue
			}
			disposition := r.header.Get("Content-Disposition")
			if strings.ContainsAny(disposition, "\r\n\x00/\\<>") || strings.Count(disposition, `"`) != 2 || len(disposition) > 300 || !strings.HasSuffix(disposition, "."+format+`"`) {
				t.Errorf("%q: %q", name, disposition)
			}
		}
		for _, path := range []string{"/services/", "/api/services/"} {
			r := s.ask(t, "GET", path+url.PathEscape(name), "")
			if r.header.Get("Set-Cookie") != "" || r.header.Get("X") != "" || strings.Contains(r.body, "<script>alert") {
				t.Errorf("%s%q: %v %.200s", path, name, r.header, r.body)
			}
		}
	}
}

// TestAttackNamesInEvents publishes such names: whatever they are, an event stays one.
func TestAttackNamesInEvents(t *testing.T) {
	s := newStage(t)
	x := listen(t, s)
	x.expect(t, "retry: 5000")
	for _, name := range hostileNames {
		publish(t, s, "beat", wire.BeatNews{Changed: []wire.ServiceNews{{Name: name}}})
		event := x.event()
		lines := strings.Split(event, "|")
		var data string
		for _, l := range lines {
			if rest, ok := strings.CutPrefix(l, "data: "); ok {
				data += rest
			} else if !strings.HasPrefix(l, "event: beat") && !strings.HasPrefix(l, "id: ") {
				t.Errorf("%q: the stream has the line %.100q", name, l)
			}
		}
		var news wire.BeatNews
		if err := json.Unmarshal([]byte(data), &news); err != nil || len(news.Changed) != 1 {
			t.Errorf("%q: %v in %.200q", name, err, event)
		}
		if strings.Contains(data, "<script") {
			t.Errorf("%q stands as it is in an event", name)
		}
	}
}

// TestAttackQueryBombs asks for more than an answer may cost.
func TestAttackQueryBombs(t *testing.T) {
	server := ofQueries(t)
	get := func(path string, values url.Values) (int, string) {
		w, err := http.Get(server + path + "?" + values.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.Body.Close() }()
		text, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.StatusCode, string(text)
	}
	end := fmt.Sprint(measured.Add(time.Hour).Unix())
	nested := strings.Repeat("sum(", 5000) + "x" + strings.Repeat(")", 5000)
	for name, v := range map[string]url.Values{
		"a step of a millisecond over a year": {"query": {"zol0_service_private_bytes"}, "start": {"0"}, "end": {end}, "step": {"0.001"}},
		"a subquery of a million steps":       {"query": {"max_over_time(rate(zol0_service_private_bytes[1m])[1y:1ms])"}, "start": {end}, "end": {end}, "step": {"1"}},
		"nested five thousand deep":           {"query": {nested}, "start": {end}, "end": {end}, "step": {"1"}},
		"a query of a megabyte":               {"query": {strings.Repeat("1+", 8<<10) + "1)"}, "start": {end}, "end": {end}, "step": {"1"}},
		"a step of nothing":                   {"query": {"1"}, "start": {"0"}, "end": {end}, "step": {"0"}},
		"the end of time":                     {"query": {"1"}, "start": {"-9e99"}, "end": {"9e99"}, "step": {"1"}},
	} {
		if status, text := get("/api/v1/query_range", v); status < 400 || status >= 600 || status == 500 {
			t.Errorf("%s: %d %.200s", name, status, text)
		}
	}
	s := newStage(t)
	for _, path := range []string{
		"/api/series?name=" + strings.Repeat("a,", 5000), "/api/series?name=a&from=0&to=9999999999999", "/api/series?name=a&points=1000000000", "/api/series?name=a&step=1s&from=-399d",
		"/api/journal?limit=99999999", "/api/logs?limit=99999999", "/api/top?n=99999999", "/api/compare?service=a", "/api/services/a/lives?points=99999999",
	} {
		if r := s.ask(t, "GET", path, ""); r.status != 400 && r.status != 431 {
			t.Errorf("%.80s: %d %.200s", path, r.status, r.body)
		}
	}
}

// decoder is a receiver that unpacks as the daemon's does.
type decoder struct{}

func (decoder) Receive(_ context.Context, body []byte) error {
	if _, err := remote.Decode(body, remote.DefaultLimits); err != nil {
		return &Rejection{err}
	}
	return errors.New("a bomb was unpacked")
}

// TestAttackBombs sends little that would become much.
func TestAttackBombs(t *testing.T) {
	s := hubStage(t, decoder{})
	s.sendTo(t, "\xff\xff\xff\xff\x0f").refused(t, 400, CodeBadSamples) // it says that it becomes 4 GiB
	bomb := string(snappy.Encode(nil, make([]byte, 48<<20)))
	if len(bomb) > MaxWriteBytes {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	s.sendTo(t, bomb).refused(t, 400, CodeBadSamples)
	for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "snappy, gzip", "gzip, snappy"} {
		// It is refused unread, so that a large one would be cut off while it is sent.
		s.sendTo(t, "\x1f\x8b\x08\x00", "Content-Encoding", encoding).refused(t, 415, CodeBadBody)
	}
	// Nothing else unpacks what it is sent.
	s.ask(t, "PUT", "/api/session/state/a", "\x1f\x8b\x08\x00", "Content-Encoding", "gzip").refused(t, 400, CodeBadValue)
}
