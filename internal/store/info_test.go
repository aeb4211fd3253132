package store

import (
	"context"
	"math"
	"os"
	"strconv"
	"testing"
	"time"
)

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

func TestInfoCountsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	s, want := filled(t, dir)
	if err := os.WriteFile(s.Path()+".damaged-20260101-000000", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir) // as beside a daemon
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it wrote nothing
	samples := int64(0)
	for _, all := range want {
		samples += int64(len(all))
	}
	for name, x := range map[string]*Store{"writer": s, "reader": r} {
		i, err := x.Info(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		raw, minutes, hours := i.Tiers[0], i.Tiers[1], i.Tiers[2]
		if raw.Samples != samples || minutes.Samples != 3000 || hours.Samples != 3000 {
			t.Errorf("%s: %d, %d and %d samples, want %d, 3000 and 3000", name, raw.Samples, minutes.Samples, hours.Samples, samples)
		}
		if raw.Oldest != noon.UnixMilli() || raw.Newest != noon.Add(1799*5*time.Second).UnixMilli() {
			t.Errorf("%s: raw samples from %d to %d", name, raw.Oldest, raw.Newest)
		}
		if i.SchemaVersion != schemaVersion || i.Series != 7 || i.OpenSeries != 5 || i.Events != 1 || i.Detectors != 1 || i.FileBytes == 0 || i.UsedBytes == 0 || len(i.Asides) != 1 {
			t.Errorf("%s: %+v", name, i)
		}
		if len(i.Owners) != 2 || i.Owners[0] != (OwnerCount{Service, 1, 1}) || i.Owners[1] != (OwnerCount{Gauge, 0, 2}) {
			t.Errorf("%s: the owners are %+v", name, i.Owners)
		}
		if !(i.BytesPerSample > 0.5 && i.BytesPerSample < 10) {
			t.Errorf("%s: %v bytes a sample", name, i.BytesPerSample)
		}
	}
	empty, err := open(t, t.TempDir()).Info(context.Background())
	if err != nil || !math.IsNaN(empty.BytesPerSample) || empty.Tiers[0].Rows != 0 || empty.Series != 0 {
		t.Errorf("an empty store has %+v (%v)", empty, err)
	}
}

func TestTimeUntilTheCap(t *testing.T) {
	const day = 24 * time.Hour
	tier := func(name string, from, to int, rows int64, perDay int64) TierInfo {
		return TierInfo{Name: name, Rows: rows, Oldest: noon.Add(-time.Duration(from) * day).UnixMilli(), Newest: noon.Add(-time.Duration(to) * day).UnixMilli(), Bytes: perDay * int64(from-to), dayBytes: perDay}
	}
	none := TierInfo{}
	for _, c := range []struct {
		name      string
		used      int64
		tiers     []TierInfo
		size      int64
		want      time.Duration
		never, ok bool
	}{
		{"raw fills it", 10, []TierInfo{tier("raw", 2, 0, 9, 10), none, none}, 40, 3 * day, false, true},
		{"raw does not, and what follows is not known", 10, []TierInfo{tier("raw", 2, 0, 9, 10), none, none}, 100, 0, false, false},
		{"minutes do", 70, []TierInfo{tier("raw", 7, 0, 9, 10), tier("minutes", 17, 7, 9, 2), none}, 80, 5 * day, false, true},
		{"nothing does", 70, []TierInfo{tier("raw", 7, 0, 9, 10), tier("minutes", 30, 7, 9, 2), tier("hours", 60, 30, 9, 1)}, 1000, 0, true, false},
		{"it is full", 70, []TierInfo{none, none, none}, 70, 0, false, true},
		{"it is too young", 7, []TierInfo{tier("raw", 0, 0, 9, 10), none, none}, 70, 0, false, false},
	} {
		i := Info{UsedBytes: c.used, Tiers: c.tiers}
		got, never, ok := i.UntilCap(Options{Size: c.size})
		if got.Round(time.Hour) != c.want || never != c.never || ok != c.ok {
			t.Errorf("%s: %v %v %v, want %v %v %v", c.name, got, never, ok, c.want, c.never, c.ok)
		}
	}
}
