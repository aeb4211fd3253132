package probe

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zol0/zol0/internal/memory"
)

// CgroupLimit is the limit of memory that binds the processes of a control group: its own,
// or that of a group around it.
type CgroupLimit struct {
	// Path is the group whose limit it is, below the root of the hierarchy.
	Path string
	// MaxBytes is memory.max of that group.
	MaxBytes uint64
	// UsedBytes is what all processes in it use of that: memory.current without the file
	// pages that the kernel drops before it would kill (inactive_file of memory.stat). It
	// is absent where one of the two cannot be read.
	UsedBytes memory.Optional[uint64]
}

// Room is how much more the processes of the group can have; with an unknown use, all.
func (l *CgroupLimit) Room() uint64 {
	used, _ := l.UsedBytes.Get()
	return l.MaxBytes - min(used, l.MaxBytes)
}

// Bounds of what is read and remembered.
const (
	// maxCgroupText holds memory.stat, of 1.5 KB in Linux 6.18, several times.
	maxCgroupText = 16 << 10
	// maxCgroupDepth is deeper than any hierarchy: that of Kubernetes has five levels.
	maxCgroupDepth = 32
	// maxCgroups bounds what is remembered of one moment.
	maxCgroups = 4096
)

// Cgroups reads limits of the second version of control groups (Linux,
// Documentation/admin-guide/cgroup-v2.rst). The first version's are not read. It remembers
// what it read until Forget, as services share the groups around them, and is not safe for
// use by several goroutines.
type Cgroups struct {
	root string
	seen map[string]groupLimit
	text []byte
}

// groupLimit is what one group says; limited is false for "max" and for groups that say
// nothing.
type groupLimit struct {
	max     uint64
	used    memory.Optional[uint64]
	limited bool
}

// NewCgroups reads below root, where the hierarchy is mounted: usually /sys/fs/cgroup.
func NewCgroups(root string) *Cgroups {
	return &Cgroups{root: root, seen: make(map[string]groupLimit)}
}

// Forget drops what was read: limits change when somebody changes them.
func (c *Cgroups) Forget() { clear(c.seen) }

// Limit finds the limit that leaves the processes of a group the least room. ok is false
// where none is known: there is none, the group is of the first version or outside of what
// this process is shown, or its files may not be read.
func (c *Cgroups) Limit(path string) (out CgroupLimit, ok bool) {
	if !strings.HasPrefix(path, "/") {
		return out, false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." { // the group is outside of the namespace of this process
			return out, false
		}
	}
	for group, depth := filepath.Clean(path), 0; depth < maxCgroupDepth; group, depth = filepath.Dir(group), depth+1 {
		if g := c.group(group); g.limited {
			x := CgroupLimit{Path: group, MaxBytes: g.max, UsedBytes: g.used}
			if !ok || x.Room() < out.Room() {
				out, ok = x, true
			}
		}
		if group == "/" {
			break
		}
	}
	return out, ok
}

// group reads one group. What cannot be read says nothing: the group has ended, or the
// kernel counts no memory for it.
func (c *Cgroups) group(path string) groupLimit {
	if g, known := c.seen[path]; known {
		return g
	}
	var g groupLimit
	if text, err := c.read(path, "memory.max"); err == nil {
		g.max, g.limited = parseMemoryMax(text)
	}
	if g.limited {
		g.used = c.used(path)
	}
	if len(c.seen) < maxCgroups {
		c.seen[path] = g
	}
	return g
}

func (c *Cgroups) used(path string) (out memory.Optional[uint64]) {
	text, err := c.read(path, "memory.current")
	if err != nil {
		return out
	}
	current, ok := wholeNumber(bytes.TrimSuffix(text, []byte("\n"))).Get()
	if !ok {
		return out
	}
	if text, err = c.read(path, "memory.stat"); err != nil {
		return out
	}
	idle, ok := parseInactiveFile(text)
	if !ok {
		return out
	}
	return memory.Present(current - min(idle, current)) // they are not read at one instant
}

// read returns the text of a file of a group; it is valid until the next read.
func (c *Cgroups) read(path, name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(c.root, path, name))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	if c.text == nil {
		c.text = make([]byte, maxCgroupText)
	}
	n, err := io.ReadFull(f, c.text)
	switch {
	case err == nil:
		return nil, &fs.PathError{Op: "read", Path: f.Name(), Err: errors.New("the file is longer than any that the kernel writes")}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return c.text[:n], nil
	}
	return nil, err
}

// parseMemoryMax reads memory.max: a number of bytes, or "max" for no limit.
func parseMemoryMax(b []byte) (bytesMax uint64, limited bool) {
	line, ok := bytes.CutSuffix(b, []byte("\n"))
	if !ok || string(line) == "max" {
		return 0, false
	}
	return wholeNumber(line).Get()
}

// parseInactiveFile reads inactive_file of memory.stat, whose lines are "name bytes".
func parseInactiveFile(b []byte) (uint64, bool) {
	for line := range bytes.Lines(b) {
		figure, ok := bytes.CutPrefix(line, []byte("inactive_file "))
		if !ok {
			continue
		}
		if figure, ok = bytes.CutSuffix(figure, []byte("\n")); !ok {
			return 0, false
		}
		return wholeNumber(figure).Get()
	}
	return 0, false
}
