package api

import (
	"bufio"
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

// The attacks of the table in SECURITY.md that have no test elsewhere, each over a real
// socket.

// TestAttackMethodOverride asks for one method and names another in a header.
func TestAttackMethodOverride(t *testing.T) {
	s := closedStage(t)
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"} {
		s.ask(t, "GET", "/api/cache/clear?_method=POST", "", append(authorization(s.operator), name, "POST")...).refused(t, 405, CodeMethodNotAllowed)
	}
	for _, method := range []string{"TRACE", "CONNECT", "OPTIONS", "PROPFIND", "PATCH"} {
		if method == "CONNECT" {
			if answer := raw(t, s.stage, "CONNECT /api/self HTTP/1.1\r\nHost: localhost\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 405") && !strings.HasPrefix(answer, "HTTP/1.1 404") && !strings.HasPrefix(answer, "HTTP/1.1 401") {
				t.Errorf("%.200s", answer)
			}
			continue
		}
		s.ask(t, method, "/api/self", "", authorization(s.viewer)...).refused(t, 405, CodeMethodNotAllowed)
	}
}

// TestAttackSmuggling sends requests whose length two servers in a row would read
// differently. Each gets an error, and the connection is not read on.
func TestAttackSmuggling(t *testing.T) {
	s := newStage(t)
	const hidden = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, request := range map[string]string{
		"two lengths":               "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 46\r\n\r\n" + hidden,
		"a negative length":         "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n" + hidden,
		"a length with a sign":      "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nContent-Length: +0\r\n\r\n" + hidden,
		"an unknown coding":         "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"two codings":               "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
		"a blank before the colon":  "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
		"a folded line":             "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\x00\r\n\r\n" + hidden,
		"two hosts":                 "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n" + hidden,
		"a line end inside a value": "POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n" + hidden,
	} {
		c := dial(t, s)
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(c) // to the end that the server makes
		if err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: the connection stays open: %v", name, err)
		}
		if answer := string(all); strings.Count(answer, "HTTP/1.1") != 1 || strings.HasPrefix(answer, "HTTP/1.1 2") || strings.Contains(answer, "\r\nok\n") {
			t.Errorf("%s: %.300s", name, answer)
		}
	}
	// Both a coding and a length: the coding holds, as RFC 9112 has it (section 6.1), so that
	// what follows it is a request like any other, with the protection of any other.
	for second, want := range map[string]string{
		hidden: "HTTP/1.1 200",
		"GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                                          "HTTP/1.1 421",
		"POST /api/cache/clear HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n": "HTTP/1.1 403",
	} {
		c := dial(t, s)
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+second); err != nil {
			t.Fatal(err)
		}
		read := bufio.NewReader(c)
		for i, status := range []string{"HTTP/1.1 200", want} {
			r, err := http.ReadResponse(read, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %d", r.Proto, r.StatusCode); got != status {
				t.Errorf("answer %d to %q is %s, want %s", i, second, got, status)
			}
		}
	}
}

// TestAttackTraversal asks for files outside of the page, in every spelling.
func TestAttackTraversal(t *testing.T) {
	s := newStage(t)
	for _, path := range []string{
		"/assets/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%5c..%5cwin.ini", "/assets/%252e%252e%252fetc%252fpasswd",
		"/assets/....//....//etc/passwd", "/assets/index.html", "/assets/../index.html", "/assets//etc/passwd", "/assets/%00", "/assets/..;/..;/etc/passwd", "/assets/%c0%ae%c0%ae/etc/passwd",
		"//etc/passwd", "/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e%2fetc/passwd",
	} {
		answer := raw(t, s, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		status := answer[len("HTTP/1.1 "):][:3]
		if strings.Contains(answer, "root:") || status == "200" || status >= "500" {
			t.Errorf("%s: %.200s", path, answer)
		}
		if i := strings.Index(answer, "Location: "); i >= 0 && !strings.HasPrefix(answer[i:], "Location: /") {
			t.Errorf("%s leads elsewhere: %.300s", path, answer)
		}
		if strings.Contains(answer, "Location: //") {
			t.Errorf("%s leads to another host: %.300s", path, answer)
		}
	}
}

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

// TestAttackGuessing tries tokens until the address has to wait.
func TestAttackGuessing(t *testing.T) {
	s := closedStage(t, func(_ *stage, o *Options) {
		at := time.Now()
		o.Now = func() time.Time { return at }
	})
	guess := func(k int) reply {
		return s.ask(t, "POST", "/api/login", fmt.Sprintf(`{"token": "zol0_%d"}`, k), "Content-Type", "application/json")
	}
	var texts []string
	for k := range attemptsAtOnce {
		r := guess(k)
		r.refused(t, 401, CodeUnauthorized)
		texts = append(texts, r.body)
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("answers differ: %s %s", text, texts[0])
		}
	}
	r := guess(99)
	r.refused(t, 429, CodeTooManyRequests)
	if r.header.Get("Retry-After") != "10" {
		t.Errorf("%v", r.header)
	}
	// Nor is the right one looked at there; as a bearer token it is, for whoever shares the
	// address.
	s.ask(t, "POST", "/api/login", `{"token": "`+s.viewer+`"}`, "Content-Type", "application/json").refused(t, 429, CodeTooManyRequests)
	s.ask(t, "GET", "/api/self", "", authorization("zol0_100")...).refused(t, 429, CodeTooManyRequests)
	if r := s.ask(t, "GET", "/api/self", "", authorization(s.viewer)...); r.status != 200 {
		t.Errorf("%d", r.status)
	}
	// An answer does not tell a token that was from one that never was.
	a := s.ask(t, "GET", "/api/self", "")
	b := s.ask(t, "GET", "/api/self", "", "Cookie", "zol0_login=0123")
	if a.body != b.body || a.status != 401 {
		t.Errorf("%s %s", a.body, b.body)
	}
}

// TestAttackFixation brings an identity along and logs in with it.
func TestAttackFixation(t *testing.T) {
	s := closedStage(t)
	const chosen = "00112233445566778899aabbccddeeff"
	cookie := s.logIn(t, s.viewer, "Cookie", "zol0_login="+chosen+"; zol0_session="+chosen)
	if cookie.Value == chosen {
		t.Error("the identity was taken over")
	}
	s.ask(t, "GET", "/api/self", "", "Cookie", "zol0_login="+chosen).refused(t, 401, CodeUnauthorized)
	// The session that keeps a page's settings is no login.
	var plain string
	r := s.ask(t, "GET", "/api/session", "", sent(cookie)...)
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		plain = c.Value
	}
	if plain == "" {
		t.Fatal("no session began")
	}
	s.ask(t, "GET", "/api/self", "", "Cookie", "zol0_login="+plain).refused(t, 401, CodeUnauthorized)
}

// TestAttackLoginOfAnother has a page from elsewhere log a browser in or out.
func TestAttackLoginOfAnother(t *testing.T) {
	s := closedStage(t)
	body := `{"token": "` + s.viewer + `"}`
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
	} {
		for _, path := range []string{"/api/login", "/api/logout"} {
			r := s.ask(t, "POST", path, body, append(headers, "Content-Type", "application/json")...)
			r.refused(t, 403, CodeCrossOrigin)
			if r.header.Get("Set-Cookie") != "" {
				t.Errorf("%v", r.header)
			}
		}
	}
	// As an old browser's form, which tells no origin.
	s.ask(t, "POST", "/api/login", body, "Content-Type", "text/plain").refused(t, 415, CodeBadBody)
}

// TestAttackRebinding asks a closed daemon by another name: not even a login is looked at.
func TestAttackRebinding(t *testing.T) {
	s := closedStage(t)
	for _, path := range []string{"/", "/api/self", "/api/login", "/api/v1/query"} {
		s.ask(t, "POST", path, "{}", append(authorization(s.operator), "Host", "evil.example")...).refused(t, 421, CodeWrongHost)
	}
}

// TestSecretsAreInNoLog does everything that could write one there, and looks.
func TestSecretsAreInNoLog(t *testing.T) {
	s := closedStage(t, func(_ *stage, o *Options) { o.Monitor = broken{o.Monitor} })
	cookie := s.logIn(t, s.operator)
	secrets := []string{s.viewer, s.operator, cookie.Value, "zol0_wrong", "anna-password", "YW5uYTphbm5hLXBhc3N3b3Jk"}
	var bodies strings.Builder
	for _, headers := range [][]string{authorization(s.viewer), authorization("zol0_wrong"), sent(cookie), {"Authorization", "Basic YW5uYTphbm5hLXBhc3N3b3Jk"}} {
		for _, x := range [][2]string{{"GET", "/api/services"}, {"GET", "/api/overview"}, {"GET", "/nothing"}, {"POST", "/api/login"}, {"POST", writePath}, {"GET", "/api/series?name=zol0_wrong"}, {"DELETE", "/api/self"}} {
			r := s.ask(t, x[0], x[1], `{"token": "zol0_wrong"`, append(headers, "Content-Type", "application/json")...)
			if x[1] != "/api/series?name=zol0_wrong" {
				bodies.WriteString(r.body)
			}
			for name, values := range r.header {
				if name != "Set-Cookie" {
					bodies.WriteString(strings.Join(values, " "))
				}
			}
		}
	}
	_ = rawly(t, s.stage, "GET / HTTP/1.1\r\nAuthorization: Bearer "+s.viewer+"\r\nHost: a b\x01\r\n\r\n")
	_ = rawly(t, s.stage, "zol0_wrong\r\n\r\n")
	log := s.log.String()
	if !strings.Contains(log, "BUG: test") || !strings.Contains(log, "somebody logged in") {
		t.Fatalf("the log has not what was looked for: %s", log)
	}
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q in it", secret)
		}
		if strings.Contains(bodies.String(), secret) {
			t.Errorf("an answer has %q in it", secret)
		}
	}
}

// rawly sends bytes and returns whatever comes before the end.
func rawly(t *testing.T, s *stage, request string) string {
	t.Helper()
	c := dial(t, s)
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Errorf("%q: %v", request, err)
	}
	return line
}

// TestAttackTooManySessions logs in until there are no more places: the bound holds.
func TestAttackTooManySessions(t *testing.T) {
	s := closedStage(t)
	first := s.logIn(t, s.viewer)
	for range 300 {
		s.options.Sessions.BeginFor(time.Now(), "")
	}
	if n := s.options.Sessions.Stats().Sessions; n > 256 {
		t.Errorf("%d sessions", n)
	}
	s.ask(t, "GET", "/api/self", "", sent(first)...).refused(t, 401, CodeUnauthorized)
}
