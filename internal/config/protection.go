package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Protection says who may ask the daemon. All of it needs a restart to change, but for what
// is in the file of tokens.
type Protection struct {
	// Tokens is the path of a file of tokens, and WebConfig that of a web configuration file
	// of Prometheus's exporters (TLS, basic authentication, client certificates). Empty: none.
	Tokens, WebConfig string
	// Hosts are further names under which the daemon may be asked, with commas between.
	Hosts string
	// RateLimit is how many requests a second one address may send; 0: any number.
	RateLimit int
	// Insecure lets it listen on an address that others can reach though it asks nobody who
	// they are.
	Insecure bool
}

// HostNames are the names in Hosts.
func (p *Protection) HostNames() []string {
	if p.Hosts == "" {
		return nil
	}
	return strings.Split(p.Hosts, ",")
}

const (
	// DefaultRateLimit is ten times what a page asks for at the busiest, or Grafana with twenty
	// panels every five seconds from two dozen people behind one address; a script gone wild
	// takes a tenth of a core at it.
	DefaultRateLimit = 100
	// MaxRateLimit is beyond what the daemon answers in a second.
	MaxRateLimit = 100_000
	// maxHosts names of one machine are plenty.
	maxHosts = 32
)

// protectionSettings are those keys of daemon that say who may ask.
var protectionSettings = []setting{
	{"daemon.tokens", "ZOL0_DAEMON_TOKENS", func(f *file) *value { return &f.Daemon.Tokens },
		func(c *Config, text string) error { return assign(text, parseData, &c.Daemon.Tokens) },
		func(c *Config) any { return c.Daemon.Tokens }, true},
	{"daemon.web_config", "ZOL0_DAEMON_WEB_CONFIG", func(f *file) *value { return &f.Daemon.WebConfig },
		func(c *Config, text string) error { return assign(text, parseData, &c.Daemon.WebConfig) },
		func(c *Config) any { return c.Daemon.WebConfig }, true},
	{"daemon.hosts", "ZOL0_DAEMON_HOSTS", func(f *file) *value { return &f.Daemon.Hosts },
		func(c *Config, text string) error { return assign(text, parseHosts, &c.Daemon.Hosts) },
		func(c *Config) any { return c.Daemon.Hosts }, true},
	{"daemon.rate_limit", "ZOL0_DAEMON_RATE_LIMIT", func(f *file) *value { return &f.Daemon.RateLimit },
		func(c *Config, text string) error { return assign(text, parseRateLimit, &c.Daemon.RateLimit) },
		func(c *Config) any { return c.Daemon.RateLimit }, true},
	{"daemon.insecure", "ZOL0_DAEMON_INSECURE", func(f *file) *value { return &f.Daemon.Insecure },
		func(c *Config, text string) error { return assign(text, parseInsecure, &c.Daemon.Insecure) },
		func(c *Config) any { return c.Daemon.Insecure }, true},
}

// parseHosts reads names with commas between.
func parseHosts(text string) (string, error) {
	const example = "write names with commas between, without ports: monitor.example.org,monitor"
	names := strings.Split(text, ",")
	if len(names) > maxHosts {
		return "", &valueError{0, fmt.Errorf("there are %d names, more than %d", len(names), maxHosts), example}
	}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if address, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
			names[i] = address.String()
			continue
		}
		if !host.MatchString(name) {
			return "", &valueError{0, fmt.Errorf("%.60q is no name of a host", name), example}
		}
		names[i] = name
	}
	return strings.Join(names, ","), nil
}

// parseRateLimit reads requests a second.
func parseRateLimit(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > MaxRateLimit {
		return 0, &valueError{0, fmt.Errorf("%.40q is no number from 0 to %d", text, MaxRateLimit), "write requests a second of one address, such as 100; 0 lifts the limit"}
	}
	return n, nil
}

// parseInsecure reads whether everybody may ask.
func parseInsecure(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, &valueError{0, fmt.Errorf("%.40q is neither true nor false", text), "write true to let everybody ask who can reach the address, or false"}
}
