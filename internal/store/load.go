package store

import (
	"fmt"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// load takes in the open owners and the open hour of the file.
func (s *Store) load(db *sqlite3.Conn) error {
	c := &connection{s.path, db}
	newest := int64(noTime)
	err := c.rows("SELECT k, t1 FROM chunk ORDER BY k DESC LIMIT 1", func(row *sqlite3.Stmt) error {
		s.newest, newest = key(row.ColumnInt64(0)).span(), row.ColumnInt64(1)
		return nil
	})
	if err != nil {
		return err
	}
	s.last = newest
	err = c.rows("SELECT id,kind,labels,first,last FROM owner WHERE last=?", func(row *sqlite3.Stmt) error {
		o, err := readOwner(row)
		if err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		if IsReceived(o.Labels) {
			s.inflow.know(o, newest)
			return nil
		}
		s.owners[o.ID] = &owner{Owner: o, text: row.ColumnText(2), seen: max(o.First, newest)}
		return nil
	}, math.MaxInt64)
	if err != nil {
		return err
	}
	if err := s.loadInflow(c); err != nil {
		return err
	}
	var broken error
	err = c.rows("SELECT slot, epoch, k, data FROM frame WHERE epoch=(SELECT epoch FROM frame WHERE slot=0) ORDER BY slot", func(row *sqlite3.Stmt) error {
		s.slot, s.epoch = row.ColumnInt64(0)+1, row.ColumnInt64(1)
		if data := row.ColumnRawBlob(3); broken == nil && len(data) > 0 {
			broken = s.replay(row.ColumnInt64(2), data)
		}
		return nil
	})
	if err != nil || broken == nil {
		return err
	}
	return s.keepFrames(c, broken)
}

// newestFrame is the epoch of the frames in the file and the row of the next one.
func (w *writer) newestFrame() (epoch, slot int64, err error) {
	err = w.rows("SELECT epoch, max(slot)+1 FROM frame WHERE epoch=(SELECT epoch FROM frame WHERE slot=0)", func(row *sqlite3.Stmt) error {
		epoch, slot = row.ColumnInt64(0), row.ColumnInt64(1)
		return nil
	})
	return epoch, slot, err
}

// replay takes in one frame.
func (s *Store) replay(k int64, data []byte) error {
	t, which := k/int64(streams), k%int64(streams)
	if k < 0 {
		return fmt.Errorf("%w: at %d", errFrame, k)
	}
	coder := &s.frames[which]
	if err := coder.decode(data); err != nil {
		return err
	}
	if s.hour == noTime {
		s.hour = hourOf(t)
	}
	for i, series := range coder.series {
		o, v := s.owners[series.Owner()], math.Float64frombits(coder.values[i])
		switch {
		case o == nil:
			return fmt.Errorf("%w: of owner %d, which is not there", errFrame, series.Owner())
		case hourOf(t) != s.hour:
			return fmt.Errorf("%w: of another hour than those before it", errFrame)
		}
		if err := s.addHead(series, t, v); err != nil {
			return err
		}
		o.seen = t
	}
	s.last = t
	return nil
}

// keepFrames puts frames that cannot be read out of the way, where a person can look at
// them. What could be read of the hour is kept as chunks.
func (s *Store) keepFrames(c *connection, why error) error {
	s.noteAside(Aside{Path: s.path + " (table aside)", Why: why})
	if s.w == nil {
		return nil // a reader shows what it can read
	}
	err := s.w.transaction(func() error {
		stmt, _, err := c.db.Prepare("INSERT INTO aside(name,k,why,data) SELECT 'frame',k,?,data FROM frame WHERE epoch=(SELECT epoch FROM frame WHERE slot=0)")
		if err != nil {
			return err
		}
		defer stmt.Close() //nolint:errcheck // its error is that of Exec
		return run(stmt, why.Error())
	})
	if err != nil {
		return err
	}
	if s.hour == noTime {
		s.pending.clear = true
	} else {
		s.closeHour()
	}
	for i := range s.frames {
		s.frames[i].reset()
	}
	return s.commit()
}
