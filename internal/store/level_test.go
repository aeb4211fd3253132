package store

import (
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// TestLevelSeriesTakeNoBytes stores series that do not move, some of them with a gap, with
// times off the grid, or moving once.
func TestLevelSeriesTakeNoBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o := ownerOf(t, s, Service, noon, "service", "bot")
	level, gap, once := SeriesOf(o, 0), SeriesOf(o, 1), SeriesOf(o, 2)
	want := map[Series][]Point{}
	for i := range 1500 {
		at := noon.Add(time.Duration(i) * 5 * time.Second)
		beat := []Sample{{level, 4096}, {once, 1}}
		if i >= 300 {
			beat[1].Value = 2
		}
		if i != 100 {
			beat = append(beat, Sample{gap, 0})
		}
		for _, x := range beat {
			want[x.Series] = append(want[x.Series], Point{at.UnixMilli(), x.Value})
		}
		if err := s.Append(at, beat, nil); err != nil {
			t.Fatal(err)
		}
	}
	for x, all := range want {
		same(t, points(t, s, x, noon, noon.Add(9*time.Hour)), all)
	}
	bytes := map[Series]int64{}
	err := s.r.rows("SELECT k, length(data) FROM chunk WHERE k>>32=?", func(row *sqlite3.Stmt) error {
		bytes[key(row.ColumnInt64(0)).series()] = row.ColumnInt64(1)
		return nil
	}, hourOf(noon.UnixMilli()))
	if err != nil {
		t.Fatal(err)
	}
	if len(bytes) != 3 || bytes[level] != 0 || bytes[gap] == 0 || bytes[once] == 0 {
		t.Errorf("the chunks have %v bytes", bytes)
	}
	for _, step := range []time.Duration{time.Hour, 20 * time.Minute} {
		n := int64(0)
		err := s.Buckets(t.Context(), level, noon.UnixMilli(), noon.Add(9*time.Hour).UnixMilli(), step.Milliseconds(), func(b Bucket) bool {
			n += b.N
			if b.Min != 4096 || b.Mean != 4096 || b.Max != 4096 || b.Last != 4096 || b.First != 4096 {
				t.Errorf("step %v: %+v", step, b)
			}
			return true
		})
		if err != nil || n != 1500 {
			t.Errorf("step %v: %d samples, %v", step, n, err)
		}
	}
	// A pass of the clock that is taken back is joined with level chunks too.
	later := noon.Add(30 * time.Minute).Add(time.Second)
	if err := s.Append(later, []Sample{{level, 5}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(noon.Add(5*time.Hour), []Sample{{level, 6}}, nil); err != nil {
		t.Fatal(err)
	}
	joined := joinSorted(want[level], []Point{{later.UnixMilli(), 5}, {noon.Add(5 * time.Hour).UnixMilli(), 6}}, func(p Point) int64 { return p.T })
	same(t, points(t, s, level, noon, noon.Add(9*time.Hour)), joined)
}
