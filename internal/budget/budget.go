// Package budget decides what the monitor gives up when its own memory comes near the
// budget it was given: caches first, then the fineness of its windows, then single
// processes, then new clients. It never ends the program, for a monitor that dies of memory
// is the one thing it must not be. It decides only: whoever owns a cache drops it.
//
//	b := budget.New(64 << 20)
//	if step, changed := b.Observe(now, own); changed {
//		log.Warn("memory", "step", step, "meaning", step.Meaning())
//	}
//
// Upwards it goes at once, to the step that fits. One step at a time would be kinder to
// readers, and too slow: at the longest interval between two beats the last step would be
// reached 20 minutes after the memory was. What was given up without need comes back.
//
// Downwards it goes one step at a time, after memory has been well below the step for Hold.
// Giving something up is what made memory fall; to take it back at once would make it rise
// again.
package budget

import (
	"math"
	"sync"
	"time"
)

const (
	// Hold is how long memory must have been below a step, and how long the step must have
	// held, before the next lower one. With it, a day has at most 720 steps down; at two
	// minutes all is taken back about eight minutes after a peak.
	Hold = 2 * time.Minute
	// margin is the share of the budget by which memory must be below a step to leave it.
	margin = 0.05
	// minCalm is how many observations in a row must have been below. A clock that jumped
	// forward, or a machine that slept, makes a long time of two of them.
	minCalm = 3
	// maxHistory is how many changes are kept: all of a peak and of the way back, twice.
	maxHistory = 16
	// runtimeShare is what the Go runtime may take; see MemoryLimit.
	runtimeShare = 0.60
)

// Budget follows the monitor's own memory. Its methods may be called at the same time.
type Budget struct {
	mu    sync.Mutex
	bytes uint64
	step  Step
	// calm is how many observations in a row were well below step, since when, and last is
	// the time of the last one. A change begins anew.
	calm        int
	since, last time.Time
	changes     [maxHistory]Change
	count       uint64 // of all changes, kept or not
}

// Change is one change of the step.
type Change struct {
	At          time.Time
	From, To    Step
	OwnBytes    uint64 // the monitor's own memory then
	BudgetBytes uint64 // the budget then
}

// New makes a Budget of bytes. 0 is no budget: the step is always Normal.
func New(bytes uint64) *Budget { return &Budget{bytes: bytes} }

// Observe takes the monitor's own private memory at now and gives the step that holds from
// here on, and whether it is another than before. now may go backwards, as clocks do: the
// waiting then begins again.
func (b *Budget) Observe(now time.Time, ownBytes uint64) (step Step, changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.last) {
		b.calm = 0
	}
	b.last = now
	if fits := stepAt(ownBytes, b.bytes); b.bytes > 0 && fits > b.step {
		b.change(now, ownBytes, fits)
		return b.step, true
	}
	if b.step == Normal {
		return b.step, false
	}
	if b.bytes > 0 && float64(ownBytes) >= (b.step.Share()-margin)*float64(b.bytes) {
		b.calm = 0
		return b.step, false
	}
	if b.calm == 0 {
		b.since = now
	}
	b.calm++
	if b.calm < minCalm || now.Sub(b.since) < Hold {
		return b.step, false
	}
	b.change(now, ownBytes, b.step-1)
	return b.step, true
}

// change enters a step. The waiting for the next lower one begins at the next observation,
// so that two steps down are more than Hold apart.
func (b *Budget) change(now time.Time, ownBytes uint64, to Step) {
	b.changes[b.count%maxHistory] = Change{now, b.step, to, ownBytes, b.bytes}
	b.count++
	b.step, b.calm = to, 0
}

// SetBytes changes the budget, as a reload of the configuration does. The step follows at
// the next observation: upwards at once, downwards after Hold.
func (b *Budget) SetBytes(bytes uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bytes != b.bytes {
		b.bytes, b.calm = bytes, 0
	}
}

// Bytes is the budget.
func (b *Budget) Bytes() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// Step is the step that holds.
func (b *Budget) Step() Step {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.step
}

// Changes is how many changes there were.
func (b *Budget) Changes() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}

// History are the last changes, oldest first, at most 16.
func (b *Budget) History() []Change {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := min(b.count, maxHistory)
	out := make([]Change, 0, kept)
	for i := b.count - kept; i < b.count; i++ {
		out = append(out, b.changes[i%maxHistory])
	}
	return out
}

// MemoryLimit is what debug.SetMemoryLimit is to be told: 60 % of the budget, so that the
// garbage collector works harder before anything is given up, which begins at 70 %. The
// limit counts only what the runtime itself has mapped (package runtime/debug). The 10 %
// between are for what it does not see: the page cache and working memory of SQLite, which
// lie outside of Go's heap (with its cache set to 8 MB and filled, private memory rose by 8.6 MB
// and what the runtime counts by less than 0.5 MB), and the pages of the program that were
// written to. It is no wall: beyond it the collector takes at most half of the CPU time and lets memory grow. A
// budget of 0 is no limit.
func MemoryLimit(budgetBytes uint64) int64 {
	limit := runtimeShare * float64(budgetBytes)
	if budgetBytes == 0 || limit >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(limit)
}
