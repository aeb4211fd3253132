package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// setting is one key that takes one value. File, environment and flags all go through
// set, so that a value is right or wrong wherever it is written.
type setting struct {
	key      string
	variable string                      // the environment variable that goes over the file
	value    func(f *file) *value        // where the file has it; nil: not in the file
	set      func(*Config, string) error // reads the text and checks its bounds
	get      func(*Config) any           // a string, units.Bytes or time.Duration
	restart  bool                        // a daemon takes a change only when it starts
}

var settings = slices.Concat(ownSettings, protectionSettings, engineSettings)

var ownSettings = []setting{
	{"proc_root", "ZOL0_PROC_ROOT", nil,
		func(c *Config, text string) error { c.ProcRoot = text; return nil },
		func(c *Config) any { return c.ProcRoot }, true},
	threshold("elevated", "ELEVATED", func(f *file) *value { return &f.Thresholds.Elevated }, func(c *Config) *units.Bytes { return &c.Limits.Elevated }),
	threshold("high", "HIGH", func(f *file) *value { return &f.Thresholds.High }, func(c *Config) *units.Bytes { return &c.Limits.High }),
	threshold("dashboard", "DASHBOARD", func(f *file) *value { return &f.Thresholds.Dashboard }, func(c *Config) *units.Bytes { return &c.Limits.Own }),
	threshold("watched_total", "WATCHED_TOTAL", func(f *file) *value { return &f.Thresholds.WatchedTotal }, func(c *Config) *units.Bytes { return &c.Limits.Watched }),
	{"daemon.listen", "ZOL0_DAEMON_LISTEN", func(f *file) *value { return &f.Daemon.Listen },
		func(c *Config, text string) error { return assign(text, parseListen, &c.Daemon.Listen) },
		func(c *Config) any { return c.Daemon.Listen }, true},
	{"daemon.data", "ZOL0_DAEMON_DATA", func(f *file) *value { return &f.Daemon.Data },
		func(c *Config, text string) error { return assign(text, parseData, &c.Daemon.Data) },
		func(c *Config) any { return c.Daemon.Data }, true},
	{"daemon.interval", "ZOL0_DAEMON_INTERVAL", func(f *file) *value { return &f.Daemon.Interval },
		func(c *Config, text string) error { return assign(text, parseInterval, &c.Daemon.Interval) },
		func(c *Config) any { return c.Daemon.Interval }, true},
	{"daemon.receive", "ZOL0_DAEMON_RECEIVE", func(f *file) *value { return &f.Daemon.Receive },
		func(c *Config, text string) error { return assign(text, parseReceive, &c.Daemon.Receive) },
		func(c *Config) any { return c.Daemon.Receive }, true},
	{"store.size", "ZOL0_STORE_SIZE", func(f *file) *value { return &f.Store.Size },
		func(c *Config, text string) error { return assign(text, parseSize, &c.Store.Size) },
		func(c *Config) any { return c.Store.Size }, false},
	retention("raw", "RAW", func(f *file) *value { return &f.Store.Raw }, func(c *Config) *time.Duration { return &c.Store.Raw }),
	retention("minutes", "MINUTES", func(f *file) *value { return &f.Store.Minutes }, func(c *Config) *time.Duration { return &c.Store.Minutes }),
	retention("hours", "HOURS", func(f *file) *value { return &f.Store.Hours }, func(c *Config) *time.Duration { return &c.Store.Hours }),
	{"memory.budget", "ZOL0_MEMORY_BUDGET", func(f *file) *value { return &f.Memory.Budget },
		func(c *Config, text string) error { return assign(text, parseBudget, &c.Memory.Budget) },
		func(c *Config) any { return c.Memory.Budget }, false},
}

func threshold(key, variable string, in func(*file) *value, at func(*Config) *units.Bytes) setting {
	return setting{"thresholds." + key, "ZOL0_THRESHOLDS_" + variable, in,
		func(c *Config, text string) error { return assign(text, parseThreshold, at(c)) },
		func(c *Config) any { return *at(c) }, false}
}

func retention(key, variable string, in func(*file) *value, at func(*Config) *time.Duration) setting {
	return setting{"store." + key, "ZOL0_STORE_" + variable, in,
		func(c *Config, text string) error { return assign(text, parseRetention, at(c)) },
		func(c *Config) any { return *at(c) }, false}
}

// shown is a value for people.
func shown(v any) string {
	switch v := v.(type) {
	case units.Bytes:
		return v.String()
	case time.Duration:
		return span(v)
	}
	return fmt.Sprint(v)
}

// exact is a value to its last digit, where shown would hide a difference.
func exact(v any) string {
	switch v := v.(type) {
	case units.Bytes:
		return strconv.FormatUint(uint64(v), 10) + " B"
	case time.Duration:
		return v.String()
	}
	return fmt.Sprint(v)
}

// assign parses text into to and leaves to alone when it is wrong.
func assign[T any](text string, parse func(string) (T, error), to *T) error {
	v, err := parse(text)
	if err == nil {
		*to = v
	}
	return err
}

// origin is where a value comes from; the zero origin is the default.
type origin struct {
	file string
	line int
	name string // an environment variable or a flag
}

func (o origin) String() string {
	switch {
	case o.name != "":
		return o.name
	case o.file != "":
		return o.file + ":" + strconv.Itoa(o.line)
	}
	return "default"
}

// mistake is err at its origin. key is named where the origin does not.
func (o origin) mistake(key string, err error, hint string) *Error {
	var own *valueError
	if errors.As(err, &own) {
		err, hint = own.err, own.hint
	}
	switch {
	case o.name == "":
		return &Error{File: o.file, Line: o.line, Err: fmt.Errorf("%s: %w", key, err), Hint: hint}
	case o.name[0] == '-':
		return &Error{Err: fmt.Errorf("%s: %w", o.name, err), Hint: hint}
	}
	return &Error{Err: fmt.Errorf("environment variable %s: %w", o.name, err), Hint: hint + "; or unset " + o.name}
}

// take sets one key to a text from somewhere.
func (c *Config) take(s *setting, text string, from origin) error {
	if err := s.set(c, text); err != nil {
		return from.mistake(s.key, err, "")
	}
	if c.origins == nil {
		c.origins = make(map[string]origin)
	}
	c.origins[s.key] = from
	return nil
}

// Setting is one key as it holds.
type Setting struct {
	Key    string // as in the file: "store.raw"
	Value  string // for people: "7d"; empty when nothing is set
	Origin string // "default", "FILE:LINE", the environment variable, or the flag
	// Changed says that the value is not the default; a file may well set the default.
	Changed bool
}

// Settings are all keys that take one value, in the order of the documentation.
func (c *Config) Settings() []Setting {
	defaults := c.defaults
	if defaults == nil { // made by hand: nothing was set before
		defaults = &Config{}
	}
	all := make([]Setting, len(settings))
	for i := range settings {
		s := &settings[i]
		all[i] = Setting{s.key, shown(s.get(c)), c.origins[s.key].String(), s.get(c) != s.get(defaults)}
	}
	return all
}

// Flag is one flag of the command line that goes over file and environment.
type Flag struct {
	Name  string // "--listen"
	Key   string // "daemon.listen"
	Value string
}

// Apply takes flags over what holds and checks the whole again. It fails with an *Error
// that names the flag; c must not be used then. Only flags that were given belong into it.
func (c *Config) Apply(flags ...Flag) error {
	for _, f := range flags {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.key == f.Key })
		if i < 0 {
			panic("BUG: no setting has the key " + f.Key)
		}
		if err := c.take(&settings[i], f.Value, origin{name: f.Name}); err != nil {
			return err
		}
	}
	return c.validate()
}
