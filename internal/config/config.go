// Package config reads the settings of zol0: one YAML file, ZOL0_* environment variables
// over it, and flags (package cli) over both. Every mistake is an error that names the
// file, the line, the value and the next step; nothing is guessed and nothing ignored.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/trading"
)

// Config is what holds after file and environment.
type Config struct {
	// Path is the file that was read; empty when there is none and the defaults hold.
	Path string
	// Limits are the thresholds of the machine.
	Limits sampler.Limits
	// Rules name services; with at least one rule only what a rule names is watched.
	Rules []service.Rule
	// Sources tell figures of trading and of work, and Logs are whose last lines are kept. A
	// change of them needs a restart.
	Sources []trading.Options
	Logs    []logs.Options
	// ProcRoot is where procfs is mounted.
	ProcRoot string
	// Daemon, Store and Memory are for the daemon; other commands take no notice.
	Daemon Daemon
	Store  Store
	Memory Memory

	origins  map[string]origin // by key; what is not in it is the default
	defaults *Config           // what held before file and environment
}

// Environment is a look-up of an environment variable; os.LookupEnv is one.
type Environment func(name string) (string, bool)

// maxFileBytes bounds the file: 1 MiB is about 10,000 rules.
const maxFileBytes = 1 << 20

// Load reads the configuration. path is what --config said; when it is empty the file of
// ZOL0_CONFIG is taken, then the first of SearchPaths that exists, then none. A file that
// was named must exist.
func Load(path string, env Environment) (*Config, error) {
	named := path
	if named == "" {
		named, _ = env("ZOL0_CONFIG")
	}
	c := &Config{Limits: sampler.DefaultLimits()}
	c.defaultDaemon(dataPlace(runtime.GOOS, privileged(), env))
	before := *c
	c.defaults = &before
	if named != "" {
		if err := c.read(named); err != nil {
			return nil, err
		}
	} else {
		for _, candidate := range SearchPaths(env) {
			err := c.read(candidate)
			if errors.Is(err, fs.ErrNotExist) || unreachable(candidate) {
				continue
			}
			if err != nil {
				return nil, err
			}
			break
		}
	}
	if err := c.override(env); err != nil {
		return nil, err
	}
	return c, c.validate()
}

// unreachable reports whether this user may not even look whether path exists, as when
// HOME is still another user's. A file that is seen and cannot be read is a mistake.
func unreachable(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrPermission)
}

// SearchPaths are the places a configuration is looked for, first one first: the
// user's own, then the machine's.
func SearchPaths(env Environment) []string {
	var paths []string
	add := func(dir, rest string) {
		if dir != "" {
			paths = append(paths, filepath.Join(dir, rest))
		}
	}
	if runtime.GOOS == "windows" {
		appData, _ := env("APPDATA")
		programData, _ := env("PROGRAMDATA")
		add(appData, `zol0\zol0.yaml`)
		add(programData, `zol0\zol0.yaml`)
		return paths
	}
	if dir, ok := env("XDG_CONFIG_HOME"); ok && dir != "" {
		add(dir, "zol0/zol0.yaml")
	} else {
		home, _ := env("HOME")
		add(home, ".config/zol0/zol0.yaml")
	}
	return append(paths, "/etc/zol0/zol0.yaml")
}

// read takes in one file.
func (c *Config) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		hint := "name an existing file with --config, or write one with: zol0 config init"
		if !errors.Is(err, fs.ErrNotExist) {
			hint = "make the file readable for this user, or name another with --config"
		}
		return &Error{File: path, Err: err, Hint: hint}
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return &Error{File: path, Err: err, Hint: "the configuration is a YAML file; see: zol0 config init"}
	}
	if len(text) > maxFileBytes {
		return &Error{File: path, Err: fmt.Errorf("the file is larger than %d bytes", maxFileBytes), Hint: "a configuration of 10,000 rules fits in 1 MiB"}
	}
	c.Path = path
	return c.parse(path, text)
}

// Error is a mistake in the configuration.
type Error struct {
	File string
	Line int // 0 when the mistake is in no line
	Err  error
	Hint string // the next step
}

// Error is "FILE:LINE: cause".
func (e *Error) Error() string {
	cause := e.Err
	var path *fs.PathError
	if errors.As(cause, &path) { // it names the file a second time
		cause = path.Err
	}
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, cause)
	}
	if e.File == "" {
		return cause.Error()
	}
	return fmt.Sprintf("cannot use configuration %s: %v", e.File, cause)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
