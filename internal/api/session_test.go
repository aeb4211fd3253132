package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/wire"
)

// begin makes a session and returns the header that belongs to it.
func begin(t *testing.T, s *stage) []string {
	t.Helper()
	set := s.ask(t, "GET", "/api/session", "").header.Get("Set-Cookie")
	pair, attributes, _ := strings.Cut(set, ";")
	for _, a := range []string{"HttpOnly", "SameSite=Strict", "Path=/api/session"} {
		if !strings.Contains(attributes, a) {
			t.Errorf("the cookie %q has no %s", set, a)
		}
	}
	if !strings.HasPrefix(pair, cookie+"=") || len(pair) != len(cookie)+1+32 {
		t.Fatalf("the cookie is %q", set)
	}
	return []string{"Cookie", pair}
}

func TestSession(t *testing.T) {
	s := newStage(t)
	me, other := begin(t, s), begin(t, s)
	view := func(method, path string, who []string) (v wire.Session) {
		r := s.ask(t, method, path, "", who...)
		if r.status != 200 || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s %s: %+v", method, path, r)
		}
		r.into(t, &v)
		return v
	}
	for _, key := range []string{"theme", "temp_a", "old_b", "cache_c"} {
		if r := s.ask(t, "PUT", "/api/session/state/"+key, `{"a": [1, "<b>"]}`, me...); r.status != 204 || r.body != "" {
			t.Errorf("%s: %+v", key, r)
		}
	}
	if r := s.ask(t, "GET", "/api/session/state/theme", "", me...); r.status != 200 || r.body != "{\"a\": [1, \"<b>\"]}\n" || r.header.Get("Content-Type") != jsonType {
		t.Errorf("%+v", r)
	}
	s.ask(t, "GET", "/api/session/state/theme", "", other...).refused(t, 404, CodeNoSuchKey)
	if v := view("POST", "/api/session/refresh", me); v.SweptKeys != 3 || strings.Join(v.Keys, " ") != "theme" {
		t.Errorf("%+v", v)
	}
	s.ask(t, "PUT", "/api/session/state/temp_d", "1", me...)
	for i := 1; i <= session.SweepLoads; i++ {
		v := view("POST", "/api/session/load", me)
		if want := i == session.SweepLoads; v.PageLoads != uint64(i) || (v.SweptKeys == 1) != want {
			t.Errorf("load %d: %+v", i, v)
		}
	}
	view("POST", "/api/session/load", other)
	s.ask(t, "GET", "/api/store", "")
	if v := view("GET", "/api/session", me); v.PageLoads != 50 || v.AllPageLoads != 51 || v.CacheEntries != 1 || v.ExpiresSeconds != 1800 {
		t.Errorf("%+v", v)
	}
	if r := s.ask(t, "DELETE", "/api/session/state/theme", "", me...); r.status != 204 {
		t.Errorf("%+v", r)
	}
	s.ask(t, "DELETE", "/api/session/state/theme", "", me...).refused(t, 404, CodeNoSuchKey)
}

func TestWhatASessionDoesNotKeep(t *testing.T) {
	s := newStage(t)
	me := begin(t, s)
	put := func(key, value string) reply { return s.ask(t, "PUT", "/api/session/state/"+key, value, me...) }
	put("a", "dark").refused(t, 400, CodeBadValue)
	put("a", "").refused(t, 400, CodeBadValue)
	put("a", `"`+strings.Repeat("x", session.MaxValueBytes)+`"`).refused(t, 400, CodeBadValue)
	put(strings.Repeat("k", 65), "1").refused(t, 400, CodeBadKey)
	put("a%0Ab", "1").refused(t, 400, CodeBadKey)
	for i := range session.MaxKeys {
		if r := put("k"+strings.Repeat("x", i), "1"); r.status != 204 {
			t.Errorf("%+v", r)
		}
	}
	put("one-more", "1").refused(t, 409, CodeTooManyKeys)
	if r := put("%C3%A9%2F..", "1"); r.status != 409 { // a key may have a slash and letters of any kind
		t.Errorf("%+v", r)
	}
}

// TestIdentitiesAreOurs asks with an identity that the server did not give: it is not
// taken over, or whoever planted it could read along.
func TestIdentitiesAreOurs(t *testing.T) {
	s := newStage(t)
	planted := strings.Repeat("0", 32)
	r := s.ask(t, "POST", "/api/session/load", "", "Cookie", cookie+"="+planted)
	if given := r.header.Get("Set-Cookie"); r.status != http.StatusOK || given == "" || strings.Contains(given, planted) {
		t.Errorf("%+v", r)
	}
}
