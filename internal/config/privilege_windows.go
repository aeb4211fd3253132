package config

import "golang.org/x/sys/windows"

// privileged reports whether this process speaks for the machine and not for one user: a
// service or an elevated administrator.
func privileged() bool { return windows.GetCurrentProcessToken().IsElevated() }
