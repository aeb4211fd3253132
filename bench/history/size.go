package history

import (
	"fmt"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// sizes reads from the closed file what its parts take.
func (c *Cost) sizes(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("cannot measure the store: %w", err)
	}
	c.FileBytes = info.Size()
	db, err := sqlite3.OpenFlags("file:"+path+"?mode=ro", sqlite3.OPEN_READONLY|sqlite3.OPEN_URI)
	if err != nil {
		return fmt.Errorf("cannot measure the store %s: %w", path, err)
	}
	for _, q := range []struct {
		text string
		to   *int64
	}{
		{"SELECT coalesce(sum(length(data)),0) FROM chunk", &c.ChunkBytes},
		{"SELECT coalesce(sum(length(data)),0) FROM frame", &c.FrameBytes},
		{"SELECT count(*) FROM frame", &c.OpenFrames},
	} {
		stmt, _, err := db.Prepare(q.text)
		if err != nil {
			return fmt.Errorf("cannot measure the store %s: %w", path, err)
		}
		if stmt.Step() {
			*q.to = stmt.ColumnInt64(0)
		}
		if err := stmt.Close(); err != nil {
			return fmt.Errorf("cannot measure the store %s: %w", path, err)
		}
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("cannot close the store %s: %w", path, err)
	}
	return nil
}
