package store

import (
	"context"
	"fmt"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// receivedTable is the log of what was received.
var receivedTable = scanned{name: "received", key: "id", columns: "id,data"}

// hasLog reports whether a file is new enough for a log of what was received.
func (c *connection) hasLog() (bool, error) {
	n, err := c.number("SELECT count(*) FROM sqlite_schema WHERE name='received'")
	if err != nil && damagedPage(err) {
		return false, nil // the steps before it told what is damaged
	}
	return n > 0, err
}

// takeReceived takes in the log of what was received.
func (v *salvage) takeReceived(ctx context.Context) error {
	if there, err := v.from.hasLog(); err != nil || !there {
		return err
	}
	return v.from.scan(ctx, receivedTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		var failed error
		err := decodeLog(row.ColumnRawBlob(1), func(theirs Series, points []Point) error {
			series, ok := v.ours(theirs)
			if !ok {
				return nil
			}
			for _, p := range points {
				if failed = v.counted(v.add(series, p)); failed != nil {
					return failed
				}
			}
			return nil
		})
		switch {
		case failed != nil:
			return failed
		case err != nil:
			return v.bad("received", row.ColumnInt64(0), err)
		}
		v.out.Frames++
		return nil
	}, v.gaps("received"))
}

// received looks at the log of what was received. Its rows may outlive their owners: they
// are deleted when what is older than them is.
func (v *verifying) received(ctx context.Context) error {
	if there, err := v.hasLog(); err != nil || !there {
		return err
	}
	return v.scan(ctx, receivedTable, math.MinInt64, func(row *sqlite3.Stmt) error {
		err := decodeLog(row.ColumnRawBlob(1), func(_ Series, points []Point) error {
			v.out.Samples += int64(len(points))
			return nil
		})
		if err != nil {
			err = fmt.Errorf("row of what was received: %w", err)
		}
		v.out.Frames++
		v.row("received", row.ColumnInt64(0), err)
		return nil
	}, v.gaps("received"))
}
