package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
)

// Backup writes a copy of the store into a new file, readable for its owner alone, and
// checks that it can be opened and is sound. It works beside a daemon that writes, and has
// what was there when it began, the open hour included. Where it fails, or ctx ends,
// no file is left. It returns the size of the copy.
func (s *Store) Backup(ctx context.Context, to string) (int64, error) {
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		hint := "name a file in a directory that this user may write"
		if errors.Is(err, fs.ErrExist) {
			hint = "nothing is overwritten: move that file away, or name another"
		}
		return 0, &Error{Thing: "backup " + to, Err: cause(err), Hint: hint}
	}
	size, err := s.copyInto(ctx, f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(to))
	}
	return size, nil
}

// copyInto fills an empty file.
func (s *Store) copyInto(ctx context.Context, f *os.File) (int64, error) {
	c, err := connect(s.path, sqlite3.OPEN_READWRITE)
	if err != nil {
		if c, err = connect(s.path, sqlite3.OPEN_READONLY); err != nil {
			return 0, err
		}
	}
	defer c.close() //nolint:errcheck // it wrote to the copy alone
	c.db.SetInterrupt(ctx)
	stmt, _, err := c.db.Prepare("VACUUM INTO ?")
	if err != nil {
		return 0, fmt.Errorf("cannot copy store %s: %w", s.path, interrupted(ctx, err))
	}
	if err := run(stmt, f.Name()); err != nil {
		return 0, &Error{Thing: "backup " + f.Name(), Err: interrupted(ctx, err), Hint: "make room on its disk; zol0 store verify says whether the store itself is damaged"}
	}
	if err := f.Sync(); err != nil {
		return 0, &Error{Thing: "backup " + f.Name(), Err: cause(err), Hint: "check its disk"}
	}
	if err := sound(ctx, f.Name()); err != nil {
		return 0, &Error{Thing: "backup " + f.Name(), Err: err, Hint: "the store is damaged: see what with zol0 store verify"}
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// sound opens a file as a store and looks at every page of it.
func sound(ctx context.Context, path string) error {
	s, err := OpenReader(path)
	if err != nil {
		return err
	}
	err = s.read(ctx, func(r *reader) error {
		return r.rows("PRAGMA quick_check(1)", func(row *sqlite3.Stmt) error {
			if text := row.ColumnText(0); text != "ok" {
				return errors.New(text)
			}
			return nil
		})
	})
	return errors.Join(err, s.Close())
}

// interrupted is why something ended early.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// cause is an error of the file system without the path, which is named already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
