// Package house holds the rules of the house as tests: who may import whom, how long a
// file may be, which names say something, and where the clock lives.
package house

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/zol0/zol0/"

// floors lists the packages from the ground up. A package imports only from floors below
// its own; neighbours on a floor do not know each other. ARCHITECTURE.md says why each
// stands where it does.
var floors = [][]string{
	{"leak", "internal/process", "internal/units", "internal/redact", "internal/cache", "internal/session", "internal/budget", "internal/web", "internal/fetch", "internal/tail", "internal/performance", "internal/demo"},
	{"internal/memory", "internal/trace", "internal/shapes", "internal/probe/bpf", "internal/remote", "internal/spool", "internal/access", "internal/logline"},
	{"internal/probe", "internal/service", "internal/wire", "internal/plot", "internal/backtest", "internal/detect", "internal/store"},
	{"internal/sampler", "internal/client", "internal/alert", "internal/logs", "internal/query", "internal/exposition", "internal/trading"},
	{"internal/tally", "internal/record", "internal/transfer", "internal/engine"},
	{"internal/config", "internal/top", "internal/api"},
	{"internal/daemon"},
	{"internal/cli"},
	{"cmd/zol0", "internal/house"},
}

// forbidden imports, with the only packages that may have them.
var forbidden = []struct {
	path   string
	except []string
	reason string
}{
	{"log", nil, "logs go through log/slog"},
	{"reflect", nil, "what needs reflection here belongs into a library"},
	{"net/http", []string{"internal/api", "internal/client", "internal/engine", "internal/fetch", "internal/trading"}, "only the server, its client and the ways to an engine and to sources elsewhere talk to the network"},
	{"database/sql", nil, "the store speaks to its one driver directly"},
	{"github.com/ncruces/go-sqlite3", []string{"internal/store"}, "only the store knows SQLite"},
	{"github.com/prometheus/prometheus/tsdb/chunkenc", []string{"internal/store", "internal/query"}, "only the store knows how chunks are coded, and the engine of queries in which words it is asked"},
	{"github.com/coreos/go-systemd", []string{"internal/daemon"}, "only the daemon tells systemd"},
	{"os/exec", []string{"internal/tail", "internal/demo"}, "the product starts no other program but journalctl, where a person asks for it, and its demonstration"},
	{"github.com/cilium/ebpf", []string{"internal/probe", "internal/probe/bpf"}, "only the reader knows eBPF"},
	{"github.com/shirou/gopsutil", []string{"internal/probe"}, "only the reader asks other systems"},
	{"charm.land/bubbletea", []string{"internal/top"}, "only the terminal view is interactive"},
	{"github.com/spf13/cobra", []string{"internal/cli"}, "only the command line knows its library"},
	{"github.com/goccy/go-yaml", []string{"internal/config"}, "only the configuration is YAML"},
}

type listed struct {
	ImportPath, Dir, Doc string
	Imports, TestImports []string
	GoFiles              []string
}

// packages lists the packages as the given system sees them.
func packages(t *testing.T, system string) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Doc,Imports,GoFiles", "./...")
	command.Dir = root(t)
	command.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list names %d packages only: the test looks in the wrong place", len(all))
	}
	return all
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func floorOf(path string) int {
	name := strings.TrimPrefix(path, module)
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, name) })
}

var systems = []string{"linux", "darwin", "windows"}

func TestFloors(t *testing.T) {
	for _, system := range systems {
		for _, p := range packages(t, system) {
			own := floorOf(p.ImportPath)
			if own < 0 {
				t.Errorf("%s stands on no floor: add it to floors and to ARCHITECTURE.md", p.ImportPath)
			}
			for _, imported := range p.Imports {
				if strings.HasPrefix(imported, module) && floorOf(imported) >= own {
					t.Errorf("%s: %s (floor %d) imports %s (floor %d)", system, p.ImportPath, own, imported, floorOf(imported))
				}
			}
		}
	}
}

func TestForbiddenImports(t *testing.T) {
	for _, system := range systems {
		for _, p := range packages(t, system) {
			for _, rule := range forbidden {
				if slices.Contains(rule.except, strings.TrimPrefix(p.ImportPath, module)) {
					continue
				}
				for _, imported := range p.Imports {
					if imported == rule.path || strings.HasPrefix(imported, rule.path+"/") && strings.Contains(rule.path, ".") {
						t.Errorf("%s: %s imports %s: %s", system, p.ImportPath, imported, rule.reason)
					}
				}
			}
		}
	}
}

// TestGroundImportsNoLibrary keeps the words of the ground floor to the standard library.
func TestGroundImportsNoLibrary(t *testing.T) {
	for _, p := range packages(t, "linux") {
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			if (floorOf(p.ImportPath) == 0 || p.ImportPath == module+"internal/memory") && strings.Contains(first, ".") && !strings.HasPrefix(imported, module) {
				t.Errorf("%s imports %s: words and pure numbers need the standard library only", p.ImportPath, imported)
			}
		}
	}
}

func TestPackagesIntroduceThemselves(t *testing.T) {
	for _, p := range packages(t, "linux") {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
