package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"

	"github.com/zol0/zol0/internal/service"
)

// file is the shape of the YAML file. `zol0 config init` writes it with comments.
type file struct {
	Thresholds struct {
		Elevated     value `yaml:"elevated"`
		High         value `yaml:"high"`
		Dashboard    value `yaml:"dashboard"`
		WatchedTotal value `yaml:"watched_total"`
	} `yaml:"thresholds"`
	Daemon struct {
		Listen   value `yaml:"listen"`
		Data     value `yaml:"data"`
		Interval value `yaml:"interval"`
		Receive  value `yaml:"receive"`

		Tokens    value `yaml:"tokens"`
		WebConfig value `yaml:"web_config"`
		Hosts     value `yaml:"hosts"`
		RateLimit value `yaml:"rate_limit"`
		Insecure  value `yaml:"insecure"`
	} `yaml:"daemon"`
	Store struct {
		Size    value      `yaml:"size"`
		Raw     value      `yaml:"raw"`
		Minutes value      `yaml:"minutes"`
		Hours   value      `yaml:"hours"`
		Engine  engineFile `yaml:"engine"`
	} `yaml:"store"`
	Memory struct {
		Budget value `yaml:"budget"`
	} `yaml:"memory"`
	Services []rule       `yaml:"services"`
	Sources  []sourceFile `yaml:"sources"`
	Logs     []logFile    `yaml:"logs"`
}

// rule names one service.
type rule struct {
	Name       word    `yaml:"name"`
	Kind       word    `yaml:"kind"`
	Match      matches `yaml:"match"`
	Thresholds struct {
		Elevated amount `yaml:"elevated"`
		High     amount `yaml:"high"`
		Limit    amount `yaml:"limit"`
	} `yaml:"thresholds"`
}

// match is one way to recognise a service: everything that is set must hold.
type match struct {
	Command    pattern `yaml:"command"`
	Executable pattern `yaml:"executable"`
	Cwd        pattern `yaml:"cwd"`
	User       pattern `yaml:"user"`
	Cgroup     pattern `yaml:"cgroup"`
	Container  pattern `yaml:"container"`
	Unit       pattern `yaml:"unit"`
	Port       ports   `yaml:"port"`
	line       int
}

// empty reports whether nothing is asked.
func (m *match) empty() bool {
	for _, p := range []pattern{m.Command, m.Executable, m.Cwd, m.User, m.Cgroup, m.Container, m.Unit} {
		if p.re != nil {
			return false
		}
	}
	return len(m.Port) == 0
}

// parse takes the text of a file over c.
func (c *Config) parse(path string, text []byte) error {
	if err := depthError(text); err != nil {
		return located(path, err)
	}
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.DisallowUnknownField())
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return quotes(located(path, err), text)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return &Error{File: path, Err: errors.New("the file holds more than one YAML document"), Hint: "keep one document: remove the lines from the second --- on"}
	}
	for i := range settings {
		s := &settings[i]
		if s.value == nil {
			continue
		}
		v := s.value(&f)
		from := origin{file: path, line: v.line}
		if v.list {
			return from.mistake(s.key, errors.New("one value is wanted, not a list or a block"), "write it on the line of its key; an address in brackets needs quotes")
		}
		if !v.set {
			continue
		}
		if err := c.take(s, v.text, from); err != nil {
			return err
		}
	}
	for i := range f.Services {
		if err := c.addRule(path, &f.Services[i]); err != nil {
			return err
		}
	}
	for i := range f.Sources {
		if err := c.addSource(path, &f.Sources[i], i); err != nil {
			return err
		}
	}
	for i := range f.Logs {
		if err := c.addLog(path, &f.Logs[i], i); err != nil {
			return err
		}
	}
	return nil
}

// addRule makes one service.Rule of each way to recognise a service.
func (c *Config) addRule(path string, r *rule) error {
	if r.Name.text == "" {
		return &Error{File: path, Line: max(r.Name.line, r.Match.line()), Err: errors.New("a service without a name"), Hint: "give every entry of services a name: and a match:"}
	}
	if len(r.Match) == 0 {
		return &Error{File: path, Line: r.Name.line, Err: fmt.Errorf("service %q has no match", r.Name.text), Hint: "say how to recognise it, for example match: {command: my_service\\.py}"}
	}
	t := &r.Thresholds
	if t.Elevated.set && t.High.set && t.Elevated.bytes > t.High.bytes {
		return &Error{File: path, Line: t.High.line, Err: fmt.Errorf("service %q: high (%s) is below elevated (%s)", r.Name.text, t.High.bytes, t.Elevated.bytes), Hint: "ELEVATED is the milder state: give it the smaller figure"}
	}
	for i := range r.Match {
		m := &r.Match[i]
		if err := groupError(r.Name.text, m.Command.re); err != nil {
			return &Error{File: path, Line: r.Name.line, Err: err, Hint: "a group is (…) in command, named (?P<name>…); a literal dollar sign is $$"}
		}
		rule := service.Rule{
			Name: r.Name.text, Kind: r.Kind.text,
			Source: fmt.Sprintf("%s:%d", path, m.line),
			Match: service.Match{
				Command: m.Command.re, Executable: m.Executable.re, Cwd: m.Cwd.re, User: m.User.re,
				Cgroup: m.Cgroup.re, Container: m.Container.re, Unit: m.Unit.re, Ports: m.Port,
			},
			Thresholds: service.Thresholds{ElevatedBytes: uint64(t.Elevated.bytes), HighBytes: uint64(t.High.bytes), LimitBytes: uint64(t.Limit.bytes)},
		}
		if m.empty() {
			return &Error{File: path, Line: m.line, Err: fmt.Errorf("service %q: a match that is empty would be every process", r.Name.text), Hint: "set at least one of command, executable, cwd, user, cgroup, container, unit, port"}
		}
		c.Rules = append(c.Rules, rule)
	}
	return nil
}

// groupError names a group in a service's name that its command pattern does not have.
func groupError(name string, command *regexp.Regexp) error {
	for _, found := range reference.FindAllStringSubmatch(strings.ReplaceAll(name, "$$", ""), -1) {
		group := found[1] + found[2]
		if command == nil {
			return fmt.Errorf("service %q uses $%s, but a match has no command to take it from", name, group)
		}
		n, err := strconv.Atoi(group)
		if err == nil && n <= command.NumSubexp() || err != nil && command.SubexpIndex(group) >= 0 {
			continue
		}
		return fmt.Errorf("service %q uses $%s, which is no group of %q", name, group, command)
	}
	return nil
}

// reference is $1, $name, ${1} or ${name}, as regexp.Expand understands them.
var reference = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))`)

// located turns an error of the YAML library into ours, with the line it is about.
func located(path string, err error) *Error {
	out := &Error{File: path, Err: err, Hint: "see the keys and their meaning with: zol0 config init --stdout"}
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &at) {
		out.Err = errors.New(at.GetMessage())
		if t := at.GetToken(); t != nil && t.Position != nil {
			out.Line = t.Position.Line
		}
	}
	var own *valueError
	if errors.As(err, &own) {
		out.Line, out.Err, out.Hint = own.line, own.err, own.hint
	}
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		out.Err = fmt.Errorf("unknown key %s", strings.TrimPrefix(unknown.GetMessage(), "unknown field "))
	}
	return out
}

// valueError is a value that a key does not take.
type valueError struct {
	line int
	err  error
	hint string
}

func (e *valueError) Error() string { return e.err.Error() }

// quotes is a mistake with a better hint where the YAML library stumbles over an address
// that needs quotes: [ opens a list and * names an alias.
func quotes(e *Error, text []byte) *Error {
	lines := bytes.Split(text, []byte("\n"))
	if e.Line < 1 || e.Line > len(lines) {
		return e
	}
	if _, after, found := bytes.Cut(lines[e.Line-1], []byte("listen:")); found && bytes.ContainsAny(after, "[*") {
		e.Hint = `put an address in quotes, like "[::1]:8509"`
	}
	return e
}
