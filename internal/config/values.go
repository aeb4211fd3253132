package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/zol0/zol0/internal/units"
)

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

// value is the text of a setting and the line it stands in. What it means is for the
// setting to say, as it does with the texts of the environment and of flags.
type value struct {
	text string
	line int
	set  bool
	list bool // a list or a block stands where one value should
}

// UnmarshalYAML reads a value and leaves every mistake to the setting, which has a name.
func (v *value) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node, "a value")
	v.text, v.line, v.set, v.list = text, line(node), err == nil, err != nil
	return nil
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
	a.bytes, err = parseThreshold(text)
	var own *valueError
	if errors.As(err, &own) {
		own.line = a.line
	}
	return err
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
