// Package tail follows what grows: files, line by line, through rotation and truncation; and
// the systemd journal through journalctl, a child that is bounded and ends with us.
//
// Nothing here has a clock or waits: Step reads what is there now, at most so many bytes.
package tail

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// Options are what is followed and from where.
type Options struct {
	Path string
	// FromStart begins with the first byte; else Backlog bytes before the end, at the next
	// whole line.
	FromStart bool
	Backlog   int64
	// MaxLine is how much of a line is kept; 0: DefaultLine.
	MaxLine int
}

// Counts say what went by.
type Counts struct {
	Lines, Bytes uint64
	Cut          uint64 // lines of which the end was left out
	Dropped      int64  // bytes that Skip left out
	// Rotations are other files under the path, Truncations the same one begun anew.
	Rotations, Truncations uint64
}

// DefaultLine holds any line that a person reads.
const DefaultLine = 64 << 10

const (
	// pieceBytes are read at a time, into the one buffer of a File.
	pieceBytes = 64 << 10
	// headBytes are what tells a file that was begun anew from one that only grew.
	headBytes = 256
)

// File follows one path. One goroutine uses it.
type File struct {
	options Options
	file    *os.File
	info    fs.FileInfo // of the open file
	offset  int64
	head    uint64 // hash of its first bytes
	headed  int    // of so many
	pipe    bool
	begun   bool // a file was open before: what comes is read from its start
	skip    bool // the rest of a line is not wanted
	buffer  []byte
	line    []byte
	cut     bool
	counts  Counts
}

// NewFile follows a path, where there may be nothing yet.
func NewFile(o Options) *File {
	if o.MaxLine <= 0 {
		o.MaxLine = DefaultLine
	}
	return &File{options: o}
}

// Counts say what went by so far.
func (f *File) Counts() Counts { return f.counts }

// Close ends the following.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// Step reads at most so many bytes of what is new and calls each for every whole line,
// without its end; the bytes are its own during the call alone. It says how much it read, and
// whether there is more. An error is of now: the next Step tries again.
func (f *File) Step(most int, each func([]byte)) (read int, more bool, err error) {
	if f.file == nil {
		if err := f.open(); err != nil {
			return 0, false, err
		}
	}
	if err := f.begunAnew(); err != nil {
		return 0, false, err
	}
	if f.buffer == nil {
		f.buffer = make([]byte, pieceBytes)
	}
	for read < most {
		n, err := f.read(f.buffer[:min(len(f.buffer), most-read)])
		if n > 0 {
			f.take(f.buffer[:n], each)
			f.offset += int64(n)
			f.counts.Bytes += uint64(n)
			read += n
		}
		switch {
		case errors.Is(err, io.EOF), err == nil && n == 0:
			turned, err := f.turned(each)
			return read, turned, err
		case err != nil:
			return read, false, fmt.Errorf("cannot read %s: %w", f.options.Path, err)
		}
	}
	return read, true, nil
}

func (f *File) read(b []byte) (int, error) {
	if f.pipe {
		return readNow(f.file, b)
	}
	return f.file.Read(b)
}

// open opens what stands at the path.
func (f *File) open() error {
	file, err := openWithoutWaiting(f.options.Path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		err = fmt.Errorf("%s is no file and no pipe (%s)", f.options.Path, info.Mode().Type())
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.file, f.info, f.offset, f.headed = file, info, 0, 0
	f.pipe = info.Mode()&fs.ModeNamedPipe != 0
	f.line, f.cut, f.skip = f.line[:0], false, false
	if !f.begun && !f.options.FromStart && !f.pipe {
		if at := info.Size() - max(0, f.options.Backlog); at > 0 {
			err = f.seek(at)
		}
	}
	f.begun = true
	return err
}

// seek goes on in the midst of a line: what is left of it is not wanted, unless it begins there.
func (f *File) seek(at int64) error {
	var before [1]byte
	if _, err := f.file.ReadAt(before[:], at-1); err != nil {
		return fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	if _, err := f.file.Seek(at, io.SeekStart); err != nil {
		return fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	f.offset, f.skip = at, before[0] != '\n'
	f.line, f.cut = f.line[:0], false
	return nil
}

// begunAnew notices that the file was truncated, also where it has grown beyond its old
// length since.
func (f *File) begunAnew() error {
	if f.pipe {
		return nil
	}
	info, err := f.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	anew := info.Size() < f.offset
	if !anew && info.Size() != f.info.Size() || !anew && !info.ModTime().Equal(f.info.ModTime()) {
		if anew, err = f.otherHead(info.Size()); err != nil {
			return err
		}
	}
	f.info = info
	if !anew {
		return nil
	}
	f.counts.Truncations++
	f.headed = 0
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	f.offset, f.line, f.cut, f.skip = 0, f.line[:0], false, false
	_, err = f.otherHead(info.Size())
	return err
}

// otherHead reports whether the file begins with other bytes than it did, and remembers more
// of them while it is short.
func (f *File) otherHead(size int64) (bool, error) {
	var head [headBytes]byte
	n, err := f.file.ReadAt(head[:min(size, headBytes)], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	if n < f.headed || f.headed > 0 && hashOf(head[:f.headed]) != f.head {
		return true, nil
	}
	f.headed, f.head = n, hashOf(head[:n])
	return false, nil
}

func hashOf(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b) // it never fails
	return h.Sum64()
}

// turned looks, at the end of the file, whether another one has its name now. What it held
// was read to its end; a last line without an end is one now.
func (f *File) turned(each func([]byte)) (bool, error) {
	if f.pipe {
		return false, nil
	}
	now, err := os.Stat(f.options.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it may be between two names
	}
	if err != nil {
		return false, err
	}
	if os.SameFile(now, f.info) {
		return false, nil
	}
	if info, err := f.file.Stat(); err == nil && info.Size() > f.offset {
		return true, nil // it was written to meanwhile
	}
	if len(f.line) > 0 && !f.skip {
		f.give(each)
	}
	f.counts.Rotations++
	return true, f.Close()
}

// take cuts what was read into lines.
func (f *File) take(b []byte, each func([]byte)) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		part := b
		if i >= 0 {
			part = b[:i]
		}
		if !f.skip {
			room := f.options.MaxLine - len(f.line)
			if len(part) > room {
				part, f.cut = part[:room], true
			}
			f.line = append(f.line, part...)
		}
		if i < 0 {
			return
		}
		if f.skip {
			f.skip = false
		} else {
			f.give(each)
		}
		b = b[i+1:]
	}
}

// give passes on the line that is complete.
func (f *File) give(each func([]byte)) {
	line := f.line
	if !f.cut && len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	f.counts.Lines++
	if f.cut {
		f.counts.Cut++
	}
	each(line)
	if f.line, f.cut = f.line[:0], false; cap(f.line) > DefaultLine {
		f.line = nil
	}
}

// Skip leaves out what is unread up to so many bytes before the end, and the rest of the line
// there: for a writer that is faster than its reader. It says how much that was.
func (f *File) Skip(keep int64) (int64, error) {
	if f.file == nil || f.pipe {
		return 0, nil
	}
	info, err := f.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("cannot read %s: %w", f.options.Path, err)
	}
	at := info.Size() - keep
	if at <= f.offset {
		return 0, nil
	}
	dropped := at - f.offset
	if err := f.seek(at); err != nil {
		return 0, err
	}
	f.counts.Dropped += dropped
	return dropped, nil
}
