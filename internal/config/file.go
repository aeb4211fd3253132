package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// file is the shape of the YAML file. `zol0 config init` writes it with comments.
type file struct {
	Thresholds struct {
		Elevated     amount `yaml:"elevated"`
		High         amount `yaml:"high"`
		Dashboard    amount `yaml:"dashboard"`
		WatchedTotal amount `yaml:"watched_total"`
	} `yaml:"thresholds"`
	Services []rule `yaml:"services"`
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
		return located(path, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return &Error{File: path, Err: errors.New("the file holds more than one YAML document"), Hint: "keep one document: remove the lines from the second --- on"}
	}
	t := &f.Thresholds
	for _, limit := range []struct {
		from *amount
		to   *units.Bytes
	}{{&t.Elevated, &c.Limits.Elevated}, {&t.High, &c.Limits.High}, {&t.Dashboard, &c.Limits.Own}, {&t.WatchedTotal, &c.Limits.Watched}} {
		if limit.from.set {
			*limit.to = limit.from.bytes
		}
	}
	for i := range f.Services {
		if err := c.addRule(path, &f.Services[i]); err != nil {
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
func located(path string, err error) error {
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

// scalar returns the text of a value that must be one word.
func scalar(node ast.Node, what string) (string, error) {
	switch node.Type() {
	case ast.MappingType, ast.MappingValueType, ast.SequenceType:
		return "", &valueError{line(node), fmt.Errorf("%s must be one value, not a list or a block", what), "write it on the line of its key"}
	}
	if s, ok := node.(*ast.StringNode); ok {
		return s.Value, nil
	}
	if l, ok := node.(*ast.LiteralNode); ok {
		return l.Value.Value, nil
	}
	return node.GetToken().Value, nil
}

// oneOrMore are the entries of a list, or what stands there instead of one.
func oneOrMore(node ast.Node) []ast.Node {
	if list, ok := node.(*ast.SequenceNode); ok {
		return list.Values
	}
	return []ast.Node{node}
}

func line(node ast.Node) int {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// word is a text and the line it stands in.
type word struct {
	text string
	line int
}

// UnmarshalYAML reads a word.
func (w *word) UnmarshalYAML(node ast.Node) (err error) {
	w.line = line(node)
	w.text, err = scalar(node, "a name or kind")
	w.text = strings.TrimSpace(w.text)
	if err == nil && strings.ContainsFunc(w.text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return &valueError{w.line, fmt.Errorf("%q holds characters that do not print", w.text), "write letters, digits, blanks and signs"}
	}
	return err
}

// amount is memory, like 300MB.
type amount struct {
	bytes units.Bytes
	set   bool
	line  int
}

// UnmarshalYAML reads an amount, which must be more than nothing.
func (a *amount) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node, "an amount of memory")
	if err != nil {
		return err
	}
	a.line, a.set = line(node), true
	if a.bytes, err = units.ParseBytes(text); err == nil && a.bytes == 0 {
		err = fmt.Errorf("%q: a threshold of nothing would hold for everything", text)
	}
	if err != nil {
		return &valueError{a.line, err, "write an amount like 300MB, 1.5GB or 64MiB"}
	}
	return nil
}

// pattern is a regular expression in Go's syntax (RE2).
type pattern struct{ re *regexp.Regexp }

// UnmarshalYAML reads and compiles a pattern.
func (p *pattern) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node, "a pattern")
	if err != nil {
		return err
	}
	if text == "" {
		return &valueError{line(node), errors.New("an empty pattern matches everything"), "remove the key, or write .* if that is meant"}
	}
	if p.re, err = regexp.Compile(text); err != nil {
		return &valueError{line(node), fmt.Errorf("bad regular expression %q: %w", text, err), "see https://pkg.go.dev/regexp/syntax; a literal dot is \\."}
	}
	return nil
}

// ports is a TCP port or a list of them, of which any will do.
type ports []uint16

// UnmarshalYAML reads ports.
func (p *ports) UnmarshalYAML(node ast.Node) error {
	for _, n := range oneOrMore(node) {
		text, err := scalar(n, "a port")
		if err != nil {
			return err
		}
		v, err := strconv.ParseUint(text, 10, 16)
		if err != nil || v == 0 {
			return &valueError{line(n), fmt.Errorf("%q is no port", text), "write a number from 1 to 65535"}
		}
		*p = append(*p, uint16(v))
	}
	return nil
}

// matches is one match or a list of them, of which any must hold.
type matches []match

// UnmarshalYAML reads one block or a list of blocks.
func (m *matches) UnmarshalYAML(node ast.Node) error {
	for _, n := range oneOrMore(node) {
		one := match{line: line(n)}
		if n.Type() != ast.MappingType && n.Type() != ast.MappingValueType {
			return &valueError{line(n), errors.New("a match must be a block of keys"), "for example match: {command: my_service\\.py}"}
		}
		if err := yaml.NodeToValue(n, &one, yaml.DisallowUnknownField()); err != nil {
			return err
		}
		*m = append(*m, one)
	}
	return nil
}

func (m matches) line() int {
	if len(m) == 0 {
		return 0
	}
	return m[0].line
}
