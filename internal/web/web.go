// Package web holds the page that the daemon serves: the files that Vite builds from web/,
// packed with gzip once and for all. Nothing of it is copied into the heap: files are read
// from the binary while they are sent.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// Index is the name of the page itself.
const Index = "index.html"

// packedSuffix is of every file, as nothing is stored unpacked.
const packedSuffix = ".gz"

// maxFileBytes bounds one file, packed: the whole page is to be 120 KB on the wire.
const maxFileBytes = 1 << 20

// types of what a page consists of.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".json": "application/json; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

// File is a file of the page.
type File struct {
	Name        string // such as "index.html" or "assets/index-BHCCyaBU.js"
	ContentType string
	ETag        string // of what is in it, packed or not: weak, with its quotes
	// PackedBytes is its size as gzip, Bytes that of what is in it.
	PackedBytes, Bytes int

	files fs.FS
}

// Open opens the file to read it as gzip.
func (f *File) Open() (fs.File, error) { return f.files.Open(f.Name + packedSuffix) }

// Site is all files of the page.
type Site struct{ files map[string]*File }

// Embedded is the page in this binary.
func Embedded() (*Site, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("cannot read the embedded page: %w", err)
	}
	return New(sub)
}

// New reads what there is to know of the files of a page. Each is stored as its name and
// ".gz"; one of them is Index.
func New(files fs.FS) (*Site, error) {
	s := &Site{files: map[string]*File{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := look(files, name)
		if err != nil {
			return fmt.Errorf("cannot serve %s of the page: %w", name, err)
		}
		s.files[f.Name] = f
		return nil
	})
	if err == nil && s.files[Index] == nil {
		err = errors.New("the page has no " + Index + packedSuffix + ": build it with npm run build in web/")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// look reads a file through once.
func look(files fs.FS, stored string) (*File, error) {
	name, ok := strings.CutSuffix(stored, packedSuffix)
	if !ok {
		return nil, errors.New("it is not packed as " + stored + packedSuffix)
	}
	out := &File{Name: name, ContentType: types[path.Ext(name)], files: files}
	if out.ContentType == "" {
		return nil, fmt.Errorf("no content type is known for %q: add it to internal/web", path.Ext(name))
	}
	f, err := out.Open()
	if err != nil {
		return nil, err
	}
	sum, ends := sha256.New(), &ends{}
	n, err := io.Copy(io.MultiWriter(sum, ends), io.LimitReader(f, maxFileBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if n > maxFileBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxFileBytes)
	}
	// A gzip file begins with its magic number and ends with the size of what is in it
	// (RFC 1952, section 2.3).
	if n < 18 || ends.first != [2]byte{0x1f, 0x8b} {
		return nil, errors.New("it is no gzip")
	}
	out.PackedBytes, out.Bytes = int(n), int(binary.LittleEndian.Uint32(ends.last[:]))
	out.ETag = `W/"` + hex.EncodeToString(sum.Sum(nil)[:10]) + `"`
	return out, nil
}

// ends keeps the first two bytes and the last four of what is written to it.
type ends struct {
	written int
	first   [2]byte
	last    [4]byte
}

func (e *ends) Write(b []byte) (int, error) {
	for i := 0; i < len(b) && e.written+i < len(e.first); i++ {
		e.first[e.written+i] = b[i]
	}
	e.written += len(b)
	tail := append(e.last[:], b[max(0, len(b)-len(e.last)):]...)
	copy(e.last[:], tail[len(tail)-len(e.last):])
	return len(b), nil
}

// File is the file of that name; nil where there is none.
func (s *Site) File(name string) *File { return s.files[name] }

// Names lists the files in no order.
func (s *Site) Names() []string {
	out := make([]string, 0, len(s.files))
	for name := range s.files {
		out = append(out, name)
	}
	return out
}
