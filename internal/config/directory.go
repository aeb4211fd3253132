package config

import (
	"errors"
	"strings"
)

// DataDir is the directory of the daemon's data, or an error that says how to name one.
func (c *Config) DataDir() (string, error) {
	if c.Daemon.Data == "" {
		return "", &Error{File: c.Path, Err: errors.New("there is no directory for the data: the environment names no home of this user"), Hint: "name one with --data, with ZOL0_DAEMON_DATA, or as daemon.data in the configuration"}
	}
	return c.Daemon.Data, nil
}

// dataPlace is where data is kept without a word in the configuration: the machine's place
// for root or administrators, the user's own for others; empty when the environment does
// not say where that is. The places are those of the Filesystem Hierarchy Standard 5.8, the
// XDG Base Directory Specification (which has a path that is not absolute ignored), Apple's
// File System Programming Guide, and Windows' known folders.
func dataPlace(system string, privileged bool, env Environment) string {
	under := func(variable, rest string) string {
		dir, _ := env(variable)
		if dir == "" || system != "windows" && !strings.HasPrefix(dir, "/") {
			return ""
		}
		return strings.TrimRight(dir, `/\`) + rest
	}
	switch {
	case system == "windows" && privileged:
		return under("PROGRAMDATA", `\zol0`)
	case system == "windows":
		return under("LOCALAPPDATA", `\zol0`)
	case system == "darwin" && privileged:
		return "/Library/Application Support/zol0"
	case system == "darwin":
		return under("HOME", "/Library/Application Support/zol0")
	case privileged:
		return "/var/lib/zol0"
	}
	if dir := under("XDG_STATE_HOME", "/zol0"); dir != "" {
		return dir
	}
	return under("HOME", "/.local/state/zol0")
}
