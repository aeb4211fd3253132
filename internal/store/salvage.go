package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"os"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Salvaged says what was taken from another store.
type Salvaged struct {
	Imported
	Owners, Chunks, Days, Frames, Events, Detectors int64 // rows that were read
	// Unreadable are rows that make no sense, and stretches of the file of which no row
	// can be read: how many rows those had is not known.
	Unreadable int64
	Orphans    int64 // rows of owners that could not be read
	Ahead      int64 // rows that lie in the future
	SetAside   int64 // rows that were out of the way in that store already, and stay there
}

// Problem is a row that cannot be used.
type Problem struct {
	Table string
	Key   string // of the row, or of a stretch of rows
	Err   error
}

func (p Problem) Error() string { return fmt.Sprintf("table %s, %s: %v", p.Table, p.Key, p.Err) }

// Unwrap is the cause.
func (p Problem) Unwrap() error { return p.Err }

// salvage is another store on its way into this one.
type salvage struct {
	*Import
	from    *connection
	out     Salvaged
	owners  map[OwnerID]OwnerID // theirs to ours
	problem func(Problem)
	seen    map[uint64]bool // events that are here already
	seed    maphash.Seed
}

// Salvage takes in every row that can be read of another store's file: one that was set
// aside, a backup, one of another machine. It writes nothing to that file. problem is
// told each row that cannot be read. An error means that nothing more could be taken, or
// written.
func (s *Store) Salvage(ctx context.Context, path string, now time.Time, problem func(Problem)) (Salvaged, error) {
	if sameFile(path, s.path) {
		return Salvaged{}, &Error{Thing: "store " + path, Err: errors.New("it is the store that would take it in"), Hint: "name a file that was set aside, a backup, or another store"}
	}
	from, err := openSalvage(path)
	if err != nil {
		return Salvaged{}, err
	}
	m, err := s.Import(now)
	if err != nil {
		return Salvaged{}, errors.Join(err, from.close())
	}
	v := &salvage{Import: m, from: from, owners: make(map[OwnerID]OwnerID), problem: problem, seed: maphash.MakeSeed()}
	for _, step := range []func(context.Context) error{v.takeOwners, v.takeFrames, v.takeReceived, v.takeChunks, v.takeDays, v.takeEvents, v.takeDetectors, v.countAsides} {
		if err = step(ctx); err != nil {
			break
		}
	}
	err = errors.Join(err, m.Close(), from.close())
	v.out.Imported = m.counts
	return v.out, err
}

// sameFile reports whether two paths are one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// openSalvage opens a file that may be damaged. Its log, where it has one, is read as well.
func openSalvage(path string) (*connection, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, &Error{Thing: "store " + path, Err: err, Hint: "name a file that exists"}
	}
	hint := "nothing of it can be read: is it a zol0.db? A backup may help"
	// SQLite refuses a file that was cut off, unless the schema may be written: it is not, as
	// nothing is.
	c, err := connect(path, sqlite3.OPEN_READONLY, "writable_schema=ON")
	if err == nil {
		_, err = c.pragma("schema_version") // a file with a log needs a place for the log's index
	}
	if code(err) == sqlite3.CANTOPEN || code(err) == sqlite3.READONLY {
		if err = c.close(); err == nil {
			c, err = connect(path, sqlite3.OPEN_READWRITE, "writable_schema=ON", "query_only=ON")
		}
	}
	if err != nil {
		return nil, errors.Join(&Error{Thing: "store " + path, Err: err, Hint: hint}, c.close())
	}
	id, err := c.pragma("application_id")
	version, e := c.pragma("user_version")
	switch err = errors.Join(err, e); {
	case err != nil:
		err = &Error{Thing: "store " + path, Err: err, Hint: hint}
	case id != applicationID:
		err = &Error{Thing: "store " + path, Err: errForeign, Hint: "name a zol0.db, a backup of one, or one that was set aside"}
	case version > schemaVersion:
		err = &Error{Thing: "store " + path, Err: fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, version, schemaVersion), Hint: "use that version of zol0"}
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// bad counts a row that cannot be used and tells it.
func (v *salvage) bad(table string, k int64, err error) error {
	v.out.Unreadable++
	v.problem(Problem{table, fmt.Sprintf("row %d", k), err})
	return nil
}

func (v *salvage) gaps(table string) func(gap) {
	return func(g gap) {
		v.out.Unreadable++
		v.problem(Problem{table, g.String(), g.err})
	}
}

// String names the stretch.
func (g gap) String() string {
	if g.to == math.MaxInt64 {
		return fmt.Sprintf("rows from %d on", g.from)
	}
	return fmt.Sprintf("rows %d to %d", g.from, g.to-1)
}

func (v *salvage) takeOwners(ctx context.Context) error {
	return v.from.scan(ctx, ownerTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		o, err := readOwner(row)
		if err == nil {
			err = o.check()
		}
		var labels Labels
		if err == nil {
			labels, err = NewLabels(o.Labels.pairs()...)
		}
		if err != nil {
			return v.bad("owner", row.ColumnInt64(0), err)
		}
		id, err := v.Owner(o.Kind, labels)
		if err != nil {
			return err
		}
		if len(v.owners) >= maxImported {
			return fmt.Errorf("%w: an import may have %d owners", ErrCrowded, maxImported)
		}
		v.out.Owners++
		v.owners[o.ID] = id
		return nil
	}, v.gaps("owner"))
}

// pairs are the labels as NewLabels takes them.
func (l Labels) pairs() []string {
	out := make([]string, 0, 2*len(l))
	for _, x := range l {
		out = append(out, x.Name, x.Value)
	}
	return out
}

// ours is a series of theirs under our number.
func (v *salvage) ours(theirs Series) (Series, bool) {
	id, ok := v.owners[theirs.Owner()]
	if !ok {
		v.out.Orphans++
	}
	return SeriesOf(id, theirs.Code()), ok
}

func (v *salvage) takeFrames(ctx context.Context) error {
	var coders [streams]frameCoder
	var broken error
	epoch := int64(noTime)
	return v.from.scan(ctx, frameTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		if epoch == noTime {
			epoch = row.ColumnInt64(1)
		}
		if row.ColumnInt64(1) != epoch || len(row.ColumnRawBlob(3)) == 0 {
			return nil // of an hour that is over
		}
		k := row.ColumnInt64(2)
		if broken != nil || k < 0 {
			return v.bad("frame", k, errors.Join(errFrame, broken))
		}
		coder := &coders[k%int64(streams)]
		if broken = coder.decode(row.ColumnRawBlob(3)); broken != nil {
			return v.bad("frame", k, broken) // those after it rest on it
		}
		v.out.Frames++
		for i, theirs := range coder.series {
			series, ok := v.ours(theirs)
			if !ok {
				continue
			}
			err := v.add(series, Point{k / int64(streams), math.Float64frombits(coder.values[i])})
			if err = v.counted(err); err != nil {
				return err
			}
		}
		return nil
	}, func(g gap) {
		broken = g.err
		v.gaps("frame")(g)
	})
}

// counted notes a refusal that is no failure.
func (v *salvage) counted(err error) error {
	switch {
	case errors.Is(err, ErrTooOld): // counted where it was refused
		return nil
	case errors.Is(err, ErrAhead):
		v.out.Ahead++
		return nil
	case errors.Is(err, ErrNoValue), errors.Is(err, ErrDense), errors.Is(err, ErrLate):
		v.counts.Lost++
		return nil
	}
	return err
}

func (v *salvage) takeChunks(ctx context.Context) error {
	return v.from.scan(ctx, chunkTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		c := readChunk(row)
		if err := c.check(); err != nil {
			return v.bad("chunk", int64(c.key), err)
		}
		v.out.Chunks++
		series, ok := v.ours(c.key.series())
		if !ok {
			return nil
		}
		c.key = keyOf(c.key.span(), series)
		return v.counted(v.addChunk(&c))
	}, v.gaps("chunk"))
}

func (v *salvage) takeDays(ctx context.Context) error {
	return v.from.scan(ctx, dayTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		k := key(row.ColumnInt64(0))
		hours, err := checkDay(k, row.ColumnRawBlob(1))
		if err != nil {
			return v.bad("day", int64(k), err)
		}
		v.out.Days++
		series, ok := v.ours(k.series())
		if !ok {
			return nil
		}
		return v.counted(v.addDay(keyOf(k.span(), series), hours))
	}, v.gaps("day"))
}

func (v *salvage) countAsides(context.Context) error {
	n, err := v.from.number("SELECT count(*) FROM aside")
	if err != nil && !damagedPage(err) {
		return err
	}
	v.out.SetAside = n
	return nil
}
