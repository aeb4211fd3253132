package probe

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/zol0/zol0/internal/process"
)

// procfsFacts reads what does not change in one life of a process from procfs. It stands
// beside both Linux scanners.
type procfsFacts struct {
	files *procfiles
	stat  stat
	ports portTable
}

func newProcfsFacts(files *procfiles) *procfsFacts {
	return &procfsFacts{files: files, ports: portTable{files: files}}
}

func (f *procfsFacts) begin() { f.ports.forget() }

func (f *procfsFacts) close() error { return f.files.close() }

func (f *procfsFacts) describe(id process.ID, need process.Need) (process.Facts, error) {
	facts := process.Facts{Known: need}
	withheld := func(n process.Need) { facts.Known &^= n }
	teller := id.PID
	if need&process.NeedCmdline != 0 {
		text, err := f.files.readLong(teller, "cmdline")
		if err == nil && len(text) == 0 { // a kernel thread, or a process without its head
			if teller = f.files.teller(id.PID); teller != id.PID {
				text, err = f.files.readLong(teller, "cmdline")
			}
		}
		if err == nil {
			facts.Cmdline = parseCmdline(text)
		} else {
			withheld(process.NeedCmdline)
		}
	}
	if need&process.NeedCgroup != 0 {
		if text, err := f.files.readLong(id.PID, "cgroup"); err == nil {
			facts.Cgroup = parseCgroup(text)
		} else {
			withheld(process.NeedCgroup)
		}
	}
	if need&process.NeedExecutable != 0 {
		if text, err := f.files.link(teller, "exe"); err == nil {
			facts.Executable = printable(strings.TrimSuffix(string(text), " (deleted)"))
		} else {
			withheld(process.NeedExecutable)
		}
	}
	if need&process.NeedCwd != 0 {
		if text, err := f.files.link(teller, "cwd"); err == nil {
			facts.Cwd = printable(string(text))
		} else {
			withheld(process.NeedCwd)
		}
	}
	if need&process.NeedPorts != 0 {
		ports, err := f.ports.of(teller)
		if err != nil {
			withheld(process.NeedPorts)
		}
		facts.Ports = ports
	}
	// What was read belongs to id only if the PID still does.
	text, errno := f.files.read(id.PID, "stat")
	if errno != 0 || !parseStat(text, &f.stat) || f.stat.start != id.Start {
		return process.Facts{}, fmt.Errorf("cannot describe process %s: it has ended: %w", id, fs.ErrNotExist)
	}
	return facts, nil
}
