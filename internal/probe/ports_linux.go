package probe

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/process"
)

// portTable finds the TCP ports a process listens on: the sockets among its descriptors
// that its network namespace lists as listening.
type portTable struct {
	files *procfiles
	// spaces holds the listening sockets of each network namespace, read once a scan:
	// the kernel walks a table of up to half a million buckets for each reading, about
	// 1.7 ms, whoever of the namespace asks.
	spaces map[string]map[uint64]uint16
}

// forget drops what was read for the last scan.
func (t *portTable) forget() { clear(t.spaces) }

// maxDescriptors bounds the search in one process: each descriptor costs a readlink of
// about 2 µs, and servers open their listening sockets first.
const maxDescriptors = 4096

// of returns the ports of a process, ascending. It needs the rights of the process's
// owner; without them it fails with the system's error.
func (t *portTable) of(pid int32) ([]uint16, error) {
	listening, err := t.listening(pid)
	if err != nil || len(listening) == 0 {
		return nil, err
	}
	var ports []uint16
	err = t.sockets(pid, func(inode uint64) bool {
		if port, ok := listening[inode]; ok && !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
		return len(ports) < process.MaxPorts
	})
	slices.Sort(ports)
	return ports, err
}

// listening maps the inodes of listening sockets of the process's network namespace to
// their ports.
func (t *portTable) listening(pid int32) (map[uint64]uint16, error) {
	link, err := t.files.link(pid, "ns/net")
	if err != nil {
		return nil, err
	}
	space := string(link)
	if all, ok := t.spaces[space]; ok {
		return all, nil
	}
	all := make(map[uint64]uint16)
	for _, name := range []string{"net/tcp", "net/tcp6"} {
		if err := t.files.readListening(pid, name, all); err != nil && (name != "net/tcp6" || !gone(err)) { // a kernel may be without IPv6
			return nil, err
		}
	}
	if t.spaces == nil {
		t.spaces = make(map[string]map[uint64]uint16)
	}
	t.spaces[space] = all
	return all, nil
}

// readListening reads a table of sockets as far as listening ones reach, or to its end.
func (f *procfiles) readListening(pid int32, name string, all map[uint64]uint16) error {
	fd, errno := f.open(f.set(pid, name), unix.O_RDONLY)
	if errno != 0 {
		return errno
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	for n := 0; n < maxText; {
		if n == len(f.text) {
			f.text = append(f.text, make([]byte, n)...)
		}
		m, err := unix.Read(fd, f.text[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		n += m
		if m == 0 || parseListening(f.text[:n], all) {
			return nil
		}
	}
	return nil
}

// sockets calls visit with the inode of every socket among the descriptors of a process
// until it returns false.
func (t *portTable) sockets(pid int32, visit func(inode uint64) bool) error {
	dir, errno := t.files.open(t.files.set(pid, "fd"), unix.O_RDONLY|unix.O_DIRECTORY)
	if errno != 0 {
		return errno
	}
	defer unix.Close(dir) //nolint:errcheck // only read
	var target [64]byte
	for seen := 0; seen < maxDescriptors; {
		n, err := t.files.dirents(dir)
		if err != 0 {
			return err
		}
		if n == 0 {
			return nil
		}
		done := false
		eachName(t.files.entries[:n], func(name []byte) {
			if done || name[0] == '.' {
				return
			}
			seen++
			size, err := unix.Readlinkat(dir, string(name), target[:])
			if err != nil {
				return // closed in the meantime
			}
			if inode, ok := socketInode(target[:size]); ok && !visit(inode) {
				done = true
			}
		})
		if done {
			return nil
		}
	}
	return nil
}

// socketInode reads the inode of a link like "socket:[12345]".
func socketInode(link []byte) (uint64, bool) {
	rest, ok := bytes.CutPrefix(link, []byte("socket:["))
	if !ok {
		return 0, false
	}
	inode, n := digits(rest)
	return inode, n > 0 && string(rest[n:]) == "]"
}

// parseListening adds the listening sockets of a /proc/net/tcp or tcp6 file to all, and
// reports whether it met the end of them: the kernel lists them before all others, so that
// the head of a file of 100,000 connections is enough.
func parseListening(b []byte, all map[uint64]uint16) bool {
	const listen = "0A"                  // TCP_LISTEN of include/net/tcp_states.h
	_, b, _ = bytes.Cut(b, []byte("\n")) // column names
	for line := range bytes.Lines(b) {
		fields := bytes.Fields(line)
		if len(fields) < 10 || line[len(line)-1] != '\n' {
			return false // torn: more is to be read
		}
		if string(fields[3]) != listen {
			return true
		}
		colon := bytes.LastIndexByte(fields[1], ':')
		port, err := strconv.ParseUint(string(fields[1][colon+1:]), 16, 16)
		inode, n := digits(fields[9])
		if err == nil && n == len(fields[9]) && port > 0 {
			all[inode] = uint16(port)
		}
	}
	return false
}

// gone reports whether err says that a file or a process is not there.
func gone(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }
