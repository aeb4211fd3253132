package history

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

var end = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)

func fill(t *testing.T, seed uint64) (Cost, [sha256.Size]byte) {
	t.Helper()
	p := Plan{Dir: t.TempDir(), Span: 90 * time.Minute, End: end, Seed: seed, Services: 12, Processes: 100, FullHour: true}
	cost, err := Fill(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(p.Dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return cost, sha256.Sum256(file)
}

func TestAPlanMakesTheSameHistoryAgain(t *testing.T) {
	first, sum := fill(t, 1)
	if _, again := fill(t, 1); again != sum {
		t.Error("the same plan made another file")
	}
	if _, other := fill(t, 2); other == sum {
		t.Error("another seed made the same file")
	}
	// An hour of beats before noon, and as many in the half hour after it.
	if want := 2 * beatsPerHour; first.Beats != want {
		t.Errorf("%d beats, want %d", first.Beats, want)
	}
	// 12 services of 9 figures a beat and 40 instances of 8 are the least; each sample is stored.
	if least := int64(12*9 + 40*8); first.Samples < least*int64(first.Beats) {
		t.Errorf("%d samples of %d beats", first.Samples, first.Beats)
	}
	if b := first.PerSample(); b < 0.05 || b > 3 || first.Whole() <= b {
		t.Errorf("%v bytes per sample, %v of the file", b, first.Whole())
	}
}

func TestOnlyOneProcessRestartsAtATime(t *testing.T) {
	x := newPopulation(Plan{End: end, Span: 10 * time.Hour, Seed: 1, Services: 5, Processes: 50})
	before, restarts := x.pids(), 0
	for at := end.Add(-10 * time.Hour); at.Before(end); at = at.Add(Beat) {
		s, _ := x.next(at)
		now := x.pids()
		for _, pid := range now {
			if !slices.Contains(before, pid) {
				restarts++
			}
		}
		before = now
		for k := range s.Services {
			for i := range s.Services[k].Instances {
				if v, ok := s.Services[k].Instances[i].Sample.Get(memory.Private); !ok || v == 0 || v%page != 0 {
					t.Fatalf("private memory of %d bytes at %s", v, at)
				}
			}
		}
	}
	// Ten hours at 20 an hour; the standard deviation of 200 events is 14.
	if restarts < 140 || restarts > 260 {
		t.Errorf("%d restarts in ten hours, want about 200", restarts)
	}
}
