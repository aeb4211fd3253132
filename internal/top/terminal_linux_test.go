package top

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// pane is a real terminal, of tmux, in which a command runs.
type pane struct {
	t      *testing.T
	socket string
	dir    string
}

// newPane runs a shell command in a terminal of its own.
func newPane(t *testing.T, width, height int, command string, env ...string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Log("NOT RUN: the live view in a real terminal: tmux is missing; on Debian: apt-get install tmux")
		t.Skip("NOT RUN: tmux is missing")
	}
	dir, err := os.MkdirTemp("", "pane") // t.TempDir is too long a path for a socket
	if err != nil {
		t.Fatal(err)
	}
	p := &pane{t: t, socket: filepath.Join(dir, "s"), dir: dir}
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte(strings.Join(append(env, command), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), "sh "+script+"; exec sleep 600")
	t.Cleanup(func() {
		p.tmux("kill-server")
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return p
}

// tmux gives an order to the terminal and returns the answer.
func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-u", "-S", p.socket}, args...)...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// screen is what is on the terminal now.
func (p *pane) screen() string { return p.tmux("capture-pane", "-p") }

func (p *pane) press(keys ...string) {
	for _, k := range keys {
		p.tmux("send-keys", k)
	}
}

// until waits for the screen to satisfy a condition and returns that screen.
func (p *pane) until(what string, holds func(screen string) bool) string {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		screen := p.screen()
		if holds(screen) {
			return screen
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited in vain for %s:\n%s", what, screen)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// shows waits for words on the screen.
func (p *pane) shows(words string) string {
	p.t.Helper()
	return p.until(strconv.Quote(words), func(screen string) bool { return strings.Contains(screen, words) })
}

// restored checks that the view left the terminal as it found it.
func (p *pane) restored() {
	p.t.Helper()
	if got := strings.TrimSpace(p.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")); got != "0 1 0" {
		p.t.Errorf("alternate screen, cursor and mouse are %q, want \"0 1 0\"", got)
	}
	screen := p.shows("echoctl") // of stty -a
	for _, mode := range []string{"icanon", "echo", "isig", "opost", "icrnl"} {
		if !regexp.MustCompile(`(^|[ \n;])` + mode + `\b`).MatchString(screen) {
			p.t.Errorf("the terminal is not %s:\n%s", mode, screen)
		}
	}
}

// zol0 builds the program.
func zol0(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zol0")
	build := exec.Command("go", "build", "-o", path, "../../cmd/zol0")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// company starts the test binary under other names, each in a role, and writes a
// configuration that watches just them. They end with the test.
func company(t *testing.T, roles map[string]string) (configuration string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var rules strings.Builder
	rules.WriteString("services:\n")
	var children []*exec.Cmd
	var inputs []io.Closer
	t.Cleanup(func() {
		for _, in := range inputs { // all of them first: they end side by side
			in.Close() //nolint:errcheck // its end is what counts
		}
		for _, child := range children {
			if err := child.Wait(); err != nil {
				t.Errorf("%s: %v", child.Path, err)
			}
		}
	})
	for name, role := range roles {
		path := filepath.Join(dir, name)
		if err := os.Symlink(self, path); err != nil {
			t.Fatal(err)
		}
		child := exec.Command(path)
		// A program with the race detector sleeps for a second before it ends.
		child.Env = append(os.Environ(), roleVariable+"="+role, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
		input, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		children, inputs = append(children, child), append(inputs, input)
		fmt.Fprintf(&rules, "  - name: %s\n    kind: test\n    match:\n      - command: '^%s$'\n", name, regexp.QuoteMeta(path))
	}
	configuration = filepath.Join(dir, "zol0.yaml")
	if err := os.WriteFile(configuration, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return configuration
}

// rowOf is the line of a service on the screen.
func rowOf(screen, name string) string {
	return regexp.MustCompile(`(?m)^[ ›][▸▾] ?` + regexp.QuoteMeta(name) + ` .*`).FindString(screen)
}

// TestARealTerminalAndAServiceThatGrows is the story of a person at a terminal.
func TestARealTerminalAndAServiceThatGrows(t *testing.T) {
	configuration := company(t, map[string]string{"aaa-idle": "idle", "the-grower": "grow", "zzz-idle": "idle"})
	p := newPane(t, 100, 30, zol0(t)+" top --interval 500ms --config "+configuration+"; echo EXIT=$?; stty -a")
	p.shows("Too early to say whether anything grows")
	growth := regexp.MustCompile(`the-grower\s.*\s\+(\d+)`)
	screen := p.until("growth of 10 MB", func(screen string) bool {
		found := growth.FindStringSubmatch(rowOf(screen, "the-grower"))
		if found == nil {
			return false
		}
		mb, err := strconv.Atoi(found[1])
		// A service that has just been started may be seen twice for a moment (fork, then exec).
		return err == nil && mb >= 10 && strings.Contains(screen, "3 services · 3 processes")
	})
	if rowOf(screen, "aaa-idle") == "" {
		t.Errorf("not every service is shown:\n%s", screen)
	}
	p.until("the grower on top", func(screen string) bool {
		return strings.Index(screen, "the-grower") < strings.Index(screen, "aaa-idle")
	})
	if row := rowOf(p.shows("▇"), "the-grower"); !strings.ContainsAny(row, "▅▆▇█") {
		t.Errorf("its history does not rise: %q", row)
	}

	p.press("/", "i", "d", "l", "e")
	p.until("the filter", func(screen string) bool { return rowOf(screen, "the-grower") == "" && rowOf(screen, "zzz-idle") != "" })
	p.press("Escape")
	p.until("all services again", func(screen string) bool { return rowOf(screen, "the-grower") != "" })
	p.press("?")
	p.shows("any other key returns")
	p.press("?")
	p.shows("the-grower")
	p.press("s")
	p.shows("▾PRIVATE MB")
	p.press("s", "s", "s")
	p.shows("▾CPU %")
	p.press("S", "S", "S", "S")
	p.shows("▾GROWTH MB")
	p.press("Home", "Enter", "Down")
	onProcess := regexp.MustCompile(`› +\d+ the-grower .*(learning|suspect|leaking)`)
	screen = p.until("the service open with the cursor on its process", onProcess.MatchString)
	if !strings.Contains(screen, "24 are needed") && !strings.Contains(screen, "Bear in mind: ") {
		t.Errorf("the verdict has no caveat:\n%s", screen)
	}
	p.press("p")
	paused := p.shows("PAUSED at ")
	time.Sleep(1200 * time.Millisecond)
	if again := p.screen(); again != paused {
		t.Errorf("the paused screen changed:\n%s\n%s", paused, again)
	}
	p.press("p")
	p.until("the view to go on", func(screen string) bool { return !strings.Contains(screen, "PAUSED") })

	for _, size := range [][2]int{{60, 15}, {250, 80}, {80, 24}} {
		p.tmux("resize-window", "-x", strconv.Itoa(size[0]), "-y", strconv.Itoa(size[1]))
		p.until("the new size", func(screen string) bool {
			lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
			drawn := slices.ContainsFunc(lines, func(line string) bool {
				return strings.HasSuffix(line, "every 500ms") && ansi.StringWidth(line) == size[0]
			})
			return drawn && len(lines) == size[1] && strings.HasPrefix(lines[size[1]-1], "? help")
		})
	}
	p.press("q")
	p.shows("EXIT=0")
	p.restored()
}

// TestSignalsRestoreTheTerminal: whoever ends the view, the shell is usable afterwards.
func TestSignalsRestoreTheTerminal(t *testing.T) {
	program := zol0(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		p := newPane(t, 100, 30, "sh -c 'echo $$ > $DIR/pid; exec "+program+" top'; echo EXIT=$?; stty -a", "DIR=$(dirname $0); export DIR")
		p.shows("SERVICE")
		if err := syscall.Kill(p.pid(), signal); err != nil {
			t.Fatal(err)
		}
		p.shows("EXIT=0")
		p.restored()
	}
}

// TestAPanicRestoresTheTerminal lets the reader panic while the view is shown.
func TestAPanicRestoresTheTerminal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newPane(t, 100, 50, roleVariable+"=panic "+self+" 2>$(dirname $0)/trace; stty -a")
	p.shows("Run returned: cannot go on with the live view")
	p.restored()
	trace, err := os.ReadFile(filepath.Join(p.dir, "trace"))
	if err != nil || !strings.Contains(string(trace), "BUG: made for a test") {
		t.Errorf("the panic is not told: %v: %s", err, trace)
	}
}
