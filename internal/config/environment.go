package config

import (
	"fmt"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// Variables lists the environment variables that override the file, with what they set.
// Other variables that begin with ZOL0_ belong to somebody else and are left alone.
func Variables() [][2]string {
	all := [][2]string{{"ZOL0_CONFIG", "the configuration file, as --config"}}
	for i := range settings {
		meaning := settings[i].key
		if settings[i].value == nil {
			meaning = "where procfs is mounted, as --proc-root"
		}
		all = append(all, [2]string{settings[i].variable, meaning})
	}
	return all
}

// override takes the environment over the file.
func (c *Config) override(env Environment) error {
	for i := range settings {
		s := &settings[i]
		text, ok := env(s.variable)
		if !ok {
			continue
		}
		if err := c.take(s, text, origin{name: s.variable}); err != nil {
			return err
		}
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
	return c.validateStore()
}

// validateStore holds the tiers in their order: finer samples are folded into coarser
// ones, which must still be there.
func (c *Config) validateStore() error {
	s := &c.Store
	if err := c.inOrder("store.raw", s.Raw, "store.minutes", s.Minutes); err != nil {
		return err
	}
	if err := c.inOrder("store.minutes", s.Minutes, "store.hours", s.Hours); err != nil {
		return err
	}
	return c.validateEngine()
}

// inOrder checks that a coarser tier is kept at least as long as a finer one. The mistake
// is where somebody wrote something, in the coarser one when both were written.
func (c *Config) inOrder(finer string, short time.Duration, coarser string, long time.Duration) error {
	if long >= short {
		return nil
	}
	next := fmt.Sprintf("set %s to %s or more, or %s to %s or less: coarser figures outlive finer ones", coarser, span(short), finer, span(long))
	if from := c.origins[coarser]; from != (origin{}) {
		return from.mistake(coarser, fmt.Errorf("%s is shorter than %s (%s, %s)", span(long), finer, span(short), c.origins[finer]), next)
	}
	return c.origins[finer].mistake(finer, fmt.Errorf("%s is longer than %s (%s, default)", span(short), coarser, span(long)), next)
}
