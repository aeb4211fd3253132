package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// filled is a store with a bit of everything: samples, minutes, hours, frames, events, a
// detector.
func filled(t *testing.T, dir string) (*Store, map[Series][]Point) {
	t.Helper()
	s := open(t, dir)
	m := importing(t, s, noon.Add(3*time.Hour))
	imported(t, m, Gauge, 0, made(noon.Add(-60*24*time.Hour), time.Minute, 3000, 1), "__name__", "old")
	imported(t, m, Gauge, 0, made(noon.Add(-9*24*time.Hour), time.Minute, 3000, 2), "__name__", "older")
	closed(t, m)
	o := ownerOf(t, s, Service, noon, "service", "bot")
	s.Record(Event{At: noon.UnixMilli(), Kind: "start", Subject: "zol0", Text: "It began.", Detail: `{"a":1}`})
	s.SaveDetector(Detector{"bot", noon.UnixMilli(), []byte("state")})
	return s, walk(t, s, noon, 5*time.Second, 1800, []OwnerID{o}, 3)
}

// problems are those that Verify finds.
func problems(t *testing.T, path string) (out []string, v Verified) {
	t.Helper()
	v, err := Verify(context.Background(), path, Verification{
		Problem: func(p Problem) { out = append(out, p.Error()) },
		Detector: func(d Detector) error {
			return map[bool]error{true: nil, false: errors.New("it cannot be restored")}[string(d.Data) == "state"]
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, v
}

func TestVerifyOfASoundStoreBesideItsWriter(t *testing.T) {
	s, _ := filled(t, t.TempDir())
	var progress int64
	v, err := Verify(context.Background(), filepath.Dir(s.Path()), Verification{
		Problem:  func(p Problem) { t.Error(p) },
		Progress: func(done, of int64) { progress = max(progress, done); _ = of },
	})
	if err != nil {
		t.Fatal(err)
	}
	if v.Owners != 3 || v.Chunks < 55 || v.Days != 3 || v.Frames < 300 || v.Events != 1 || v.Detectors != 1 || v.Problems != 0 || progress > 0 && progress < 1024 {
		t.Errorf("%+v after %d rows", v, progress)
	}
}

func TestVerifyNamesEveryBrokenRow(t *testing.T) {
	s, _ := filled(t, t.TempDir())
	path := s.Path()
	for _, query := range []string{
		"UPDATE chunk SET data=x'00' WHERE k=(SELECT min(k) FROM chunk)",
		"UPDATE chunk SET n=n+1 WHERE k=(SELECT min(k) FROM chunk WHERE tier=0)",
		"UPDATE chunk SET tier=7 WHERE k=(SELECT k FROM chunk WHERE tier=0 ORDER BY k LIMIT 1 OFFSET 1)",
		"UPDATE chunk SET data=x'00' WHERE k=(SELECT k FROM chunk WHERE tier=0 ORDER BY k LIMIT 1 OFFSET 2)",
		"INSERT INTO chunk SELECT k+32*1000,tier,n,t0,t1,first,last,min,max,sum,data FROM chunk WHERE tier=0 ORDER BY k DESC LIMIT 1",
		"UPDATE day SET data=x'ff' WHERE k=(SELECT max(k) FROM day)",
		"UPDATE frame SET data=x'09' WHERE epoch=(SELECT epoch FROM frame WHERE slot=0) AND slot=(SELECT max(slot) FROM frame WHERE k%2=0 AND epoch=(SELECT epoch FROM frame WHERE slot=0))",
		"UPDATE owner SET labels='[' WHERE id=1",
		"UPDATE owner SET kind=9 WHERE id=2",
		"UPDATE event SET detail='{'",
		"UPDATE detector SET data=x'01'",
	} {
		if err := s.w.db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	got, v := problems(t, path)
	if int(v.Problems) != len(got) {
		t.Errorf("%d problems were counted, %d told", v.Problems, len(got))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"table chunk, row", "no chunk of samples: 1 bytes", "its column n says", "there is no tier 7", "its owner 1003 is not there", "column 0 breaks off",
		"table day, row", "table frame, row", "unknown kind 9", "table owner, row 1: labels", "there is no kind 9 of owners", "its details are no JSON", "it cannot be restored",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody said %q in\n%s", want, all)
		}
	}
}

// overwritten puts nonsense over some pages in the middle of a store's file.
func overwritten(t *testing.T, path string, from, n int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("\xa5", int(n*pageSize))), from*pageSize); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenPagesAreFoundAndTheRestIsSalvaged(t *testing.T) {
	dir := t.TempDir()
	s, want := filled(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	overwritten(t, path, info.Size()/pageSize/2, 4)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := problems(t, path); len(got) == 0 {
		t.Error("nobody saw four broken pages")
	}
	into := open(t, t.TempDir())
	told := 0
	out, err := into.Salvage(context.Background(), path, noon.Add(3*time.Hour), func(p Problem) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	if out.Unreadable == 0 || int(out.Unreadable) != told || out.New == 0 {
		t.Errorf("%+v, %d told", out, told)
	}
	found := 0
	for _, x := range want {
		found += len(x)
	}
	if out.Points < int64(found)/3 {
		t.Errorf("only %d samples of more than %d were saved", out.Points, found)
	}
	sound_(t, into)
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the damaged file was changed (%v)", err)
	}
}

func TestSalvageTakesEverythingOnce(t *testing.T) {
	from, want := filled(t, t.TempDir())
	into := open(t, t.TempDir())
	x := ownerOf(t, into, Process, noon, "pid", "1") // so that numbers of owners differ
	if err := into.Append(noon.Add(-time.Hour), []Sample{{SeriesOf(x, 0), 1}}, nil); err != nil {
		t.Fatal(err)
	}
	into.Record(Event{At: noon.Add(time.Minute).UnixMilli(), Kind: "start", Subject: "zol0", Text: "It began again."})
	if err := into.Flush(); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		out, err := into.Salvage(context.Background(), from.Path(), noon.Add(3*time.Hour), func(p Problem) { t.Error(p) })
		if err != nil {
			t.Fatal(err)
		}
		if (out.New > 0) != (round == 0) || out.Unreadable+out.Orphans+out.Lost != 0 {
			t.Errorf("round %d: %+v", round, out)
		}
		id := ownerOf(t, into, Service, noon, "service", "bot")
		for theirs, all := range want {
			same(t, points(t, into, SeriesOf(id, theirs.Code()), noon, noon.Add(9*time.Hour)), all)
		}
		for _, name := range []string{"old", "older"} {
			a, b := ownerOf(t, from, Gauge, noon, "__name__", name), ownerOf(t, into, Gauge, noon, "__name__", name)
			theirs, ours := buckets(t, from, SeriesOf(a, 0), noon.Add(-99*24*time.Hour), noon, time.Hour), buckets(t, into, SeriesOf(b, 0), noon.Add(-99*24*time.Hour), noon, time.Hour)
			if len(theirs) == 0 || len(theirs) != len(ours) || theirs[len(theirs)-1] != ours[len(ours)-1] {
				t.Errorf("%s: %d hours, want %d", name, len(ours), len(theirs))
			}
		}
		var events []string
		if err := into.Events(0, 10, func(e Event) { events = append(events, e.Text) }); err != nil {
			t.Fatal(err)
		}
		if strings.Join(events, " ") != "It began again. It began." {
			t.Errorf("the journal is %q", events)
		}
	}
	n := 0
	if err := into.Detectors(func(d Detector) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d detectors (%v)", n, err)
	}
	sound_(t, into)
}

func TestWhatSalvageRefuses(t *testing.T) {
	s, _ := filled(t, t.TempDir())
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		s.Path():                      "it is the store that would take it in",
		other:                         "file is not a database",
		filepath.Join(dir, "missing"): "no such file",
	} {
		_, err := s.Salvage(context.Background(), path, noon, func(Problem) {})
		var e *Error
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("%s gives %v", path, err)
		}
	}
	newer := open(t, t.TempDir())
	if err := newer.w.db.Exec("PRAGMA user_version=99"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Salvage(context.Background(), newer.Path(), noon, func(Problem) {}); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer store gives %v", err)
	}
}
