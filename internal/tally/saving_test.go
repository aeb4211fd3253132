package tally

import (
	"errors"
	"testing"

	"github.com/zol0/zol0/internal/process"
)

// Every instance is saved once in a rotation, and what a beat writes is small.
func TestRotation(t *testing.T) {
	for _, n := range []int{1, 7, MaxJudged} {
		tally, c := New(), newCrowd(n, 1)
		for range 400 {
			c.show(tally)
		}
		for round := range 3 {
			times := map[process.ID]int{}
			total := 0
			for range Rotation {
				records := 0
				if err := tally.SaveNext(func(r *Record) error {
					times[r.ID]++
					records++
					total += len(r.Blob)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if records > 1 {
					t.Fatalf("%d processes: %d records in one beat", n, records)
				}
			}
			for id, k := range times {
				if k != 1 {
					t.Errorf("%d processes, rotation %d: %s was saved %d times", n, round, id, k)
				}
			}
			if len(times) != n || total/Rotation > 5_000 {
				t.Errorf("%d processes, rotation %d: %d were saved, %d bytes a beat", n, round, len(times), total/Rotation)
			}
		}
	}
}

// What comes anew goes to the end of the queue: it cannot keep others from being saved.
func TestNewcomersDoNotJumpTheQueue(t *testing.T) {
	tally, store := New(), kept{}
	calm := newCrowd(20, 1)
	calm.show(tally)
	for i := range 2 * Rotation {
		next := newCrowd(60, int32(1000*(i+1)))
		next.round = i + 1
		for k := range next.services[:20] {
			next.services[k].Instances = append(next.services[k].Instances, calm.services[k].Instances...)
		}
		next.show(tally)
		if err := tally.SaveNext(store.save); err != nil {
			t.Fatal(err)
		}
	}
	for i := range calm.samples {
		if store[calm.samples[i].ID] == nil {
			t.Errorf("%s was never saved", calm.samples[i].ID)
		}
	}
	if len(store) > MaxJudged+MaxWaiting || len(tally.saving.stale) > 0 {
		t.Errorf("%d records are kept, %d are to be deleted", len(store), len(tally.saving.stale))
	}
}

// A store that fails is told of, and what failed comes again.
func TestSavingFails(t *testing.T) {
	full := errors.New("disk full")
	tally, c := New(), newCrowd(10, 1)
	c.show(tally)
	calls := 0
	refuse := func(*Record) error { calls++; return full }
	if err := tally.Saved(refuse); !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	failed := 0
	for range Rotation {
		if err := tally.SaveNext(refuse); errors.Is(err, full) {
			failed++
		}
	}
	if failed != 10 {
		t.Errorf("%d of 10 failures were told", failed)
	}
	store := kept{}
	for range Rotation {
		if err := tally.SaveNext(store.save); err != nil {
			t.Error(err)
		}
	}
	if len(store) != 10 {
		t.Errorf("%d of 10 were saved in the end", len(store))
	}
	// Deletions that failed come again too.
	tally.SetMaxJudged(0)
	if err := tally.SaveNext(refuse); !errors.Is(err, full) {
		t.Errorf("a deletion that failed: %v", err)
	}
	if err := tally.SaveNext(store.save); err != nil || len(store) != 0 {
		t.Errorf("%d records are left, %v", len(store), err)
	}
}

func TestDeletionsAreBounded(t *testing.T) {
	tally := New()
	for i := range 3 * maxStale {
		tally.forgetSaved(&judges{saved: true}, process.ID{PID: int32(i)})
	}
	if n := len(tally.saving.stale); n != maxStale {
		t.Errorf("%d deletions are remembered", n)
	}
}
