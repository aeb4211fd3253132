package service

import (
	"path"
	"strconv"
	"strings"

	"github.com/zol0/zol0/internal/process"
)

// subject is one process while it is being decided about. It reads facts when a rule or
// a step first wants them.
type subject struct {
	id    process.ID
	short string // the kernel's name
	uid   int64

	facts     process.Facts
	asked     process.Need
	describer Describer
	err       error // of the last reading

	place place
	line  string // the joined command line, once it is wanted
	// The container's name and the file it was found in, once they are wanted.
	container, containerFile string
	// waitsForPort says that a rule asked for ports and the process had none yet.
	waitsForPort bool

	resolver *Resolver
}

// read asks for facts that were not asked for yet.
func (s *subject) read(need process.Need) {
	need &^= s.asked
	if need == 0 {
		return
	}
	s.asked |= need
	facts, err := s.describer.Describe(s.id, need)
	if err != nil {
		s.err = err
		return
	}
	s.take(&facts)
}

// take adds what was read to what is known.
func (s *subject) take(f *process.Facts) {
	if f.Has(process.NeedCmdline) {
		s.facts.Cmdline = f.Cmdline
	}
	if f.Has(process.NeedExecutable) {
		s.facts.Executable = f.Executable
	}
	if f.Has(process.NeedCwd) {
		s.facts.Cwd = f.Cwd
	}
	if f.Has(process.NeedCgroup) {
		s.facts.Cgroup = f.Cgroup
	}
	if f.Has(process.NeedPorts) {
		s.facts.Ports = f.Ports
	}
	s.facts.Known |= f.Known
}

// has reads facts where they are missing and reports whether the system gave them all.
func (s *subject) has(need process.Need) bool {
	s.read(need)
	return s.facts.Has(need)
}

func (s *subject) hasCommand() bool { return len(s.facts.Cmdline) > 0 }

// command is the command line as rules see it.
func (s *subject) command() string {
	if s.line == "" {
		s.line = strings.Join(s.facts.Cmdline, " ")
	}
	return s.line
}

func (s *subject) cwd() string {
	if s.has(process.NeedCwd) {
		return s.facts.Cwd
	}
	return ""
}

func (s *subject) user() string { return s.resolver.users.name(s.uid) }

func (s *subject) containerName() string {
	if s.container == "" {
		c := s.place.container
		s.container, s.containerFile = s.resolver.containers.of(c, s.place.user, s.resolver.round)
		if s.container == "" {
			s.container = c.fallback()
		}
	}
	return s.container
}

// commBytes is where Linux cuts the short name: TASK_COMM_LEN of include/linux/sched.h
// less the final NUL.
const commBytes = 15

// longName is the executable's name. The kernel's short name is cut after 15 bytes; a
// part of the command line or the image that begins with it has the rest. Node.js names
// its main thread and thereby the process, which says nothing.
func (s *subject) longName() string {
	if listed("MainThread node-MainThread", s.short) && s.hasCommand() {
		return executableName(s.facts.Cmdline[0])
	}
	if len(s.short) != commBytes {
		return withoutTitleVersion(s.short)
	}
	for i := range min(2, len(s.facts.Cmdline)) { // a script's own name stands behind its interpreter
		for _, name := range [...]string{executableName(s.facts.Cmdline[i]), s.facts.Cmdline[i]} {
			if strings.HasPrefix(name, s.short) {
				return withoutTitleVersion(name)
			}
		}
	}
	if s.has(process.NeedExecutable) {
		if name := path.Base(s.facts.Executable); strings.HasPrefix(name, s.short) {
			return name
		}
	}
	return withoutTitleVersion(s.short)
}

// withoutTitleVersion cuts the version that some programs put into their title, so that
// an update does not make them another service: "next-server (v14.1.0)".
func withoutTitleVersion(name string) string {
	if i := strings.Index(name, " (v"); i > 0 {
		return name[:i]
	}
	return name
}

// isZoL0 reports whether the process is this program: the kernel's name is the cheap
// question, the image settles it where it may be read.
func (s *subject) isZoL0() bool {
	if executableName(s.short) != "zol0" {
		return false
	}
	if s.has(process.NeedExecutable) {
		return executableName(s.facts.Executable) == "zol0"
	}
	return s.hasCommand() && executableName(s.facts.Cmdline[0]) == "zol0"
}

// userNames remembers the names of users.
type userNames struct {
	lookUp func(uid int64) string
	known  map[int64]string
}

// maxUsers bounds the names kept; beyond it they are looked up again.
const maxUsers = 1024

func (u *userNames) name(uid int64) string {
	if uid < 0 {
		return ""
	}
	if name, ok := u.known[uid]; ok {
		return name
	}
	if len(u.known) >= maxUsers {
		clear(u.known)
	}
	name := u.lookUp(uid)
	if name == "" {
		name = strconv.FormatInt(uid, 10)
	}
	u.known[uid] = name
	return name
}
