package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Verification is how a file is verified.
type Verification struct {
	// Problem is told everything that is wrong.
	Problem func(Problem)
	// Progress, if not nil, is told how many of about how many rows were looked at. Before the
	// rows the structure of the file is checked, which takes about as long: of is 0 then.
	Progress func(done, of int64)
	// Detector, if not nil, says whether the state of a detector can be read.
	Detector func(Detector) error
}

// Verified says what was looked at.
type Verified struct {
	Owners, Chunks, Days, Frames, Events, Detectors int64
	Samples                                         int64 // in chunks and frames
	Asides                                          int64 // rows put out of the way earlier
	Problems                                        int64
}

// Verify looks at every page and every row of the file at path, also beside a daemon
// that writes it. Damage is no error but a Problem; the error says that it could not go on.
func Verify(ctx context.Context, path string, o Verification) (Verified, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = path + string(os.PathSeparator) + FileName
	}
	v := &verifying{Verification: o}
	c, err := openSalvage(path)
	if err != nil {
		return v.out, err
	}
	v.connection = c
	c.db.SetInterrupt(ctx)
	for _, step := range []func(context.Context) error{
		v.structure, v.count, v.owners, v.frames, v.received, v.chunks, v.days, v.events, v.states, v.asides,
	} {
		if err = step(ctx); err != nil {
			break
		}
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return v.out, errors.Join(err, c.close())
}

type verifying struct {
	*connection
	Verification
	out       Verified
	done, all int64
}

func (v *verifying) bad(table, key string, err error) {
	v.out.Problems++
	v.Problem(Problem{table, key, err})
}

func (v *verifying) row(table string, k int64, err error) {
	v.done++
	if v.Progress != nil && v.done%1024 == 0 {
		v.Progress(v.done, max(v.done, v.all))
	}
	if err != nil {
		v.bad(table, fmt.Sprintf("row %d", k), err)
	}
}

func (v *verifying) gaps(table string) func(gap) {
	return func(g gap) { v.bad(table, g.String(), g.err) }
}

// structure has SQLite look at its pages and indexes.
func (v *verifying) structure(context.Context) error {
	if v.Progress != nil {
		v.Progress(0, 0)
	}
	err := v.rows("PRAGMA integrity_check", func(row *sqlite3.Stmt) error {
		for text := range strings.Lines(row.ColumnText(0)) {
			if text = strings.TrimSpace(text); text != "ok" && text != "*** in database main ***" {
				v.bad("sqlite", "structure", errors.New(text))
			}
		}
		return nil
	})
	if err != nil && damagedPage(err) {
		v.bad("sqlite", "structure", err)
		return nil
	}
	return err
}

// count says how many rows there are, for the progress.
func (v *verifying) count(context.Context) error {
	n, err := v.number("SELECT (SELECT count(*) FROM chunk)+(SELECT count(*) FROM day)+(SELECT count(*) FROM owner)+(SELECT count(*) FROM event)")
	if err != nil && !damagedPage(err) {
		return err
	}
	v.all = n
	return nil
}

func (v *verifying) owners(ctx context.Context) error {
	return v.scan(ctx, ownerTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		o, err := readOwner(row)
		if err == nil {
			err = o.check()
		}
		v.out.Owners++
		v.row("owner", row.ColumnInt64(0), err)
		return nil
	}, v.gaps("owner"))
}

// owned says what is wrong where a series has no owner.
func (v *verifying) owned(series Series) error {
	n, err := v.number("SELECT count(*) FROM owner WHERE id=?", int64(series.Owner()))
	if err == nil && n == 0 {
		err = fmt.Errorf("its owner %d is not there", series.Owner())
	}
	return err
}

func (v *verifying) frames(ctx context.Context) error {
	var coders [streams]frameCoder
	var broken error
	epoch := int64(noTime)
	return v.scan(ctx, frameTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		if epoch == noTime {
			epoch = row.ColumnInt64(1)
		}
		if row.ColumnInt64(1) != epoch || len(row.ColumnRawBlob(3)) == 0 {
			return nil // of an hour that is over
		}
		k := row.ColumnInt64(2)
		v.out.Frames++
		if k < 0 || broken != nil {
			v.row("frame", k, errors.Join(errFrame, broken))
			return nil //nolint:nilerr // it is told, and the others are looked at
		}
		coder := &coders[k%int64(streams)]
		if broken = coder.decode(row.ColumnRawBlob(3)); broken == nil {
			v.out.Samples += int64(len(coder.series))
		}
		err := broken
		last := OwnerID(0)
		for _, series := range coder.series {
			if o := series.Owner(); err == nil && o != last {
				last, err = o, v.owned(series)
			}
		}
		v.row("frame", k, err)
		return nil
	}, func(g gap) {
		broken = g.err
		v.gaps("frame")(g)
	})
}

func (v *verifying) chunks(ctx context.Context) error {
	last := OwnerID(0)
	return v.scan(ctx, chunkTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		c := readChunk(row)
		err := c.check()
		if o := c.key.series().Owner(); err == nil && o != last {
			last, err = o, v.owned(c.key.series())
		}
		v.out.Chunks++
		v.out.Samples += c.n
		v.row("chunk", int64(c.key), err)
		return nil
	}, v.gaps("chunk"))
}

// days may outlive their owners by some steps of Tidy.
func (v *verifying) days(ctx context.Context) error {
	return v.scan(ctx, dayTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		k := key(row.ColumnInt64(0))
		_, err := checkDay(k, row.ColumnRawBlob(1))
		v.out.Days++
		v.row("day", int64(k), err)
		return nil
	}, v.gaps("day"))
}

func (v *verifying) events(ctx context.Context) error {
	return v.scan(ctx, eventTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		e := readEvent(row)
		v.out.Events++
		v.row("event", e.ID, e.check())
		return nil
	}, v.gaps("event"))
}

func (v *verifying) states(ctx context.Context) error {
	return v.detectors(ctx, func(d Detector) error {
		err := d.check()
		if err == nil && v.Detector != nil {
			err = v.Detector(d)
		}
		v.out.Detectors++
		if err != nil {
			v.bad("detector", fmt.Sprintf("row %.80q", d.Owner), err)
		}
		return nil
	}, v.gaps("detector"))
}

// asides counts what was put out of the way, which is no damage any more.
func (v *verifying) asides(context.Context) error {
	n, err := v.number("SELECT count(*) FROM aside")
	if err != nil && damagedPage(err) {
		v.bad("aside", "rows", err)
		return nil
	}
	v.out.Asides = n
	return err
}
