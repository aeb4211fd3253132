package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// section is the part of a script from one clear to the next: it rests on nothing before.
type section struct {
	file  string
	line  int // of its first line in the file
	lines []string
}

func (x *section) text() string { return strings.Join(x.lines, "\n") }

var (
	clearLine = regexp.MustCompile(`^\s*clear\s*$`)
	evalLine  = regexp.MustCompile(`^\s*eval(?:_\w+)?\s+(?:instant(?:\s+at\s+\S+)?|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(.+)$`)
)

// sections reads the scripts in the directory of Prometheus's module.
func sections(t *testing.T) []section {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatalf("where the module of Prometheus is: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "promql", "promqltest", "testdata", "*.test"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var out []section
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		begin := 0
		for i := 0; i <= len(lines); i++ {
			if i == len(lines) || clearLine.MatchString(lines[i]) {
				out = append(out, section{file: filepath.Base(f), line: begin + 1, lines: lines[begin:i:i]})
				begin = i + 1
			}
		}
	}
	return out
}

func blank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// without leaves out the evaluations of which one selector fits a series of refused: their
// answers rest on what the store does not keep. run and left are how many there are, the
// latter by the reason.
func (x *section) without(refused map[string]refusal) (out section, run int, left map[string]int) {
	out, left = *x, make(map[string]int)
	out.lines = append([]string(nil), x.lines...)
	for i := 0; i < len(out.lines); i++ {
		m := evalLine.FindStringSubmatch(out.lines[i])
		if m == nil {
			continue
		}
		why := rests(m[1], refused)
		if why == "" {
			run++
			continue
		}
		left[why]++
		for ; i < len(out.lines) && !blank(out.lines[i]); i++ {
			out.lines[i] = ""
		}
	}
	return out, run, left
}

// rests is why an expression rests on series that were refused; empty where it does not.
func rests(expression string, refused map[string]refusal) (why string) {
	x, err := parser.NewParser(promqltest.TestParserOpts).ParseExpr(strings.TrimSpace(expression))
	if err != nil {
		return "" // that is what is tested
	}
	info := false
	parser.Inspect(x, func(n parser.Node, _ []parser.Node) error {
		if call, ok := n.(*parser.Call); ok && call.Func.Name == "info" {
			info = true // it reads series that no selector names
		}
		selector, ok := n.(*parser.VectorSelector)
		for _, r := range refused {
			if ok && fits(selector.LabelMatchers, r.labels) || info {
				why = r.why
			}
		}
		return nil
	})
	return why
}

func fits(matchers []*labels.Matcher, l labels.Labels) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// loads is a section without its evaluations.
func (x *section) loads() string {
	lines := append([]string(nil), x.lines...)
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(strings.TrimSpace(lines[i]), "eval") {
			continue
		}
		for ; i < len(lines) && !blank(lines[i]); i++ {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}
