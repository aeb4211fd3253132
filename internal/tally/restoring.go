package tally

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/process"
)

// beginsSlack is by how much a process may seem to have begun before its predecessor was
// last seen: start times are rounded, and a beat takes its time.
const beginsSlack = 2.0

// Resumption is the moment at which a watch goes on.
type Resumption struct {
	// Elapsed and Wall are the clocks as ObserveAt will go on with them. Where Elapsed
	// counts on from where it was when the records were saved (as the system's monotonic
	// clock does), it tells how long nobody watched; where it counts anew, which shows by
	// its being less, Wall does.
	Elapsed time.Duration
	Wall    time.Time
	// Rebooted says that the record is of an earlier boot: its process is gone, whoever
	// has its ID now.
	Rebooted bool
}

// Restore takes in a record that Saved or SaveNext made, in any order, all before the
// first Observe. An instance that lives on under the same ID and service is judged on as
// if nothing had happened; what was not seen is a gap in its series. One that is gone
// waits for its successor if it was last seen less than ten minutes ago, and only a
// process that began since then is one.
//
// It fails, and changes nothing, on bytes that are no record, are of another version or
// damaged, on an ID that was restored already, and on more than the bounds allow. The
// record is best deleted then: the instance is learnt anew. A record of an earlier boot is
// to be deleted by the caller in any case: its ID is not unique any more.
func (t *Tally) Restore(blob []byte, now Resumption) error {
	if t.round > 0 {
		return errors.New("cannot restore what was learnt of a process: the watch has begun; restore before the first Observe")
	}
	r, err := parse(blob)
	if err != nil {
		return fmt.Errorf("cannot restore what was learnt of a process: %w; it is learnt anew", err)
	}
	counting, newest := r.judges.counting(), r.wall
	for _, other := range t.restored {
		counting += other.judges.counting()
		if other.wall.After(newest) {
			newest = other.wall
		}
	}
	for _, other := range t.gone {
		counting += other.judges.counting()
		if other.wall.After(newest) {
			newest = other.wall
		}
	}
	switch {
	case t.restored[r.id] != nil && !now.Rebooted:
		return fmt.Errorf("cannot restore what was learnt of process %s twice: the first record of it is kept", r.id)
	case len(t.restored)+len(t.gone) >= MaxJudged+MaxWaiting:
		return fmt.Errorf("cannot restore what was learnt of process %s: %d processes are restored, which is the bound; it is learnt anew", r.id, MaxJudged+MaxWaiting)
	case counting > MaxCounting:
		return fmt.Errorf("cannot restore what was learnt of process %s: more than %d detectors beside those of private memory; it is learnt anew", r.id, MaxCounting)
	}
	j := r.judges
	j.offset += r.elapsed.Seconds() + r.unseen(now).Seconds() - now.Elapsed.Seconds()
	if r.wall.Equal(newest) {
		// What the newest record says of the clock holds for all that was before.
		t.clock.turns = append(t.clock.turns[:0], turn{
			from: (now.Elapsed - r.unseen(now)).Seconds(),
			zero: r.wall.Add(-now.Elapsed + r.unseen(now)),
		})
	}
	if now.Rebooted {
		t.gone = append(t.gone, r)
		return nil
	}
	j.saved = true
	if t.restored == nil {
		t.restored = make(map[process.ID]*restored)
	}
	t.restored[r.id] = r
	return nil
}

// resume gives a life what was restored of it.
func (t *Tally) resume(l *life) bool {
	r := t.restored[l.id]
	if r == nil || r.role.service != l.service.Name {
		return false
	}
	delete(t.restored, l.id)
	l.first, l.judges = r.first, r.judges
	return true
}

// settle ends restoring at the first Observe: what was restored and was not met waits for
// a successor, and who was met may be one if it began after the other was last seen.
func (t *Tally) settle(now float64) {
	if t.round > 1 {
		return
	}
	for _, r := range t.restored {
		t.gone = append(t.gone, r)
	}
	slices.SortFunc(t.gone, func(a, b *restored) int { return compareID(a.id, b.id) })
	t.arrivals = slices.DeleteFunc(t.arrivals, func(l *life) bool {
		return !slices.ContainsFunc(t.gone, func(r *restored) bool {
			return r.role == l.role() && r.judges.seen() <= l.begun+beginsSlack
		})
	})
	for _, r := range t.gone {
		if now-r.judges.seen() > succession.Seconds() {
			t.forgetSaved(r.judges, r.id)
			continue
		}
		t.wait(waiting{r.role, r.id, r.first, r.judges, r.judges.seen()})
	}
	t.restored, t.gone = nil, nil
}
