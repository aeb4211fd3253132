package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines keeps a file readable in one sitting.
const maxLines = 400

// emptyNames say nothing about what a package or file holds.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "base", "shared", "stuff"}

// clocks are the packages where time begins; everywhere else it is an argument.
var clocks = []string{"internal/cli", "internal/daemon", "internal/demo", "cmd/zol0"}

// sources calls visit with every hand-written source file below the root. Generated files
// say so in their first lines, as Go's convention has it.
func sources(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	top := root(t)
	count := 0
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", ".cache", "bin", "dist", "node_modules", "testdata"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".ts", ".svelte", ".c", ".h", ".js", ".css"}, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head := text[:min(len(text), 500)]
		if regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`).Match(head) {
			return nil
		}
		count++
		visit(filepath.ToSlash(relative), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 30 {
		t.Fatalf("only %d source files were found: the test looks in the wrong place", count)
	}
}

func TestFilesAreShort(t *testing.T) {
	sources(t, func(path string, text []byte) {
		if n := bytes.Count(text, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines; the limit is %d", path, n, maxLines)
		}
	})
}

func TestNamesSaySomething(t *testing.T) {
	sources(t, func(path string, _ []byte) {
		for _, part := range strings.FieldsFunc(strings.TrimSuffix(path, filepath.Ext(path)), func(r rune) bool { return r == '/' || r == '_' || r == '.' || r == '-' }) {
			if slices.Contains(emptyNames, strings.ToLower(part)) {
				t.Errorf("%s: %q says nothing", path, part)
			}
		}
	})
}

// inspect parses a Go file that is part of the product: no test, no benchmark module.
func inspect(t *testing.T, path string, text []byte, visit func(position token.Position, n ast.Node)) {
	t.Helper()
	if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "bench/") {
		return
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if n != nil {
			visit(files.Position(n.Pos()), n)
		}
		return true
	})
}

func TestTimeIsAnArgument(t *testing.T) {
	sources(t, func(path string, text []byte) {
		if slices.Contains(clocks, filepath.ToSlash(filepath.Dir(path))) {
			return
		}
		inspect(t, path, text, func(at token.Position, n ast.Node) {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "NewTicker", "NewTimer", "After", "Tick", "AfterFunc"}, s.Sel.Name) {
				t.Errorf("%s: time.%s: time is an argument here; clocks live in %s", at, s.Sel.Name, strings.Join(clocks, " and "))
			}
		})
	})
}

func TestNoInit(t *testing.T) {
	sources(t, func(path string, text []byte) {
		inspect(t, path, text, func(at token.Position, n ast.Node) {
			if f, ok := n.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init hides work from the reader: call it by name", at)
			}
		})
	})
}

func TestPanicsAreBugs(t *testing.T) {
	sources(t, func(path string, text []byte) {
		inspect(t, path, text, func(at token.Position, n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return
			}
			if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "panic" {
				return
			}
			message := call.Args[0]
			for {
				sum, ok := message.(*ast.BinaryExpr)
				if !ok {
					break
				}
				message = sum.X
			}
			if format, ok := message.(*ast.CallExpr); ok && len(format.Args) > 0 {
				message = format.Args[0]
			}
			if text, ok := message.(*ast.BasicLit); !ok || !strings.HasPrefix(text.Value, `"BUG: `) {
				t.Errorf(`%s: a panic that does not begin with "BUG: ": return an error`, at)
			}
		})
	})
}

// TestLoudSkips keeps tests that did not run visible: whoever skips says NOT RUN and why.
func TestLoudSkips(t *testing.T) {
	skip := regexp.MustCompile(`\bt\.(Skip|Skipf|SkipNow)\((.*)`)
	sources(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		for number, line := range strings.Split(string(text), "\n") {
			if found := skip.FindStringSubmatch(line); found != nil && !strings.Contains(found[2], "NOT RUN") && !strings.Contains(found[2], "reason") && !strings.Contains(path, "internal/house") {
				t.Errorf("%s:%d: a skipped test must say NOT RUN and why", path, number+1)
			}
		}
	})
}

// TestTheMapNamesTestsThatExist holds the table of bounds in ARCHITECTURE.md to the tests
// that prove them.
func TestTheMapNamesTestsThatExist(t *testing.T) {
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	sources(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, found := range declared.FindAllSubmatch(text, -1) {
			there[filepath.Base(filepath.Dir(path))+"."+string(found[1])] = true
		}
	})
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(\\w+\\.Test[^`]*)`").FindAllSubmatch(text, -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named: this one looks in the wrong place", len(named))
	}
	for _, found := range named {
		if name := string(found[1]); !there[name] {
			t.Errorf("ARCHITECTURE.md names the test %s, which does not exist", name)
		}
	}
}
