package api

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/wire"
)

// closed is a stage with a viewer's and an operator's token.
type closed struct {
	*stage
	path             string
	viewer, operator string
}

func closedStage(t *testing.T, changes ...func(*stage, *Options)) *closed {
	t.Helper()
	c := &closed{path: filepath.Join(t.TempDir(), "tokens")}
	var err error
	if c.viewer, err = access.Add(c.path, "grafana", access.Viewer); err != nil {
		t.Fatal(err)
	}
	if c.operator, err = access.Add(c.path, "anna", access.Operator); err != nil {
		t.Fatal(err)
	}
	c.stage = newStage(t, append(changes, func(_ *stage, o *Options) {
		if o.Tokens, err = access.Open(c.path); err != nil {
			t.Fatal(err)
		}
	})...)
	return c
}

func authorization(token string) []string { return []string{"Authorization", "Bearer " + token} }

// path of a route with something in the place of its names.
func (x Route) filled() string {
	return strings.NewReplacer("{name}", "bot", "{pid}", "1", "{file}", "nothing.js", "{key}", "a").Replace(x.Path)
}

func TestEveryRouteSaysWhatItNeeds(t *testing.T) {
	s := New(newStage(t).options)
	open := map[string]bool{"/-/healthy": true, "/-/ready": true, "/api/login": true, "/api/logout": true}
	for _, x := range s.routes {
		if x.need < anybody || x.need > writers {
			t.Errorf("%s %s does not say who may call it", x.method, x.path)
		}
		if page := !strings.HasPrefix(x.path, "/api") && x.path != "/metrics"; (x.need == anybody) != (page || open[x.path]) {
			t.Errorf("%s %s is for %q", x.method, x.path, x.need)
		}
		if x.need == operators && x.method == http.MethodGet {
			t.Errorf("GET %s changes something", x.path)
		}
	}
}

// TestRoutesOfAClosedDaemon asks every route as nobody, as a viewer and as an operator.
func TestRoutesOfAClosedDaemon(t *testing.T) {
	s := closedStage(t)
	refused := 0
	for _, x := range s.Routes() {
		if x.Path == "/api/events" {
			continue // its answers do not end; see below
		}
		path := x.filled()
		for _, headers := range [][]string{nil, authorization("zol0_wrong"), authorization(""), {"Authorization", "Bearer"}, {"Authorization", s.operator}, {"Cookie", "zol0_login=" + s.operator}} {
			r := s.ask(t, x.Method, path, "", headers...)
			if x.Role == "" {
				if r.status == 401 || r.status == 403 {
					t.Errorf("%s %s as nobody: %d", x.Method, path, r.status)
				}
				continue
			}
			refused++
			if r.status == http.StatusTooManyRequests {
				continue // a wrong token after many others
			}
			r.refused(t, http.StatusUnauthorized, CodeUnauthorized)
			if r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: nothing says how", x.Method, path)
			}
		}
		r := s.ask(t, x.Method, path, "", authorization(s.viewer)...)
		if x.Role == "operator" {
			r.refused(t, http.StatusForbidden, CodeForbidden)
		} else if r.status == 401 || r.status == 403 {
			t.Errorf("%s %s as a viewer: %d", x.Method, path, r.status)
		}
		if r := s.ask(t, x.Method, path, "", authorization(s.operator)...); r.status == 401 || r.status == 403 {
			t.Errorf("%s %s as an operator: %d", x.Method, path, r.status)
		}
	}
	if refused < 100 {
		t.Errorf("only %d requests were refused: the test looks in the wrong place", refused)
	}
	s.ask(t, "GET", "/api/events", "").refused(t, 401, CodeUnauthorized)
	if r := s.ask(t, "HEAD", "/api/events", "", authorization(s.viewer)...); r.status != 200 {
		t.Errorf("live events: %d", r.status)
	}
}

// logIn logs in and returns the cookie as it is sent back.
func (c *closed) logIn(t *testing.T, token string, headers ...string) *http.Cookie {
	t.Helper()
	r := c.ask(t, "POST", "/api/login", `{"token": "`+token+`"}`, append(headers, "Content-Type", "application/json")...)
	if r.status != 200 {
		t.Fatalf("login: %d %s", r.status, r.body)
	}
	cookies := (&http.Response{Header: r.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%v", cookies)
	}
	return cookies[0]
}

func sent(c *http.Cookie) []string { return []string{"Cookie", c.Name + "=" + c.Value} }

func TestLogin(t *testing.T) {
	s := closedStage(t)
	cookie := s.logIn(t, s.viewer)
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Secure || cookie.Domain != "" {
		t.Errorf("%+v", cookie)
	}
	var session wire.Session
	s.ask(t, "GET", "/api/session", "", sent(cookie)...).into(t, &session)
	if session.Caller != (wire.Caller{Role: "viewer", Name: "grafana", Tokens: true}) {
		t.Errorf("%+v", session.Caller)
	}
	s.ask(t, "POST", writePath, "", sent(cookie)...).refused(t, 403, CodeForbidden)
	if r := s.ask(t, "POST", "/api/cache/clear", "", sent(cookie)...); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	// Another login ends the one before.
	second := s.logIn(t, s.operator, sent(cookie)...)
	s.ask(t, "GET", "/api/self", "", sent(cookie)...).refused(t, 401, CodeUnauthorized)
	if r := s.ask(t, "POST", writePath, "", sent(second)...); r.status == 401 || r.status == 403 {
		t.Errorf("an operator may not write: %d", r.status)
	}
	if r := s.ask(t, "POST", "/api/logout", "", sent(second)...); r.status != 204 || !strings.Contains(r.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %v", r.status, r.header)
	}
	s.ask(t, "GET", "/api/self", "", sent(second)...).refused(t, 401, CodeUnauthorized)
}

func TestLoginEndsWithItsToken(t *testing.T) {
	s := closedStage(t)
	cookie := s.logIn(t, s.operator)
	if err := access.Revoke(s.path, "anna"); err != nil {
		t.Fatal(err)
	}
	if err := s.ReloadTokens(); err != nil {
		t.Fatal(err)
	}
	s.ask(t, "GET", "/api/self", "", sent(cookie)...).refused(t, 401, CodeUnauthorized)
	s.ask(t, "GET", "/api/self", "", authorization(s.operator)...).refused(t, 401, CodeUnauthorized)
	if err := os.WriteFile(s.path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.ReloadTokens(); err == nil {
		t.Error("nonsense was taken")
	}
	if r := s.ask(t, "GET", "/api/self", "", authorization(s.viewer)...); r.status != 200 {
		t.Errorf("%d", r.status)
	}
}

func TestLoginsThatAreNone(t *testing.T) {
	s := closedStage(t)
	for _, x := range []struct {
		kind, body string
		status     int
		code       string
	}{
		{"text/plain", `{"token": "` + s.viewer + `"}`, 415, CodeBadBody},
		{"application/x-www-form-urlencoded", "token=" + s.viewer, 415, CodeBadBody},
		{"", `{"token": "` + s.viewer + `"}`, 415, CodeBadBody},
		{"application/json", "", 400, CodeBadBody},
		{"application/json", `{"token": 12}`, 400, CodeBadBody},
		{"application/json", `{"token": "` + strings.Repeat("a", maxLoginBytes) + `"}`, 400, CodeBadBody},
		{"application/json", `{}`, 401, CodeUnauthorized},
		{"application/json", `{"token": "zol0_wrong"}`, 401, CodeUnauthorized},
	} {
		r := s.ask(t, "POST", "/api/login", x.body, "Content-Type", x.kind)
		r.refused(t, x.status, x.code)
		if r.header.Get("Set-Cookie") != "" || strings.Contains(r.body, "zol0_") {
			t.Errorf("%v: %s", r.header, r.body)
		}
	}
	newStage(t).ask(t, "POST", "/api/login", `{"token": "a"}`, "Content-Type", "application/json").refused(t, 404, CodeNoTokens)
}

func TestOpenDaemon(t *testing.T) {
	s := newStage(t)
	var session wire.Session
	s.ask(t, "GET", "/api/session", "").into(t, &session)
	if session.Caller != (wire.Caller{Role: "viewer"}) {
		t.Errorf("%+v", session.Caller)
	}
	// Whoever sends a token to a daemon without any is a viewer as everybody.
	if r := s.ask(t, "GET", "/api/self", "", authorization("zol0_x")...); r.status != 200 {
		t.Errorf("%d", r.status)
	}
}

func TestRates(t *testing.T) {
	x := newRates(10, 20)
	now := time.Unix(1000, 0)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for i := range 20 {
		if wait := x.take(now, a); wait != 0 {
			t.Fatalf("request %d waits %v", i, wait)
		}
	}
	if wait := x.take(now, a); wait < 90*time.Millisecond || wait > 110*time.Millisecond {
		t.Errorf("%v", wait)
	}
	if wait := x.take(now, b); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
	if wait := x.wait(now.Add(100*time.Millisecond), a); wait > time.Microsecond {
		t.Errorf("%v", wait)
	}
	passed := 0
	for i := range 100 {
		if x.take(now.Add(time.Duration(i)*20*time.Millisecond), a) == 0 {
			passed++
		}
	}
	if passed < 19 || passed > 21 { // 2 s at 10/s
		t.Errorf("%d of 100 in two seconds", passed)
	}
}

func TestRatesAreBounded(t *testing.T) {
	x := newRates(1, 1)
	now := time.Unix(1000, 0)
	first := netip.MustParseAddr("10.0.0.0")
	keep := netip.MustParseAddr("192.0.2.1")
	x.take(now, first)
	address := first
	for range 3 * maxAddresses {
		address = address.Next()
		x.take(now, address)
		x.take(now, keep)
	}
	if len(x.addresses) != maxAddresses || x.order.Len() != maxAddresses {
		t.Errorf("%d, %d", len(x.addresses), x.order.Len())
	}
	if x.wait(now, keep) == 0 {
		t.Error("one that comes all the time was forgotten")
	}
	if x.wait(now, first) != 0 {
		t.Error("the oldest is still there")
	}
}

func TestWhomRequestsComeFrom(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::", "[fe80::1%eth0]:1": "fe80::", "@": "invalid IP",
	} {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {"198.51.100.7"}}}
		if have := addressOf(r).String(); have != want {
			t.Errorf("%s: %s", remote, have)
		}
	}
}

func TestOneAddressIsBounded(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) {
		o.RateLimit = 5
		at := time.Now()
		o.Now = func() time.Time { return at }
	})
	for range 10 {
		if r := s.ask(t, "GET", "/api/self", ""); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	r := s.ask(t, "GET", "/api/self", "")
	r.refused(t, 429, CodeTooManyRequests)
	if r.header.Get("Retry-After") != "1" || r.header.Get("Content-Security-Policy") == "" {
		t.Errorf("%v", r.header)
	}
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if r := s.ask(t, "GET", path, ""); r.status != 200 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if r := s.ask(t, "HEAD", "/api/events", ""); r.status != 200 {
		t.Errorf("live events: %d", r.status)
	}
}
