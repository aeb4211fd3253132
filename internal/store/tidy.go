package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// tidying is where the thinning of old data has come to.
type tidying struct {
	cursor int64 // every chunk with a smaller key is thinned
	steps  int
}

// Steps of Tidy. A beat of a thousand series makes 1.4 chunks to thin; a step does
// several times as much, so that it catches up after a pause, and is over in milliseconds.
const (
	thinStep   = 8   // chunks thinned to minutes
	thinOwners = 256 // received owners for which as many more are thinned: some 2,000 series
	dayStep    = 4   // days of a series thinned to hours
	dropStep   = 32  // rows deleted
	freeStep   = 32  // pages given back to the file system
	freeAbove  = 16  // a sixteenth of the file must be free before pages are given back
	dropEvery  = 60  // steps from one search for owners and events that are too old to the next
)

// leasts are how young samples and minutes may be when the cap asks for room, from the
// first thing that goes to the last but one: detail goes before reach. Then the oldest
// hours go, however few there are, and in the end the oldest minutes.
var leasts = [...]struct{ raw, minutes time.Duration }{
	{24 * time.Hour, 48 * time.Hour},
	{6 * time.Hour, 24 * time.Hour},
	{time.Hour, time.Hour},
}

// Tidied says what a step did.
type Tidied struct {
	Thinned int  // chunks thinned to minutes
	Days    int  // days of a series thinned to hours
	Dropped int  // rows deleted
	Capped  bool // the cap of the file, not the time, asked for it
}

// Tidy does one small step of what age and the cap of the file ask for. Over the cap
// detail goes before reach: samples become minutes sooner, minutes hours, and only
// then the oldest hours go.
func (s *Store) Tidy(now time.Time) (Tidied, error) {
	out, err := s.tidyFile(now)
	return out, errors.Join(err, s.tidyInflow(now.UnixMilli()))
}

func (s *Store) tidyFile(now time.Time) (Tidied, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var out Tidied
	if s.w == nil || s.pending.bytes > 0 {
		return out, nil // what waits to be written comes first
	}
	used, err := s.used()
	if err != nil {
		return out, err
	}
	t := now.UnixMilli()
	limits := s.options.ages(t)
	if used > s.options.Size {
		out.Capped = true
		if limits, err = s.capped(t, limits); err != nil {
			return out, err
		}
	}
	err = s.w.transaction(func() error {
		return s.step(limits, t, &out)
	})
	if err != nil && broken(err) {
		if e := s.replace(err); e == nil {
			return out, nil
		}
	}
	return out, err
}

// ages are the first hour whose samples, and the first days whose minutes and whose hours,
// are kept; gone is the first hour that is kept at all, 0 but for a cap that is too small for
// a day.
type ages struct{ raw, minutes, hours, gone int64 }

// ages are those that the times alone ask for.
func (o *Options) ages(now int64) ages {
	return ages{
		raw:     hourOf(now - o.Raw.Milliseconds()),
		minutes: floorDay(hourOf(now - o.Minutes.Milliseconds())),
		hours:   floorDay(hourOf(now - o.Hours.Milliseconds())),
	}
}

// used is what the file holds, without the pages that are free.
func (s *Store) used() (int64, error) {
	pages, free, err := s.w.extent()
	return (pages - free) * pageSize, err
}

// extent is how many pages the file has and how many of them are free.
func (w *writer) extent() (pages, free int64, err error) {
	if err = w.each(w.pages, func(row *sqlite3.Stmt) error { pages = row.ColumnInt64(0); return nil }); err != nil {
		return 0, 0, err
	}
	err = w.each(w.free, func(row *sqlite3.Stmt) error { free = row.ColumnInt64(0); return nil })
	return pages, free, err
}

// capped moves one limit so far that there is something to do for this step.
func (s *Store) capped(t int64, limits ages) (ages, error) {
	nextRaw := int64(noTime)
	if err := s.w.rows("SELECT k FROM chunk WHERE k>=? AND tier=0 ORDER BY k LIMIT 1", func(row *sqlite3.Stmt) error {
		nextRaw = key(row.ColumnInt64(0)).span()
		return nil
	}, s.tidy.cursor); err != nil {
		return limits, err
	}
	oldest, err := s.oldestHour()
	if err != nil {
		return limits, err
	}
	for _, least := range leasts {
		if nextRaw != noTime && nextRaw < hourOf(t-least.raw.Milliseconds()) {
			limits.raw = max(limits.raw, nextRaw+1)
			return limits, nil
		}
		if oldest != noTime && floorDay(oldest) < floorDay(hourOf(t-least.minutes.Milliseconds())) {
			limits.minutes = max(limits.minutes, floorDay(oldest)+1)
			return limits, nil
		}
	}
	first, err := s.w.number("SELECT k FROM day ORDER BY k LIMIT 1")
	switch {
	case err != nil:
		return limits, err
	case first != 0:
		limits.hours = max(limits.hours, key(first).span()+1)
	case oldest != noTime:
		limits.gone = oldest + 1
	}
	return limits, nil
}

func (s *Store) oldestHour() (int64, error) {
	oldest := int64(noTime)
	err := s.w.each(s.w.oldest, func(row *sqlite3.Stmt) error {
		oldest = key(row.ColumnInt64(0)).span()
		return nil
	})
	return oldest, err
}

// step does what is due, a little of each.
func (s *Store) step(limits ages, t int64, out *Tidied) error {
	if err := s.thin(limits.raw, out); err != nil {
		return err
	}
	for range dayStep {
		done, err := s.packDay(limits.minutes, out)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	keep := t - s.options.Hours.Milliseconds()
	drops := []drop{{s.w.dropDays, int64(keyOf(limits.hours, 0))}}
	if limits.gone != 0 {
		drops = append(drops, drop{s.w.dropChunks, int64(keyOf(limits.gone, 0))})
	}
	if s.tidy.steps%dropEvery == 0 { // these look at every row
		drops = append(drops, drop{s.w.dropOwners, min(keep, limits.hours*24*hourMillis)}, drop{s.w.dropEvents, keep}, drop{s.w.capEvents, MaxEvents}, drop{s.w.dropDetectors, keep}, drop{s.w.dropStale, limits.minutes * 24 * hourMillis})
	}
	s.tidy.steps++
	for _, d := range drops {
		if err := run(d.stmt, d.limit, int64(dropStep)); err != nil {
			return err
		}
		out.Dropped += int(s.w.db.Changes())
	}
	return s.giveBack()
}

// drop deletes some rows below a limit.
type drop struct {
	stmt  *sqlite3.Stmt
	limit int64
}

// thin turns the oldest samples into minutes.
func (s *Store) thin(before int64, out *Tidied) error {
	end := int64(keyOf(before, 0))
	if s.tidy.cursor >= end {
		return nil
	}
	s.mu.RLock()
	step := thinStep * (1 + len(s.inflow.byID)/thinOwners)
	s.mu.RUnlock()
	var raw []chunk
	for i, v := range []int64{s.tidy.cursor, end, int64(step)} {
		if err := s.w.nextRaw.BindInt64(i+1, v); err != nil {
			return err
		}
	}
	if err := s.w.each(s.w.nextRaw, func(row *sqlite3.Stmt) error { raw = append(raw, readChunk(row)); return nil }); err != nil {
		return err
	}
	cursor := end
	for i := range raw {
		c := &raw[i]
		buckets, err := minutesOfChunk(c)
		if err != nil {
			return s.keepChunk(c, err)
		}
		data, err := encodeBuckets(buckets, c.key.span()*hourMillis, minuteMillis)
		if err != nil {
			return err
		}
		row, err := c.packed()
		if err != nil {
			return err
		}
		// Samples of a minute and more apart, and those that do not move, take less as they are.
		if len(data) < len(row.data) {
			if err := run(s.w.thinChunk, data, int64(c.key)); err != nil {
				return err
			}
		}
		out.Thinned++
		if len(raw) == step {
			cursor = int64(c.key) + 1
		}
	}
	if cursor == s.tidy.cursor {
		return nil
	}
	s.tidy.cursor = cursor
	return run(s.w.putMeta, metaThinned, cursor)
}

// packDay turns the minutes of the oldest day of one series into hours. done says that
// there is none that old.
func (s *Store) packDay(before int64, out *Tidied) (done bool, err error) {
	first := key(noTime)
	if err := s.w.each(s.w.oldest, func(row *sqlite3.Stmt) error { first = key(row.ColumnInt64(0)); return nil }); err != nil {
		return true, err
	}
	if first == noTime || floorDay(first.span()) >= before {
		return true, nil
	}
	day, series := floorDay(first.span()), first.series()
	var hours []Bucket
	for h := day * 24; h < day*24+24; h++ {
		if err := s.w.getChunk.BindInt64(1, int64(keyOf(h, series))); err != nil {
			return true, err
		}
		err := s.w.each(s.w.getChunk, func(row *sqlite3.Stmt) error {
			c := readChunk(row)
			hours = append(hours, bucketOf(c.summary, h*hourMillis))
			return nil
		})
		if err != nil {
			return true, err
		}
	}
	k := keyOf(day, series)
	if err := s.w.getDay.BindInt64(1, int64(k)); err != nil {
		return true, err
	}
	var old []Bucket
	var packed []byte
	if err = s.w.each(s.w.getDay, func(row *sqlite3.Stmt) error { packed = row.ColumnBlob(0, nil); return nil }); err != nil {
		return true, err
	}
	if packed != nil {
		var wrong error
		if old, wrong = decodeBuckets(nil, packed, day*24*hourMillis, hourMillis); wrong != nil {
			old = nil
			if err := s.keepRow("day", int64(k), wrong, packed); err != nil {
				return true, err
			}
		}
	}
	if len(old) > 0 {
		hours = joinSorted(old, hours, func(b Bucket) int64 { return b.T })
	}
	data, err := encodeBuckets(hours, day*24*hourMillis, hourMillis)
	if err != nil {
		return true, err
	}
	if err := run(s.w.putDay, int64(k), data); err != nil {
		return true, err
	}
	for h := day * 24; h < day*24+24; h++ {
		if err := run(s.w.dropChunk, int64(keyOf(h, series))); err != nil {
			return true, err
		}
	}
	out.Days++
	return false, nil
}

// keepChunk puts a chunk that cannot be read out of the way.
func (s *Store) keepChunk(c *chunk, why error) error {
	if err := s.keepRow("chunk", int64(c.key), why, c.data); err != nil {
		return err
	}
	return run(s.w.dropChunk, int64(c.key))
}

// keepRow puts what cannot be read where a person can look at it.
func (s *Store) keepRow(table string, k int64, why error, data []byte) error {
	stmt, _, err := s.w.db.Prepare("INSERT INTO aside(name,k,why,data) VALUES(?,?,?,?)")
	if err != nil {
		return err
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Exec
	if err := run(stmt, table, k, why.Error(), data); err != nil {
		return err
	}
	s.noteAside(Aside{Path: s.path + " (table aside)", Why: why})
	return nil
}

// giveBack returns free pages to the file system where there are many. New rows take free
// pages first, so that some are no loss.
func (s *Store) giveBack() error {
	pages, free, err := s.w.extent()
	if err != nil || free <= pages/freeAbove || free < 1024 {
		return err
	}
	return s.w.db.Exec(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", freeStep))
}
