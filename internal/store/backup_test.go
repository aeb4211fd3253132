package store

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A backup beside a goroutine that appends has every sample that was acknowledged before it
// began, and none of a transaction that was not whole.
func TestBackupWhileAnotherAppends(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o := ownerOf(t, s, Service, noon, "service", "bot")
	x := SeriesOf(o, 0)
	first := walk(t, s, noon, 5*time.Second, 1000, []OwnerID{o}, 1)[x]
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		at := noon.Add(5000 * time.Second)
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := s.Append(at, []Sample{{x, float64(i)}}, nil); err != nil {
				done <- err
				return
			}
			at = at.Add(5 * time.Second)
		}
	}()
	to := filepath.Join(dir, "copy.db")
	for range 5 {
		size, err := s.Backup(context.Background(), to)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(to)
		if err != nil || info.Size() != size || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("the copy is %v of %d bytes, want %d (%v)", info.Mode(), info.Size(), size, err)
		}
		c, err := OpenReader(to)
		if err != nil {
			t.Fatal(err)
		}
		got := points(t, c, x, noon, noon.Add(9000*time.Hour))
		same(t, got[:len(first)], first)
		for i, p := range got[len(first):] {
			if p.Value != float64(i) {
				t.Fatalf("sample %d behind the first is %v", i, p)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := os.Remove(to); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBackupOverwritesNothingAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s, _ := filled(t, dir)
	for _, to := range []string{s.Path(), filepath.Join(dir, "missing", "copy.db")} {
		_, err := s.Backup(context.Background(), to)
		var e *Error
		if !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("a backup to %s gives %v", to, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	to := filepath.Join(dir, "copy.db")
	if _, err := s.Backup(ctx, to); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that was cut off gives %v", err)
	}
	if _, err := os.Stat(to); !os.IsNotExist(err) {
		t.Errorf("it left a file (%v)", err)
	}
	sound_(t, s)
}

// What deleted rows left is given back, and everything else is still there.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	s, want := filled(t, dir)
	m := importing(t, s, noon)
	id, err := m.Owner(Gauge, labels(t, "__name__", "gone"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range made(noon.Add(-100*time.Hour), time.Second, 200_000, 3) {
		if err := m.Add(SeriesOf(id, 0), Point{p.T, p.Value * math.Pi}); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, m)
	if err := s.w.db.Exec("DELETE FROM chunk WHERE k&4294967295=" + strings.TrimSpace(formatInt(int64(SeriesOf(id, 0))))); err != nil {
		t.Fatal(err)
	}
	before, after, err := s.Compact(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if after > before/2 {
		t.Errorf("%d bytes became %d", before, after)
	}
	for x, all := range want {
		same(t, points(t, s, x, noon, noon.Add(9*time.Hour)), all)
	}
	walk(t, s, noon.Add(5*time.Hour), 5*time.Second, 10, []OwnerID{1}, 1)
	sound_(t, s)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Compact(context.Background()); err == nil {
		t.Error("a reader compacted the file")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
