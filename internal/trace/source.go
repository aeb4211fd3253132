package trace

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// peekBytes of a file are looked at to recognise its format. A header of zol0 has 300.
const peekBytes = 16 << 10

var (
	errTooLarge = fmt.Errorf("the file holds more than %d bytes of text", maxBytes)
	errTooLong  = fmt.Errorf("the line is longer than %d bytes", maxLineBytes)
)

// source is the text of a file: decompressed, without a byte order mark, and bounded.
// Parsers of others read from it, and say with mark where a line or value begins.
type source struct {
	text       *bufio.Reader
	compressed bool
	left       int64 // bytes of text that may still come
	stretch    int   // bytes that may still come before the next mark; meaningless while unmarked
	marked     bool
	failed     error // why reading ended early; nil at the end of the file
	sink       *Sink // takes what is read, row by row; nil gathers series
}

func newSource(r io.Reader) (*source, error) {
	raw := bufio.NewReaderSize(r, 64<<10)
	s := &source{left: maxBytes}
	var plain io.Reader = raw
	if magic, err := raw.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(raw)
		if err != nil {
			s.failed, s.compressed = err, true
			return nil, s.broken(1)
		}
		plain, s.compressed = z, true
	}
	s.text = bufio.NewReaderSize(&bounded{plain, s}, 64<<10)
	if mark, err := s.text.Peek(3); err == nil && string(mark) == "\ufeff" {
		s.text.Discard(3) //nolint:errcheck // they were peeked at
	}
	return s, nil
}

// bounded counts what is read from below and keeps the first failure, which the parsers
// above may wrap or hide.
type bounded struct {
	below io.Reader
	*source
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.failed = errTooLarge
		return 0, errTooLarge
	}
	n, err := b.below.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && err != io.EOF && b.failed == nil {
		b.failed = err
	}
	return n, err
}

// Read gives a parser its next bytes.
func (s *source) Read(p []byte) (int, error) {
	if s.marked && s.stretch <= 0 {
		if s.failed == nil {
			s.failed = errTooLong
		}
		return 0, errTooLong
	}
	n, err := s.text.Read(p)
	s.stretch -= n
	return n, err
}

// mark says that a line or value begins, which may be maxLineBytes long. Parsers read
// ahead by a buffer of at most 64 KiB.
func (s *source) mark() { s.marked, s.stretch = true, maxLineBytes+64<<10 }

// peek is the beginning of the text, shorter than peekBytes where the file is.
func (s *source) peek() []byte {
	head, _ := s.text.Peek(peekBytes) // what ends it early is in failed
	return head
}

// broken is the error of a source whose reading failed in the given line.
func (s *source) broken(line int) *Error {
	var corrupt flate.CorruptInputError
	why := s.failed
	switch {
	case errors.Is(why, errTooLarge):
		return tooMuch(line, maxBytes, "bytes of text")
	case errors.Is(why, errTooLong):
		return brokenLine(line, "", why)
	case s.compressed && errors.Is(why, io.ErrUnexpectedEOF):
		why = errors.New("the gzip data end too early: the file was cut off")
	case s.compressed && (errors.Is(why, gzip.ErrChecksum) || errors.Is(why, gzip.ErrHeader) || errors.As(why, &corrupt)):
		why = fmt.Errorf("the gzip data are damaged (%w)", why)
	}
	hint := "copy or record the file again: nothing of it is readable"
	if line > 2 {
		hint = fmt.Sprintf("lines 1–%d are readable: copy the file again, or keep them alone (zcat FILE | head -n %d)", line-1, line-1)
		if !s.compressed {
			hint = fmt.Sprintf("lines 1–%d are readable: copy the file again, or keep them alone (head -n %d)", line-1, line-1)
		}
	}
	return &Error{Line: line, Err: cause(why), Hint: hint}
}

// foreign are beginnings of files that are recognised to be refused with the command that
// turns them into text.
var foreign = []struct{ magic, what, hint string }{
	{"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it first: zstdcat FILE | zol0 analyze -"},
	{"\xfd7zXZ\x00", "compressed with xz", "decompress it first: xzcat FILE | zol0 analyze -"},
	{"BZh", "compressed with bzip2", "decompress it first: bzcat FILE | zol0 analyze -"},
	{"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV"},
	{"\xff\xfe", "encoded in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE | zol0 analyze -"},
	{"\xfe\xff", "encoded in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE | zol0 analyze -"},
	{"SQLite format 3\x00", "an SQLite database", "export the table as CSV: sqlite3 -header -csv FILE 'SELECT …'"},
}

func refuseBinary(head []byte) error {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return &Error{Err: errors.New("the file is " + f.what), Hint: f.hint}
		}
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return &Error{Err: errors.New("the file is no text: it holds zero bytes"), Hint: "give a recording as CSV or JSON, plain or compressed with gzip"}
	}
	return nil
}
