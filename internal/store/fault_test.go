package store

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// killed opens what a program that was killed at this moment would leave behind: a copy
// of the file and its log, of which nobody took leave.
func killed(t *testing.T, s *Store) *Store {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"", "-wal"} {
		copyFile(t, s.path+part, filepath.Join(dir, FileName+part))
	}
	return open(t, dir)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// refuse makes every transaction fail, as a full disk does, until it is called with false.
func refuse(t *testing.T, s *Store, on bool) {
	t.Helper()
	err := s.w.db.SetAuthorizer(func(action sqlite3.AuthorizerActionCode, _, _, _, _ string) sqlite3.AuthorizerReturnCode {
		if on && action == sqlite3.AUTH_TRANSACTION {
			return sqlite3.AUTH_DENY
		}
		return sqlite3.AUTH_OK
	})
	if err != nil {
		t.Fatal(err)
	}
}

// whole fails when a store had to put anything out of the way, or Verify finds damage.
func whole(t *testing.T, s *Store) {
	t.Helper()
	for _, a := range s.Asides() {
		t.Errorf("%s was set aside: %v", a.Path, a.Why)
	}
	_, err := Verify(t.Context(), s.path, Verification{Problem: func(p Problem) { t.Error(p) }})
	if err != nil {
		t.Error(err)
	}
}

// beat appends one sample of each owner.
func beat(s *Store, at time.Time, value float64, owners ...OwnerID) error {
	var samples []Sample
	for _, o := range owners {
		samples = append(samples, Sample{SeriesOf(o, 0), value})
	}
	return s.Append(at, samples, nil)
}

// asides are the names in a directory of what was set aside.
func asides(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if strings.Contains(e.Name(), ".damaged-") {
			out = append(out, e.Name())
		}
	}
	return out
}
