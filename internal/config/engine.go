package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/zol0/zol0/internal/units"
)

// Engine is an engine elsewhere, such as Prometheus, VictoriaMetrics, Mimir or Thanos, that
// keeps what many machines measure. All of it needs a restart to change.
type Engine struct {
	// Write is the URL that takes remote write, and Read the one under which its API of
	// Prometheus begins (before /api/v1). Empty: not used.
	Write, Read string
	// Host and Instance are the labels on everything that is written. Empty: the machine's
	// name, and the address of the daemon's server.
	Host, Instance string
	// Spool is the most that waits on disk while the engine cannot be reached.
	Spool units.Bytes
	// TokenFile holds a bearer token; or Username and the file of a password.
	TokenFile, Username, PasswordFile string
	// CAFile holds certificates to be trusted instead of the system's.
	CAFile string
	// Tenant is sent as X-Scope-OrgID, as Mimir and Thanos want it.
	Tenant string
}

const (
	// DefaultSpool is the outage of a night for ten times the series that a machine has:
	// 800 series at 5 s are about 4 KB a beat, 3 MB an hour.
	DefaultSpool units.Bytes = 1 << 30
	// MinSpool holds a few of the files that the spool is made of.
	MinSpool units.Bytes = 16 << 20
)

// engineSetting is a key of store.engine with a text for its value.
func engineSetting(key string, in func(*engineFile) *value, parse func(string) (string, error), at func(*Engine) *string) setting {
	return setting{"store.engine." + key, "ZOL0_STORE_ENGINE_" + strings.ToUpper(key),
		func(f *file) *value { return in(&f.Store.Engine) },
		func(c *Config, text string) error { return assign(text, parse, at(&c.Store.Engine)) },
		func(c *Config) any { return *at(&c.Store.Engine) }, true}
}

// engineFile is the block of the file.
type engineFile struct {
	Write        value `yaml:"write"`
	Read         value `yaml:"read"`
	Host         value `yaml:"host"`
	Instance     value `yaml:"instance"`
	Spool        value `yaml:"spool"`
	TokenFile    value `yaml:"token_file"`
	Username     value `yaml:"username"`
	PasswordFile value `yaml:"password_file"`
	CAFile       value `yaml:"ca_file"`
	Tenant       value `yaml:"tenant"`
}

// engineSettings are the keys of store.engine.
var engineSettings = []setting{
	engineSetting("write", func(f *engineFile) *value { return &f.Write }, parseEngineURL, func(e *Engine) *string { return &e.Write }),
	engineSetting("read", func(f *engineFile) *value { return &f.Read }, parseEngineURL, func(e *Engine) *string { return &e.Read }),
	engineSetting("host", func(f *engineFile) *value { return &f.Host }, parseWord, func(e *Engine) *string { return &e.Host }),
	engineSetting("instance", func(f *engineFile) *value { return &f.Instance }, parseWord, func(e *Engine) *string { return &e.Instance }),
	{"store.engine.spool", "ZOL0_STORE_ENGINE_SPOOL", func(f *file) *value { return &f.Store.Engine.Spool },
		func(c *Config, text string) error {
			return assign(text, func(t string) (units.Bytes, error) { return parseAmount(t, MinSpool) }, &c.Store.Engine.Spool)
		},
		func(c *Config) any { return c.Store.Engine.Spool }, true},
	engineSetting("token_file", func(f *engineFile) *value { return &f.TokenFile }, parseData, func(e *Engine) *string { return &e.TokenFile }),
	engineSetting("username", func(f *engineFile) *value { return &f.Username }, parseWord, func(e *Engine) *string { return &e.Username }),
	engineSetting("password_file", func(f *engineFile) *value { return &f.PasswordFile }, parseData, func(e *Engine) *string { return &e.PasswordFile }),
	engineSetting("ca_file", func(f *engineFile) *value { return &f.CAFile }, parseData, func(e *Engine) *string { return &e.CAFile }),
	engineSetting("tenant", func(f *engineFile) *value { return &f.Tenant }, parseWord, func(e *Engine) *string { return &e.Tenant }),
}

// parseEngineURL reads the address of an engine. What is secret has keys of its own, as
// this one is shown, logged and part of errors.
func parseEngineURL(text string) (string, error) {
	const example = "write a URL like https://metrics.example.org/api/v1/write"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		// The text is not repeated: it may hold what should not be read.
		return "", &valueError{0, errors.New("it is no URL of http or https with a host"), example}
	case u.User != nil:
		return "", &valueError{0, errors.New("it holds a name or a password"), "write those under username and password_file, which are not shown"}
	case u.RawQuery != "" || u.Fragment != "":
		return "", &valueError{0, errors.New("it has a query or a fragment"), "leave out what begins with ? or #; a token has the key token_file, a tenant the key tenant"}
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

// engineWord is a name of a host, a user, a tenant: printable, without blanks.
var engineWord = regexp.MustCompile(`^[!-~]{1,128}$`)

// parseWord reads one word.
func parseWord(text string) (string, error) {
	if !engineWord.MatchString(text) {
		return "", &valueError{0, fmt.Errorf("%.40q is no word of 1 to 128 letters, digits and signs", text), "leave out blanks and letters beyond ASCII"}
	}
	return text, nil
}

// validateEngine refuses what could only be meant otherwise.
func (c *Config) validateEngine() error {
	e := &c.Store.Engine
	wrong := func(key, format string, args ...any) error {
		return c.origins[key].mistake(key, fmt.Errorf(format, args...), "see docs/engine.md")
	}
	switch {
	case (e.Username == "") != (e.PasswordFile == ""):
		key := "store.engine.username"
		if e.Username == "" {
			key = "store.engine.password_file"
		}
		return wrong(key, "a user needs a password and a password a user: set username and password_file")
	case e.TokenFile != "" && e.Username != "":
		return wrong("store.engine.token_file", "there is a token and a user with a password; an engine takes one of them")
	case e.Write == "" && e.Read == "":
		for i := range engineSettings {
			if _, set := c.origins[engineSettings[i].key]; set {
				return wrong(engineSettings[i].key, "there is neither store.engine.write nor store.engine.read, so nothing is sent to an engine or read from it")
			}
		}
	}
	return nil
}
