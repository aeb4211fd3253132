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
}

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
	all := make(map[uint64]uint16)
	for _, name := range []string{"net/tcp", "net/tcp6"} {
		text, err := t.files.readLong(pid, name)
		if err != nil {
			if gone(err) && name == "net/tcp6" {
				continue // a kernel without IPv6
			}
			return nil, err
		}
		parseListening(text, all)
	}
	return all, nil
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
		if err != nil {
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

// parseListening adds the listening sockets of a /proc/net/tcp or tcp6 file to all. The
// kernel lists them before all others, so that the head of a file of 100,000 connections
// is enough and reading stops at the first line in another state.
func parseListening(b []byte, all map[uint64]uint16) {
	const listen = "0A" // TCP_LISTEN of include/net/tcp_states.h
	first := true
	for line := range bytes.Lines(b) {
		if first { // column names
			first = false
			continue
		}
		fields := bytes.Fields(line)
		if len(fields) < 10 || string(fields[3]) != listen {
			return
		}
		colon := bytes.LastIndexByte(fields[1], ':')
		port, err := strconv.ParseUint(string(fields[1][colon+1:]), 16, 16)
		inode, n := digits(fields[9])
		if err == nil && n == len(fields[9]) && port > 0 {
			all[inode] = uint16(port)
		}
	}
}

// gone reports whether err says that a file or a process is not there.
func gone(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }
