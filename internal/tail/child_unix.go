//go:build unix

package tail

import (
	"os/exec"
	"syscall"
)

// alone puts a child into a group of its own, which ends with it.
func alone(child *exec.Cmd) {
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.Cancel = func() error { return syscall.Kill(-child.Process.Pid, syscall.SIGKILL) }
}
