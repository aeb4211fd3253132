package config

import (
	"fmt"

	"github.com/zol0/zol0/internal/units"
)

// Variables lists the environment variables that override the file, with what they set.
// Other variables that begin with ZOL0_ belong to somebody else and are left alone.
func Variables() [][2]string {
	return [][2]string{
		{"ZOL0_CONFIG", "the configuration file, as --config"},
		{"ZOL0_PROC_ROOT", "where procfs is mounted, as --proc-root"},
		{"ZOL0_THRESHOLDS_ELEVATED", "thresholds.elevated"},
		{"ZOL0_THRESHOLDS_HIGH", "thresholds.high"},
		{"ZOL0_THRESHOLDS_DASHBOARD", "thresholds.dashboard"},
		{"ZOL0_THRESHOLDS_WATCHED_TOTAL", "thresholds.watched_total"},
	}
}

// override takes the environment over the file.
func (c *Config) override(env Environment) error {
	if root, ok := env("ZOL0_PROC_ROOT"); ok {
		c.ProcRoot = root
	}
	for _, v := range []struct {
		name string
		to   *units.Bytes
	}{
		{"ZOL0_THRESHOLDS_ELEVATED", &c.Limits.Elevated},
		{"ZOL0_THRESHOLDS_HIGH", &c.Limits.High},
		{"ZOL0_THRESHOLDS_DASHBOARD", &c.Limits.Own},
		{"ZOL0_THRESHOLDS_WATCHED_TOTAL", &c.Limits.Watched},
	} {
		text, ok := env(v.name)
		if !ok {
			continue
		}
		b, err := units.ParseBytes(text)
		if err == nil && b == 0 {
			err = fmt.Errorf("%q: a threshold of nothing would hold for everything", text)
		}
		if err != nil {
			return &Error{Err: fmt.Errorf("environment variable %s: %w", v.name, err), Hint: "correct or unset " + v.name}
		}
		*v.to = b
	}
	return nil
}

// validate checks what only the whole can tell.
func (c *Config) validate() error {
	if c.Limits.Elevated > c.Limits.High {
		return &Error{File: c.Path, Err: fmt.Errorf("the threshold high (%s) is below elevated (%s)", c.Limits.High, c.Limits.Elevated), Hint: "ELEVATED is the milder state: give it the smaller figure"}
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		elevated, high := units.Bytes(r.Thresholds.ElevatedBytes), units.Bytes(r.Thresholds.HighBytes)
		if elevated == 0 {
			elevated = c.Limits.Elevated
		}
		if high == 0 {
			high = c.Limits.High
		}
		if elevated > high {
			return &Error{File: c.Path, Err: fmt.Errorf("service %q (%s): high (%s) is below elevated (%s), so that it could never be ELEVATED", r.Name, r.Source, high, elevated), Hint: "set both thresholds of the service"}
		}
	}
	return nil
}
