package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// RuleText is a rule as it stands in the file, so that a file of it alone is right. A rule
// without a match makes none: the text is empty.
func RuleText(r *service.Rule) string {
	var match strings.Builder
	m := &r.Match
	for _, f := range []struct {
		key string
		re  *regexp.Regexp
	}{
		{"command", m.Command}, {"executable", m.Executable}, {"cwd", m.Cwd}, {"user", m.User},
		{"cgroup", m.Cgroup}, {"container", m.Container}, {"unit", m.Unit},
	} {
		if f.re != nil {
			fmt.Fprintf(&match, "      %s: %s\n", f.key, quoted(f.re.String()))
		}
	}
	if len(m.Ports) > 0 {
		fmt.Fprintf(&match, "      port: %s\n", strings.ReplaceAll(fmt.Sprint(m.Ports), " ", ", "))
	}
	if match.Len() == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "services:\n  - name: %s\n", quoted(r.Name))
	if r.Kind != "" {
		fmt.Fprintf(&out, "    kind: %s\n", quoted(r.Kind))
	}
	out.WriteString("    match:\n" + match.String())
	if t := r.Thresholds; t != (service.Thresholds{}) {
		out.WriteString("    thresholds:\n")
		for _, f := range []struct {
			key   string
			bytes uint64
		}{{"elevated", t.ElevatedBytes}, {"high", t.HighBytes}, {"limit", t.LimitBytes}} {
			if f.bytes > 0 {
				fmt.Fprintf(&out, "      %s: %s\n", f.key, amountText(f.bytes))
			}
		}
	}
	return out.String()
}

// amountText is an amount of memory to its last byte.
func amountText(bytes uint64) string {
	if mb := uint64(units.MB); bytes%mb == 0 {
		return fmt.Sprintf("%d MB", bytes/mb)
	}
	return fmt.Sprintf("%d B", bytes)
}

// quoted is a text as one YAML scalar: in single quotes, where a backslash is one, or as
// JSON, which YAML reads, where something in it does not print.
func quoted(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	out, err := json.Marshal(text)
	if err != nil {
		panic("BUG: a text cannot be encoded: " + err.Error())
	}
	return string(out)
}
