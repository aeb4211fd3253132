package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/units"
)

// Daemon is how the daemon runs. All of them need a restart to change.
type Daemon struct {
	// Listen is HOST:PORT of its HTTP server. An empty host is every address of the
	// machine, port 0 any port that is free. Whether an address that others can reach is
	// allowed is decided by the server, which knows how it is protected.
	Listen string
	// Data is the directory of everything it keeps, an absolute path. Empty when the
	// environment names no place for it; ask DataDir, which says what to do then.
	Data string
	// Interval is the time between two beats, from MinInterval to MaxInterval.
	Interval time.Duration
	// Receive makes it a hub: other hosts may write their samples into its store.
	Receive bool
	// Protection says who may ask it.
	Protection
}

// Store is how much of the past is kept, and how finely.
type Store struct {
	// Size is the most the file may take; it goes before the times below.
	Size units.Bytes
	// Raw, Minutes and Hours are how long samples are kept as they were read, as figures of
	// a minute, and as figures of an hour (min, mean, max, last). Each is at least as long as
	// the one before.
	Raw, Minutes, Hours time.Duration
	// Engine is an engine elsewhere.
	Engine Engine
}

// Memory is what the monitor allows itself.
type Memory struct {
	// Budget is its own private memory at which it has given up all it can give up.
	Budget units.Bytes
}

// What holds without a word in the configuration.
const (
	// DefaultListen is reached from this machine only. 8509 is the port of ZoL0's Enhanced
	// Dashboard, whose place the daemon takes.
	DefaultListen = "127.0.0.1:8509"
	// DefaultInterval sees a leak within minutes and costs about 0.1 % of one core at 230
	// processes with eBPF (3 ms of every 5 s, the bound of a beat).
	DefaultInterval = 5 * time.Second
	// DefaultSize holds the default times at several hundred processes, and fits on the
	// smallest disks that servers have.
	DefaultSize units.Bytes = 512 << 20
	// DefaultRaw is a week: the same hour of the same day of the week before can be compared.
	DefaultRaw = 7 * day
	// DefaultMinutes is a month, as long as people look back for a cause.
	DefaultMinutes = 30 * day
	// DefaultHours is a year, so that a season can be compared with the last.
	DefaultHours = year
	// DefaultBudget is twice what the daemon is to take at 500 processes (30 MB), so that a
	// larger machine does not make it give anything up.
	DefaultBudget units.Bytes = 64 << 20
)

// Bounds of the settings.
const (
	// MinInterval: a beat at 1,000 processes may take 32 ms with procfs, 3 % of a second of one
	// core; more often it would no longer be unnoticed by what it watches.
	MinInterval = time.Second
	// MaxInterval leaves 12 samples to an hour, below which a mean of it says little, and a
	// process that lives for less than that between two beats is never seen.
	MaxInterval = 5 * time.Minute
	// MinSize is a day of raw samples of 800 series every 5 s at 1.2 bytes each (16.6 MB):
	// with less the store could not keep MinRetention.
	MinSize units.Bytes = 16 << 20
	// MinRetention is a day, the rhythm of most load: what was kept for less cannot tell the
	// rise of a morning from a leak.
	MinRetention = day
	// MaxRetention is less than the time since 1970, so that the end of what is kept is always
	// a positive Unix time.
	MaxRetention = 50 * year
	// MinBudget is what the daemon takes at rest: with less it would have given everything up
	// before its first beat.
	MinBudget units.Bytes = 24 << 20
)

const (
	day  = 24 * time.Hour
	year = 365 * day // as units.ParseDuration has it
)

// defaultDaemon are the daemon's settings without a file.
func (c *Config) defaultDaemon(data string) {
	c.Daemon = Daemon{Listen: DefaultListen, Data: data, Interval: DefaultInterval, Protection: Protection{RateLimit: DefaultRateLimit}}
	c.Store = Store{Size: DefaultSize, Raw: DefaultRaw, Minutes: DefaultMinutes, Hours: DefaultHours, Engine: Engine{Spool: DefaultSpool}}
	c.Memory = Memory{Budget: DefaultBudget}
}

// host is a name or an IPv4 address; what stands in brackets is left to net.ParseIP.
var host = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$`)

// parseListen reads HOST:PORT.
func parseListen(text string) (string, error) {
	const example = `write an address and a port, like 127.0.0.1:8509 or "[::1]:8509"`
	name, port, err := net.SplitHostPort(text)
	if err != nil {
		cause := err
		var address *net.AddrError
		if errors.As(err, &address) {
			cause = errors.New(address.Err)
		}
		return "", &valueError{0, fmt.Errorf("%q is no host:port: %w", text, cause), example}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", &valueError{0, fmt.Errorf("%q: %q is no port", text, port), "write a number from 1 to 65535, or 0 for any port that is free"}
	}
	address, _, _ := strings.Cut(name, "%") // the zone of a link-local address
	if name != "" && net.ParseIP(address) == nil && !host.MatchString(name) {
		return "", &valueError{0, fmt.Errorf("%q: %q is no address and no name of a host", text, name), example}
	}
	return net.JoinHostPort(name, port), nil
}

// parseReceive reads whether the daemon is a hub.
func parseReceive(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, &valueError{0, fmt.Errorf("%.40q is neither true nor false", text), "write true to take in what other hosts send, or false"}
}

// parseData reads the directory. A relative one would be another place for every
// directory the daemon is started in.
func parseData(text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", &valueError{0, fmt.Errorf("%q holds characters that do not print", text), "name a directory without them"}
	}
	if !filepath.IsAbs(text) {
		return "", &valueError{0, fmt.Errorf("%q is no absolute path", text), "write the whole path of the directory, without ~ and variables"}
	}
	return filepath.Clean(text), nil
}

// parseInterval reads the time between two beats.
func parseInterval(text string) (time.Duration, error) {
	return parseSpan(text, MinInterval, MaxInterval)
}

// parseRetention reads how long a tier is kept.
func parseRetention(text string) (time.Duration, error) {
	return parseSpan(text, MinRetention, MaxRetention)
}

// parseSpan reads a span of time within bounds.
func parseSpan(text string, least, most time.Duration) (time.Duration, error) {
	d, err := units.ParseDuration(text)
	switch hint := fmt.Sprintf("write a span from %s to %s", span(least), span(most)); {
	case err != nil:
		return 0, &valueError{0, err, hint}
	case d < least:
		return 0, &valueError{0, fmt.Errorf("%q is less than %s", text, span(least)), hint}
	case d > most:
		return 0, &valueError{0, fmt.Errorf("%q is more than %s", text, span(most)), hint}
	}
	return d, nil
}

// span is a span as the file would have it: in years where it is a whole number of them.
func span(d time.Duration) string {
	if d >= year && d%year == 0 {
		return fmt.Sprintf("%dy", d/year)
	}
	return units.Interval(d)
}

// parseSize reads the cap of the store's file.
func parseSize(text string) (units.Bytes, error) { return parseAmount(text, MinSize) }

// parseBudget reads the monitor's own memory.
func parseBudget(text string) (units.Bytes, error) { return parseAmount(text, MinBudget) }

// parseAmount reads an amount of memory that is at least least.
func parseAmount(text string, least units.Bytes) (units.Bytes, error) {
	b, err := units.ParseBytes(text)
	const hint = "write an amount like 300MB, 1.5GB or 64MiB"
	switch {
	case err != nil:
		return 0, &valueError{0, err, hint}
	case b < least:
		return 0, &valueError{0, fmt.Errorf("%q is less than %s", text, mebibytes(least)), "write " + mebibytes(least) + " or more"}
	}
	return b, nil
}

// mebibytes is an amount as the file would have it.
func mebibytes(b units.Bytes) string { return fmt.Sprintf("%dMiB", b>>20) }

// parseThreshold reads a threshold, which must be more than nothing.
func parseThreshold(text string) (units.Bytes, error) {
	b, err := units.ParseBytes(text)
	if err == nil && b == 0 {
		err = fmt.Errorf("%q: a threshold of nothing would hold for everything", text)
	}
	if err != nil {
		return 0, &valueError{0, err, "write an amount like 300MB, 1.5GB or 64MiB"}
	}
	return b, nil
}
