package probe

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/process"
)

const gib = 1 << 30

// someday is when the tests of the budget begin.
func someday() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func TestWhatTheFirstReadOfAProcessIsPredictedToCost(t *testing.T) {
	for _, c := range []struct {
		name      string
		rss       uint64
		predicted time.Duration
		ok        bool
	}{
		{"a process without memory", 0, stallOfAny, true},
		{"100 MB", 100e6, stallOfAny + 931*time.Microsecond, true},
		{"1 GiB", gib, stallOfAny + 10*time.Millisecond, true},
		{"the largest one that fits", 2*gib - 4<<20, stallOfAny + 19961*time.Microsecond, true},
		{"2 GiB", 2 * gib, stallOfAny + 20*time.Millisecond, false},
		{"a size that no machine has", ^uint64(0), stallOfAny + time.Hour, false},
	} {
		var b StallBudget
		grant := b.Ask(someday(), process.ID{PID: 1}, c.rss)
		if d := grant.Predicted - c.predicted; d < -time.Microsecond || d > time.Microsecond {
			t.Errorf("%s: predicted %v, want %v", c.name, grant.Predicted, c.predicted)
		}
		if grant.OK != c.ok || grant.TooLarge() == c.ok {
			t.Errorf("%s: granted %v, too large %v", c.name, grant.OK, grant.TooLarge())
		}
	}
}

func TestTwoReadsOfOneGiBFillAMinuteAndTheThirdWaits(t *testing.T) {
	var b StallBudget
	now, id := someday(), process.ID{PID: 1, Start: 7}
	const rss = gib - 4<<20
	for range 2 {
		if grant := b.Ask(now, id, rss); !grant.OK {
			t.Fatalf("refused: %+v", grant)
		}
		now = now.Add(10 * time.Second)
	}
	refused := b.Ask(now, id, rss)
	if refused.OK || refused.TooLarge() {
		t.Fatalf("a third read within 20 s: %+v", refused)
	}
	if other := b.Ask(now, process.ID{PID: 1, Start: 8}, rss); !other.OK {
		t.Errorf("another instance pays for it: %+v", other)
	}
	if early := b.Ask(now.Add(refused.Wait-time.Nanosecond), id, rss); early.OK {
		t.Errorf("granted before the wait of %v was over", refused.Wait)
	}
	if again := b.Ask(now.Add(refused.Wait), id, rss); !again.OK {
		t.Errorf("after waiting %v: %+v", refused.Wait, again)
	}
	if min, max := 40*time.Second, 46*time.Second; refused.Wait < min || refused.Wait > max {
		t.Errorf("wait of %v, want about a minute after the first read: %v to %v", refused.Wait, min, max)
	}
}

func TestAnUnderestimatedReadIsPaidByWaiting(t *testing.T) {
	var b StallBudget
	now, id := someday(), process.ID{PID: 1}
	grant := b.Ask(now, id, gib/2) // 5 ms
	b.Settle(now, id, grant, PSS{RSSBytes: gib / 2, Stall: 80 * time.Millisecond})
	if total := b.Total(); total != 80*time.Millisecond {
		t.Errorf("total %v, want what was measured", total)
	}
	// 80 ms are the allowance of four minutes; the last of them may be used ahead.
	tiny := b.Ask(now, id, 0)
	if tiny.OK || tiny.Wait < 3*time.Minute || tiny.Wait > 3*time.Minute+time.Second {
		t.Errorf("the next small read: %+v, want a wait of 3 minutes", tiny)
	}
	if same := b.Ask(now, id, gib/2); !same.TooLarge() {
		t.Errorf("a read that just took 80 ms: %+v", same)
	}
	later := now.Add(trusted)
	if same := b.Ask(later, id, gib/2); !same.OK {
		t.Errorf("one slow read forbids all others: %+v", same)
	}
}

func TestHugePagesAreLearnedFromAReadThatAPersonOrdered(t *testing.T) {
	var b StallBudget
	now, id := someday(), process.ID{PID: 1}
	if grant := b.Ask(now, id, 4*gib); !grant.TooLarge() {
		t.Fatalf("4 GiB that might be small pages: %+v", grant)
	}
	b.Settle(now, id, Grant{}, PSS{RSSBytes: 4 * gib, Stall: 200 * time.Microsecond})
	grant := b.Ask(now, id, 4*gib)
	if !grant.OK || grant.Predicted != 200*time.Microsecond {
		t.Errorf("4 GiB of huge pages: %+v, want 200 µs granted", grant)
	}
	if spent := b.Spent(now, id); spent != grant.Predicted {
		t.Errorf("spent %v, want %v", spent, grant.Predicted)
	}
	if spent := b.Spent(now.Add(StallWindow+stallSlot), id); spent != 0 {
		t.Errorf("spent %v after the window, want none", spent)
	}
}

func TestAClockThatRunsBackwardsGrantsNothingExtra(t *testing.T) {
	var b StallBudget
	now, id := someday(), process.ID{PID: 1}
	granted := time.Duration(0)
	for n := range 1000 {
		if grant := b.Ask(now.Add(-time.Duration(n)*time.Hour), id, gib/4); grant.OK {
			granted += grant.Predicted
		}
	}
	if granted > StallAllowance {
		t.Errorf("granted %v", granted)
	}
}

func TestTheBudgetForgetsTheDead(t *testing.T) {
	var b StallBudget
	for pid := range int32(1000) {
		b.Ask(someday(), process.ID{PID: pid}, 1<<20)
	}
	b.Keep(func(id process.ID) bool { return id.PID < 10 })
	if len(b.accounts) != 10 {
		t.Errorf("%d accounts of 10 living processes", len(b.accounts))
	}
	if spent := b.Spent(someday(), process.ID{PID: 10}); spent != 0 {
		t.Errorf("a dead process has spent %v", spent)
	}
}

// Whatever is asked and however wrong the predictions are: the predicted stall granted in
// any minute is within the allowance, and at every grant all real stalls so far are within
// the allowance of the time that passed, plus one.
func TestNoSequenceOfReadsExceedsTheAllowance(t *testing.T) {
	type read struct {
		at        time.Time
		predicted time.Duration
	}
	rapid.Check(t, func(t *rapid.T) {
		var b StallBudget
		ids := []process.ID{{PID: 1}, {PID: 2, Start: 9}}
		reads := make(map[process.ID][]read)
		charged := make(map[process.ID]time.Duration)
		now := someday()
		total := time.Duration(0)
		sizes := rapid.OneOf(rapid.Uint64Range(0, 1<<28), rapid.Uint64Range(0, 3*gib))
		pauses := rapid.OneOf(rapid.Int64Range(0, int64(time.Second)), rapid.Int64Range(0, int64(90*time.Second)))
		for range rapid.IntRange(1, 150).Draw(t, "requests") {
			now = now.Add(time.Duration(pauses.Draw(t, "pause")))
			id := rapid.SampledFrom(ids).Draw(t, "process")
			rss := sizes.Draw(t, "rss")
			grant := b.Ask(now, id, rss)
			ordered := !grant.OK && rapid.IntRange(0, 9).Draw(t, "ordered by a person") == 0
			if !grant.OK && !ordered {
				continue
			}
			if grant.OK {
				reads[id] = append(reads[id], read{now, grant.Predicted})
				window := time.Duration(0)
				for _, r := range reads[id] {
					if now.Sub(r.at) < StallWindow {
						window += r.predicted
					}
				}
				if window > StallAllowance {
					t.Fatalf("%v predicted within one minute", window)
				}
				charged[id] += grant.Predicted
				if due := now.Sub(someday()) + StallWindow; payment(charged[id]) > due {
					t.Fatalf("%v charged %v after the start", charged[id], now.Sub(someday()))
				}
			}
			stall := time.Duration(float64(grant.Predicted) * rapid.Float64Range(0, 20).Draw(t, "truth"))
			if !grant.OK {
				charged[id] += stall
			} else {
				charged[id] += max(0, stall-grant.Predicted)
			}
			total += stall
			b.Settle(now, id, grant, PSS{RSSBytes: rss, Stall: stall})
		}
		if b.Total() != total {
			t.Fatalf("total %v, want %v", b.Total(), total)
		}
	})
}

func TestWhoWaitsAsToldIsServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b StallBudget
		now, id := someday(), process.ID{PID: 1}
		debts := rapid.Int64Range(0, int64(100*time.Millisecond))
		for range rapid.IntRange(1, 50).Draw(t, "requests") {
			rss := rapid.Uint64Range(0, 3*gib).Draw(t, "rss")
			grant := b.Ask(now, id, rss)
			if grant.TooLarge() != (grant.Predicted > StallAllowance) {
				t.Fatalf("too large: %+v", grant)
			}
			if !grant.OK && !grant.TooLarge() {
				if again := b.Ask(now.Add(grant.Wait-1), id, rss); again.OK {
					t.Fatalf("%v would have been long enough, told %v", grant.Wait-1, grant.Wait)
				}
				now = now.Add(grant.Wait)
				if again := b.Ask(now, id, rss); !again.OK {
					t.Fatalf("%+v, then %+v", grant, again)
				}
			}
			// No size: the prediction of the next read stays what it was.
			b.Settle(now, id, Grant{}, PSS{Stall: time.Duration(debts.Draw(t, "debt"))})
		}
	})
}
