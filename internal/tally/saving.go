package tally

import (
	"errors"
	"time"

	"github.com/zol0/zol0/internal/process"
)

const (
	// Rotation is how many calls of SaveNext save every instance once: an hour of beats of
	// five seconds. What is saved is written twice, to SQLite's log and to the file; in half an
	// hour it was two fifths of all that a daemon wrote.
	Rotation = 720
	// maxStale is how many IDs are remembered whose records are to be deleted: more than
	// have records at a time. Beyond, the oldest are left to whoever deletes what was not
	// saved anew for long.
	maxStale = 2 * (MaxJudged + MaxWaiting)
)

// saving is what is known about records.
type saving struct {
	turn  int // counts records
	owed  int // of Rotation, towards the next
	stale []process.ID
	blob  []byte // reused
}

// Saved hands everything that was learnt to save, one record an instance: those that are
// judged, and those that ended and wait for a successor. The first error ends it and is
// returned.
func (t *Tally) Saved(save func(*Record) error) error {
	if err := t.deleteStale(save); err != nil {
		return err
	}
	for _, l := range t.holders {
		if err := t.save(l.restored(), save); err != nil {
			return err
		}
	}
	for i := range t.waiting {
		if err := t.save(t.waiting[i].restored(), save); err != nil {
			return err
		}
	}
	return nil
}

// SaveNext saves in rotation: called at every beat, it hands every instance to save once in
// Rotation beats, and at once the IDs whose records are to be deleted. With MaxJudged
// instances it is one every seven beats, of about 6 KB for each series that is a day old,
// 10 KB for one of months: 4.7 KB a beat on average at most, and MaxRecord at once. An
// error is returned; the instance has its turn again in the next rotation, a deletion at
// the next call.
func (t *Tally) SaveNext(save func(*Record) error) error {
	if err := t.deleteStale(save); err != nil {
		return err
	}
	var failed error
	for t.saving.owed += len(t.holders) + len(t.waiting); t.saving.owed >= Rotation; t.saving.owed -= Rotation {
		var next *judges
		var holder *life
		var waits *waiting
		for _, l := range t.holders {
			if next == nil || l.judges.turn < next.turn {
				next, holder = l.judges, l
			}
		}
		for i := range t.waiting {
			if w := &t.waiting[i]; next == nil || w.judges.turn < next.turn {
				next, waits = w.judges, w
			}
		}
		switch {
		case waits != nil:
			failed = errors.Join(failed, t.save(waits.restored(), save))
		case holder != nil:
			failed = errors.Join(failed, t.save(holder.restored(), save))
		}
	}
	return failed
}

func (l *life) restored() restored {
	return restored{id: l.id, role: l.role(), first: l.first, judges: l.judges}
}

func (w *waiting) restored() restored {
	return restored{id: w.id, role: w.role, first: w.first, judges: w.judges}
}

func (t *Tally) save(r restored, save func(*Record) error) error {
	t.saving.turn++
	r.judges.turn = t.saving.turn
	r.elapsed, r.wall = t.clock.elapsed, t.clock.wall
	blob, err := r.append(t.saving.blob[:0])
	if err != nil {
		return err
	}
	t.saving.blob = blob
	r.judges.saved = true
	return save(&Record{ID: r.id, Service: r.role.service, Name: r.role.name, Blob: blob})
}

// forgetSaved notes that the record of an instance is to be deleted, if there is one.
func (t *Tally) forgetSaved(j *judges, id process.ID) {
	if j == nil || !j.saved {
		return
	}
	j.saved = false
	s := &t.saving
	if len(s.stale) == maxStale {
		copy(s.stale, s.stale[1:])
		s.stale = s.stale[:maxStale-1]
	}
	s.stale = append(s.stale, id)
}

func (t *Tally) deleteStale(save func(*Record) error) error {
	s := &t.saving
	for len(s.stale) > 0 {
		last := len(s.stale) - 1
		if err := save(&Record{ID: s.stale[last]}); err != nil {
			return err
		}
		s.stale = s.stale[:last]
	}
	return nil
}

// unseen is how long nobody watched since r was saved.
func (r *restored) unseen(now Resumption) time.Duration {
	if !now.Rebooted && now.Elapsed >= r.elapsed {
		return now.Elapsed - r.elapsed
	}
	return max(0, now.Wall.Round(0).Sub(r.wall))
}
