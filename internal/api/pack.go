package api

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	small "github.com/klauspost/compress/gzip"
)

// Bounds of compression. What it may hold is written in docs/dependencies.md.
const (
	// minPacked is from which size on an answer is worth compressing: below it fits into
	// one packet of a network as it is.
	minPacked = 1 << 10
	// maxPacking answers are compressed at a time; others wait the millisecond.
	maxPacking = 2
	// maxHeldBytes of packed answers wait for clients to read them; the next client is told
	// to come again. A day of 300 services is 0.3 MB.
	maxHeldBytes = 8 << 20
)

// packed is an answer as it is kept and sent: text with its line end, or from minPacked on
// that text in gzip. Nothing that is sent as text begins like gzip does.
type packed []byte

func (p packed) zipped() bool { return len(p) >= 18 && p[0] == 0x1f && p[1] == 0x8b }

// size is that of the text (RFC 1952, section 2.3.1: ISIZE; no answer has 4 GiB).
func (p packed) size() int {
	if p.zipped() {
		return int(binary.LittleEndian.Uint32(p[len(p)-4:]))
	}
	return len(p)
}

// packer collects the text of an answer and compresses it where it is long enough. It is
// written to in few and long pieces: each is compressed by itself.
type packer struct {
	places chan struct{} // one is taken while compressing
	out    bytes.Buffer
	zip    *small.Writer
}

func (p *packer) Write(b []byte) (int, error) {
	if p.zip == nil && p.out.Len()+len(b) < minPacked {
		return p.out.Write(b)
	}
	p.places <- struct{}{}
	defer func() { <-p.places }()
	if p.zip == nil {
		text := bytes.Clone(p.out.Bytes())
		p.out.Reset()
		// The only error is that of a level that does not exist.
		p.zip, _ = small.NewWriterLevel(&p.out, small.StatelessCompression)
		if len(text) > 0 {
			if _, err := p.zip.Write(text); err != nil {
				return 0, err
			}
		}
	}
	return p.zip.Write(b)
}

// packed ends the answer. It has no room beyond its length: it may be kept for long.
func (p *packer) packed() (packed, error) {
	if p.zip != nil {
		if err := p.zip.Close(); err != nil {
			return nil, err
		}
	}
	return bytes.Clone(p.out.Bytes()), nil
}

// pack encodes v as JSON with a line end, for those who read it in a terminal.
func (s *Server) pack(v any) (packed, error) {
	p := packer{places: s.packing}
	// The encoder writes all at once.
	if err := json.NewEncoder(&p).Encode(v); err != nil {
		return nil, err
	}
	return p.packed()
}

// packText does the same for text of another kind.
func (s *Server) packText(text []byte) (packed, error) {
	p := packer{places: s.packing}
	if _, err := p.Write(text); err != nil {
		return nil, err
	}
	return p.packed()
}

// unpack writes the text of what is packed while it is unpacked: 50 KB, whatever its size.
func unpack(w io.Writer, p io.Reader) error {
	r, err := gzip.NewReader(p)
	if err != nil {
		return err
	}
	if _, err = io.Copy(w, r); err != nil {
		return err
	}
	return r.Close()
}

// sink tells what went wrong with the client from what went wrong with us.
type sink struct {
	io.Writer
	gone bool
}

func (s *sink) Write(b []byte) (int, error) {
	n, err := s.Writer.Write(b)
	s.gone = s.gone || err != nil
	return n, err
}

// takesGzip reads Accept-Encoding (RFC 9110, section 12.5.3). Whoever does not say that gzip is
// welcome gets text.
func takesGzip(header string) bool {
	takes, named := false, false
	for header != "" {
		var one string
		one, header, _ = strings.Cut(header, ",")
		coding, weight, weighted := strings.Cut(one, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		gzip := coding == "gzip" || coding == "x-gzip"
		if !gzip && (coding != "*" || named) {
			continue
		}
		named, takes = gzip, true
		if weighted {
			name, value, _ := strings.Cut(strings.TrimSpace(weight), "=")
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			takes = strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q > 0 && q <= 1
		}
	}
	return takes
}
