package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// stocked makes a store of some hours of ten owners in dir and closes it. It returns what
// was appended.
func stocked(t *testing.T, dir string) map[Series][]Point {
	t.Helper()
	s := open(t, dir)
	var owners []OwnerID
	for _, name := range strings.Split("abcdefghij", "") {
		owners = append(owners, ownerOf(t, s, Service, noon, "service", name))
	}
	want := walk(t, s, noon, 20*time.Second, 6*180+60, owners, 11)
	s.Record(Event{At: noon.UnixMilli(), Kind: "start", Subject: "zol0", Text: "it began"})
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return want
}

// pagesOf are the pages of a file by the name of the table they belong to, the root first.
func pagesOf(t *testing.T, path string) map[string][]int64 {
	t.Helper()
	c, err := connect(path, sqlite3.OPEN_READONLY)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close() //nolint:errcheck // only read
	out := make(map[string][]int64)
	err = c.rows("SELECT name, rootpage FROM sqlite_schema WHERE rootpage>0", func(row *sqlite3.Stmt) error {
		out[row.ColumnText(0)] = append(out[row.ColumnText(0)], row.ColumnInt64(1))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// The pages below a root are named by its cells, which begin with four bytes of page
	// number where the root is an interior page of a table.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, pages := range out {
		if root := b[(pages[0]-1)*pageSize:]; root[0] == 5 {
			for i := range int(root[3])<<8 | int(root[4]) {
				cell := root[int(root[12+2*i])<<8|int(root[13+2*i]):]
				out[name] = append(out[name], int64(cell[0])<<24|int64(cell[1])<<16|int64(cell[2])<<8|int64(cell[3]))
			}
		}
	}
	return out
}

// flip inverts n bytes of a file from an offset on.
func flip(t *testing.T, path string, offset int64, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, offset); err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 0xff
	}
	if _, err := f.WriteAt(b, offset); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// everything counts the samples that can be read.
func everything(t *testing.T, s *Store, want map[Series][]Point) (n, wrong, failed int) {
	t.Helper()
	names := make(map[OwnerID]OwnerID) // numbers begin anew in a new file
	for id := range OwnerID(10) {
		owners, err := s.Owners(t.Context(), Service, 0, stillOpen, func(l Labels) bool { return l.Get("service") == string(rune('a'+id)) })
		if err == nil && len(owners) == 1 {
			names[id+1] = owners[0].ID
		}
	}
	for x, all := range want {
		is := make(map[int64]float64)
		for _, p := range all {
			is[p.T] = p.Value
		}
		err := s.Points(t.Context(), SeriesOf(names[x.Owner()], x.Code()), noon.UnixMilli(), noon.Add(7*time.Hour).UnixMilli(), func(p Point) bool {
			if v, ok := is[p.T]; !ok || v != p.Value {
				wrong++
			}
			n++
			return true
		})
		if err != nil {
			failed++
		}
	}
	return n, wrong, failed
}

// TestDamagedFiles opens, fills and reads stores that were damaged in every way. Whatever
// it was, the store opens, takes samples and keeps what it cannot use.
func TestDamagedFiles(t *testing.T) {
	whole := func(string) int64 { return -1 }
	at := func(table string, k int, offset int64) func(string) int64 {
		return func(path string) int64 {
			pages := pagesOf(t, path)[table]
			if len(pages) <= k {
				t.Fatalf("table %s has %d pages", table, len(pages))
			}
			return (pages[k]-1)*pageSize + offset
		}
	}
	all := 0
	template := t.TempDir()
	want := stocked(t, template)
	for _, c := range []struct {
		name  string
		where func(path string) int64
		n     int
		do    func(t *testing.T, path string)
		aside bool // the file is set aside when it is opened
		least int  // of the samples can be read after it
	}{
		{name: "header", where: func(string) int64 { return 0 }, n: 16, aside: true},
		{name: "header's page size", where: func(string) int64 { return 16 }, n: 2, aside: true},
		{name: "schema", where: func(string) int64 { return 100 }, n: 64, aside: true},
		{name: "root of the chunks", where: at("chunk", 0, 0), n: 8, aside: true, least: 2000},
		{name: "head of a leaf of the chunks", where: at("chunk", 2, 0), n: 8, least: 32000},
		{name: "last leaf of the chunks", where: at("chunk", 5, 0), n: 8, least: 34000},
		{name: "samples in a leaf", where: at("chunk", 3, 2500), n: 200, least: 46000},
		{name: "root of the frames", where: at("frame", 0, 0), n: 8, aside: true, least: 44000},
		{name: "a frame", where: at("frame", 1, pageSize-1000), n: 500, aside: true, least: 44000},
		{name: "owners", where: at("owner", 0, 0), n: 8, aside: true},
		{name: "index of the owners", where: at("owner_labels", 0, 0), n: 8, least: 46550},
		{name: "events", where: at("event", 0, 0), n: 8, least: 46550},
		{name: "no database", where: whole, aside: true, do: func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("this is no database\n"), 1000))
		}},
		{name: "short text", where: whole, aside: true, do: func(t *testing.T, path string) { write(t, path, []byte("hello")) }},
		{name: "empty", where: whole, do: func(t *testing.T, path string) { write(t, path, nil) }},
		{name: "zeros", where: whole, aside: true, do: func(t *testing.T, path string) { write(t, path, make([]byte, 40*pageSize)) }},
		{name: "half", where: whole, do: func(t *testing.T, path string) { truncate(t, path, 2) }, aside: true, least: 2000},
		{name: "one page", where: whole, do: func(t *testing.T, path string) {
			if err := os.Truncate(path, pageSize); err != nil {
				t.Fatal(err)
			}
		}, aside: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			copyFile(t, filepath.Join(template, FileName), filepath.Join(dir, FileName))
			all = 0
			for _, p := range want {
				all += len(p)
			}
			path := filepath.Join(dir, FileName)
			if c.do != nil {
				c.do(t, path)
			} else {
				flip(t, path, c.where(path), c.n)
			}
			damaged, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			if got := len(asides(t, dir)) > 0; got != c.aside {
				t.Errorf("set aside when it is opened: %v, want %v: %v", got, c.aside, s.Asides())
			}
			if c.aside {
				kept, err := os.ReadFile(s.Asides()[0].Path)
				if err != nil || !bytes.Equal(kept, damaged) {
					t.Errorf("what was set aside is not what was there: %d bytes, were %d, %v", len(kept), len(damaged), err)
				}
			}
			n, wrong, failed := everything(t, s, want)
			goesOn(t, s)
			salvaged, _, _ := everything(t, s, want)
			t.Logf("%d of %d samples read at once, %d wrong, %d of %d series broken off; %d after salvage", n, all, wrong, failed, len(want), salvaged)
			if salvaged < c.least {
				t.Errorf("%d samples are there after salvage, want %d", salvaged, c.least)
			}
		})
	}
}

// goingOn is how many samples, of a minute each, a store takes after it was damaged.
const goingOn = 250

// goesOn fails unless the store takes samples of many hours, tidies, and has them after it
// was closed and opened.
func goesOn(t *testing.T, s *Store) {
	t.Helper()
	from := noon.Add(7 * time.Hour)
	id, err := s.OwnerOf(Service, labels(t, "service", "after"), from.UnixMilli())
	if err != nil {
		// The damage shows here first, and is set aside by what writes next.
		t.Logf("the first owner: %v", err)
		s.Record(Event{At: from.UnixMilli(), Kind: "test", Text: "it goes on"})
		if err := s.Flush(); err != nil {
			t.Logf("the first event: %v", err)
		}
		if id, err = s.OwnerOf(Service, labels(t, "service", "after"), from.UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	x := SeriesOf(id, 0)
	failures := 0
	for i := range goingOn {
		at := from.Add(time.Duration(i) * time.Minute)
		if err := s.Append(at, []Sample{{x, float64(i)}}, nil); err != nil {
			failures++
		}
		if _, err := s.Tidy(at); err != nil {
			failures++
		}
		s.Record(Event{At: at.UnixMilli(), Kind: "test", Text: "it goes on"})
	}
	if failures > 1 {
		t.Errorf("%d appends and steps failed", failures)
	}
	if err := s.Flush(); err != nil {
		t.Error(err)
	}
	// What was set aside is taken in again, as far as it can be read.
	for _, a := range s.Asides() {
		if strings.Contains(a.Path, "(") {
			t.Logf("aside: %v", a)
			continue
		}
		out, err := s.Salvage(t.Context(), a.Path, from.Add(72*time.Hour), func(Problem) {})
		t.Logf("%v: %d chunks, %d frames, %d events salvaged, %d unreadable, %v", a.Why, out.Chunks, out.Frames, out.Events, out.Unreadable, err)
	}
	for range 100 { // of thinning
		if _, err := s.Tidy(from.Add(72 * time.Hour)); err != nil {
			t.Errorf("tidying: %v", err)
			break
		}
	}
	check := func(s *Store) {
		t.Helper()
		var n int64
		if err := s.Buckets(t.Context(), x, from.UnixMilli(), from.Add(72*time.Hour).UnixMilli(), hourMillis, func(b Bucket) bool { n += b.N; return true }); err != nil {
			t.Error(err)
		}
		if n != goingOn {
			t.Errorf("%d samples of %d are there afterwards", n, goingOn)
		}
	}
	check(s)
	check(killed(t, s))
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// truncate leaves one part in n of a file.
func truncate(t *testing.T, path string, n int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/n)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestDamageWhileOpen flips bytes of a file under an open store. What is in memory goes on
// into a new file, and the damaged one is kept.
func TestDamageWhileOpen(t *testing.T) {
	template := t.TempDir()
	want := stocked(t, template)
	for _, table := range []string{"chunk", "frame", "owner", "owner_labels", "event", "meta"} {
		t.Run(table, func(t *testing.T) {
			dir := t.TempDir()
			copyFile(t, filepath.Join(template, FileName), filepath.Join(dir, FileName))
			s := open(t, dir)
			if err := s.w.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				t.Fatal(err)
			}
			for _, p := range pagesOf(t, s.path)[table] {
				flip(t, s.path, (p-1)*pageSize, pageSize)
			}
			for _, c := range []*connection{&s.w.connection, &s.r.connection} {
				if err := c.db.ReleaseMemory(); err != nil {
					t.Fatal(err)
				}
			}
			goesOn(t, s)
			// The open hour was in memory and is whole.
			for x, all := range want {
				hour := between(all, noon.Add(6*time.Hour), noon.Add(7*time.Hour-time.Millisecond))
				var n int64
				if err := s.Buckets(t.Context(), x, noon.Add(6*time.Hour).UnixMilli(), noon.Add(7*time.Hour).UnixMilli()-1, hourMillis, func(b Bucket) bool { n += b.N; return true }); err != nil {
					t.Fatal(err)
				}
				if n != int64(len(hour)) || n == 0 {
					t.Fatalf("%d samples of the hour that was open, want %d", n, len(hour))
				}
			}
			t.Logf("aside: %v", s.Asides())
		})
	}
}
