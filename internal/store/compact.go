package store

import (
	"context"
	"os"
)

// Compact writes the file anew without the room that deleted rows left, and returns its
// size before and after. Nobody else can read or write meanwhile. It needs twice the size
// of what is in the file on the disk, for a copy and for the log with which it is undone
// when it is cut off.
func (s *Store) Compact(ctx context.Context) (before, after int64, err error) {
	if err := s.Flush(); err != nil {
		return 0, 0, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.w == nil {
		return 0, 0, &Error{Thing: "store " + s.path, Err: os.ErrClosed, Hint: "open it for writing"}
	}
	if before, _, err = s.sizes(); err != nil {
		return 0, 0, err
	}
	old := s.w.db.SetInterrupt(ctx)
	err = s.w.db.Exec("VACUUM")
	s.w.db.SetInterrupt(old)
	if err == nil {
		err = s.w.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return before, before, &Error{Thing: "store " + s.path, Err: interrupted(ctx, err), Hint: "nothing was changed; it needs room for two copies of the file on its disk"}
	}
	after, _, err = s.sizes()
	return before, after, err
}

// sizes are the bytes of the file and of its log.
func (s *Store) sizes() (file, log int64, err error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, 0, &Error{Thing: "store " + s.path, Err: cause(err), Hint: "name the directory of the daemon's data with --data"}
	}
	file = info.Size()
	if info, err := os.Stat(s.path + "-wal"); err == nil {
		log = info.Size()
	}
	return file, log, nil
}
