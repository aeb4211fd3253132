package api

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
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
			r.Body.Close() //nolint:errcheck // it was read
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
