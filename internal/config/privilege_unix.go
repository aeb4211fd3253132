//go:build !windows

package config

import "os"

// privileged reports whether this process speaks for the machine and not for one user.
func privileged() bool { return os.Geteuid() == 0 }
