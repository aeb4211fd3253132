package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Info is what is in a store. Times are milliseconds since 1970.
type Info struct {
	SchemaVersion        int64
	FileBytes, LogBytes  int64
	UsedBytes, FreeBytes int64 // of the file; free is what deleted rows left, for new ones
	Owners               []OwnerCount
	Series, OpenSeries   int64 // known, and with samples in the open hour
	Tiers                []TierInfo
	Events, Detectors    int64
	// BytesPerSample is what a sample of the tier raw takes in whole hours; NaN before the
	// first of them is over.
	BytesPerSample float64
	// Asides are files and rows that could not be read and were put out of the way.
	Asides []Aside
}

// OwnerCount says how many owners of a kind there are.
type OwnerCount struct {
	Kind      Kind
	Open, All int64 // open are those with samples lately
}

// TierInfo says what is kept how finely.
type TierInfo struct {
	Name           string // raw, minutes, hours
	Rows           int64  // chunks, or days of a series
	Samples        int64  // that were measured, thinned ones included
	Bytes          int64  // about, without what SQLite needs to find them
	Oldest, Newest int64  // 0 where there is nothing
	dayBytes       int64  // of the newest 24 whole hours
}

// chunkBytes is about what SQLite and the columns take beside the data of a chunk: the
// header of the record, its key, five numbers of 8 bytes and three times; of a day 16.
const (
	chunkBytes = 82
	dayBytes   = 16
)

// Info looks at every row, a day at a time, so that other readers wait for a day at most.
func (s *Store) Info(ctx context.Context) (Info, error) {
	out := Info{BytesPerSample: math.NaN(), Asides: s.Asides()}
	var err error
	if out.FileBytes, out.LogBytes, err = s.sizes(); err != nil {
		return out, err
	}
	if err := s.read(ctx, func(r *reader) error { return r.overview(&out) }); err != nil {
		return out, err
	}
	raw, minutes := TierInfo{Name: "raw"}, TierInfo{Name: "minutes"}
	if err := s.countChunks(ctx, &raw, &minutes); err != nil {
		return out, err
	}
	if raw.Rows > 0 {
		out.BytesPerSample = float64(raw.Bytes) / float64(raw.Samples)
	}
	hours, err := s.countDays(ctx)
	if err != nil {
		return out, err
	}
	s.mu.RLock()
	for _, h := range s.head {
		if h.n == 0 {
			continue
		}
		out.OpenSeries++
		raw.Rows++
		raw.Samples += h.n
		raw.Bytes += int64(len(h.data.Bytes()))
		raw.cover(h.t0, h.t1)
	}
	s.mu.RUnlock()
	out.Tiers = []TierInfo{raw, minutes, hours}
	for _, a := range filesAside(s.path) {
		if !slices.ContainsFunc(out.Asides, func(b Aside) bool { return b.Path == a.Path }) {
			out.Asides = append(out.Asides, a)
		}
	}
	return out, nil
}

func (t *TierInfo) cover(oldest, newest int64) {
	if t.Oldest == 0 || oldest < t.Oldest {
		t.Oldest = oldest
	}
	t.Newest = max(t.Newest, newest)
}

// overview is what needs no look at every row.
func (r *reader) overview(out *Info) error {
	var err error
	get := func(to *int64, query string) {
		if err == nil {
			*to, err = r.number(query)
		}
	}
	var pages int64
	get(&out.SchemaVersion, "PRAGMA user_version")
	get(&pages, "PRAGMA page_count")
	get(&out.FreeBytes, "PRAGMA freelist_count")
	out.FreeBytes *= pageSize
	out.UsedBytes = pages*pageSize - out.FreeBytes
	get(&out.Events, "SELECT count(*) FROM event")
	get(&out.Detectors, "SELECT count(*) FROM detector")
	get(&out.Series, "SELECT count(*) FROM (SELECT k&4294967295 FROM chunk UNION SELECT k&4294967295 FROM day)")
	if err != nil {
		return err
	}
	err = r.rows("SELECT kind, count(*), sum(last=?) FROM owner GROUP BY kind ORDER BY kind", func(row *sqlite3.Stmt) error {
		out.Owners = append(out.Owners, OwnerCount{Kind(row.ColumnInt64(0)), row.ColumnInt64(2), row.ColumnInt64(1)})
		return nil
	}, stillOpen)
	if err != nil {
		return err
	}
	return r.rows("SELECT name, count(*), min(why) FROM aside GROUP BY name", func(row *sqlite3.Stmt) error {
		out.Asides = append(out.Asides, Aside{Path: r.path + " (table aside)", Why: fmt.Errorf("%d rows of table %s: %s", row.ColumnInt64(1), row.ColumnText(0), row.ColumnText(2))})
		return nil
	})
}

// countChunks adds up the table of chunks.
func (s *Store) countChunks(ctx context.Context, raw, minutes *TierInfo) error {
	var low extent
	newest := int64(noTime)
	err := s.read(ctx, func(r *reader) error {
		var err error
		if low, err = r.lowest(); err != nil {
			return err
		}
		return r.rows("SELECT max(k) FROM chunk", func(row *sqlite3.Stmt) error {
			if row.ColumnType(0) != sqlite3.NULL {
				newest = key(row.ColumnInt64(0)).span()
			}
			return nil
		})
	})
	if err != nil || newest == noTime {
		return err
	}
	for from := low.hour; from <= newest; from += 24 {
		err := s.read(ctx, func(r *reader) error {
			next, err := r.number("SELECT k FROM chunk WHERE k>=? ORDER BY k LIMIT 1", int64(keyOf(from, 0)))
			if err != nil {
				return err
			}
			from = max(from, key(next).span())
			return r.rows("SELECT tier,count(*),sum(n),sum(length(data)),min(t0),max(t1) FROM chunk WHERE k>=? AND k<? GROUP BY tier", func(row *sqlite3.Stmt) error {
				to := raw
				if tier(row.ColumnInt64(0)) == tierMinutes {
					to = minutes
				}
				to.Rows += row.ColumnInt64(1)
				to.Samples += row.ColumnInt64(2)
				to.Bytes += row.ColumnInt64(3) + chunkBytes*row.ColumnInt64(1)
				to.cover(row.ColumnInt64(4), row.ColumnInt64(5))
				return nil
			}, int64(keyOf(from, 0)), int64(keyOf(from+24, 0)))
		})
		if err != nil {
			return err
		}
	}
	return s.read(ctx, func(r *reader) error {
		raw.dayBytes, err = r.number("SELECT sum(length(data))+?1*count(*) FROM chunk WHERE tier=0 AND k>=?2 AND k<?3",
			chunkBytes, int64(keyOf(newest-23, 0)), int64(keyOf(newest+1, 0)))
		return err
	})
}

// countDays adds up the table of days.
func (s *Store) countDays(ctx context.Context) (TierInfo, error) {
	out := TierInfo{Name: "hours"}
	for from, more := int64(math.MinInt64), true; more; {
		err := s.read(ctx, func(r *reader) error {
			n := 0
			err := r.rows("SELECT k,data FROM day WHERE k>=? ORDER BY k LIMIT ?", func(row *sqlite3.Stmt) error {
				n++
				k, data := key(row.ColumnInt64(0)), row.ColumnRawBlob(1)
				from = int64(k) + 1
				out.Rows++
				out.Samples += countBuckets(data)
				out.Bytes += int64(len(data)) + dayBytes
				out.cover(k.span()*24*hourMillis, (k.span()+1)*24*hourMillis-1)
				return nil
			}, from, scanStep)
			more = n == scanStep
			return err
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// countBuckets is how many samples packed buckets are made of; 0 where they are broken,
// which Verify says.
func countBuckets(data []byte) (n int64) {
	for range bucketColumns {
		size, k := binary.Uvarint(data)
		if k <= 0 || size > uint64(len(data)-k) {
			return 0
		}
		data = data[k+int(size):]
	}
	for len(data) > 0 {
		one, k := binary.Uvarint(data)
		if k <= 0 || one > math.MaxInt32 {
			return 0
		}
		n += int64(one)
		data = data[k:]
	}
	return n
}

// filesAside are the files beside a store that were set aside.
func filesAside(path string) []Aside {
	names, err := filepath.Glob(filepath.Join(escapedDir(path), FileName+".damaged-*"))
	if err != nil {
		panic("BUG: " + err.Error()) // the pattern is ours
	}
	var out []Aside
	for _, name := range names {
		if !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			out = append(out, Aside{Path: name, Why: fmt.Errorf("it could not be read at %s", strings.TrimPrefix(filepath.Base(name), FileName+".damaged-"))})
		}
	}
	return out
}

// escapedDir is a directory as a pattern that means itself.
func escapedDir(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(filepath.Dir(path))
}

// UntilCap is how long it takes at the present rate until the file has size bytes: raw
// samples fill up their time, then minutes theirs, then hours theirs. ok is false where
// that cannot be told yet, or does not happen; never is true for the latter.
func (i *Info) UntilCap(o Options) (left time.Duration, never, ok bool) {
	o.complete()
	const day = 24 * time.Hour
	raw, minutes, hours := i.Tiers[0], i.Tiers[1], i.Tiers[2]
	if i.UsedBytes >= o.Size {
		return 0, false, true
	}
	if raw.Newest-raw.Oldest < day.Milliseconds() || raw.dayBytes == 0 {
		return 0, false, false
	}
	size := float64(i.UsedBytes)
	for n, t := range []struct {
		TierInfo
		covered time.Duration // by this tier and the finer ones
		keep    time.Duration
	}{{raw, spanOf(raw), o.Raw}, {minutes, spanOf(raw, minutes), o.Minutes}, {hours, spanOf(raw, minutes, hours), o.Hours}} {
		rest := t.keep - t.covered
		if rest < day {
			continue // full: what is added is what goes
		}
		perDay := float64(raw.dayBytes)
		if n > 0 {
			if t.Rows == 0 {
				return 0, false, false // nobody has seen yet what a day of it takes
			}
			perDay = float64(t.Bytes) / max(1, float64(t.Newest-t.Oldest)/float64(day.Milliseconds()))
		}
		if need := (float64(o.Size) - size) / perDay; need <= rest.Hours()/24 {
			return left + time.Duration(need*float64(day)), false, true
		}
		size += perDay * rest.Hours() / 24
		left += rest
	}
	return 0, true, false
}

// spanOf is the time between the oldest and the newest sample of tiers.
func spanOf(tiers ...TierInfo) time.Duration {
	var all TierInfo
	for _, t := range tiers {
		if t.Rows > 0 {
			all.cover(t.Oldest, t.Newest)
		}
	}
	return time.Duration(all.Newest-all.Oldest) * time.Millisecond
}
