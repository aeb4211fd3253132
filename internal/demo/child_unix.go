//go:build unix

package demo

import (
	"os/exec"
	"syscall"
)

// alone keeps a signal from the terminal from a program, which is told to end after zol0.
func alone(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(c *exec.Cmd) error { return c.Process.Signal(syscall.SIGTERM) }
