package top

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTwoHundredServicesAreCalm watches 200 processes that do nothing. Of a screen on which
// little changes little must be sent, and the view must cost little.
func TestTwoHundredServicesAreCalm(t *testing.T) {
	roles := make(map[string]string)
	for i := range 200 {
		roles[fmt.Sprintf("service-%03d", i)] = "idle"
	}
	configuration := company(t, roles)
	p := newPane(t, 120, 40, "sh -c 'echo $$ > $DIR/pid; exec "+zol0(t)+" top --interval 500ms --sort name --config "+configuration+"'", "DIR=$(dirname $0); export DIR")
	p.shows("200 services · 200 processes")
	p.shows("1–27 of 200")
	before := p.screen()
	sent := filepath.Join(p.dir, "sent")
	p.tmux("pipe-pane", "cat > "+sent)
	started, used := time.Now(), p.cpu()
	const watched = 5 * time.Second
	time.Sleep(watched)
	used = p.cpu() - used
	seconds := time.Since(started).Seconds()
	p.tmux("pipe-pane")
	info, err := os.Stat(sent)
	if err != nil {
		t.Fatal(err)
	}
	perReading := float64(info.Size()) / (seconds / 0.5)
	t.Logf("%.0f bytes sent per reading of 200 services at 120 × 40; %.1f %% of a core at 2 readings a second", perReading, 100*used.Seconds()/seconds)
	// A whole screen is 4,800 cells.
	if perReading > 1500 {
		t.Errorf("%.0f bytes are sent per reading", perReading)
	}
	if share := used.Seconds() / seconds; share > 0.5 {
		t.Errorf("the view takes %.0f %% of a core", 100*share)
	}
	names := regexp.MustCompile(`service-\d+`)
	if a, b := names.FindAllString(before, -1), names.FindAllString(p.screen(), -1); strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("rows moved:\n%v\n%v", a, b)
	}

	p.press("End")
	p.shows("174–200 of 200")
	if screen := p.screen(); rowOf(screen, "service-199") == "" || rowOf(screen, "service-173") == "" || rowOf(screen, "service-172") != "" {
		t.Errorf("the end of the table is not shown:\n%s", screen)
	}
	for range 40 {
		p.press("Up")
	}
	p.until("the cursor on service-159", func(screen string) bool { return strings.Contains(screen, "›▸ service-159") })
	p.press("/", "1", "7", "Enter")
	p.shows("service-179")
	p.press("q")
}

// cpu is the processor time that the program in the terminal has taken.
func (p *pane) cpu() time.Duration {
	p.t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid()) + "/stat")
	if err != nil {
		p.t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	var ticks int
	for _, f := range fields[11:13] { // utime and stime, proc_pid_stat(5)
		n, err := strconv.Atoi(f)
		if err != nil {
			p.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// pid is what the script in the terminal wrote down.
func (p *pane) pid() int {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		p.t.Fatal(err)
	}
	return pid
}

// TestADumbTerminalGetsNoControlSequences records every byte that is sent.
func TestADumbTerminalGetsNoControlSequences(t *testing.T) {
	configuration := company(t, map[string]string{"one": "idle", "two": "idle"})
	p := newPane(t, 80, 24, "sleep 1; "+zol0(t)+" top --interval 300ms --config "+configuration+"; echo EXIT=$?; stty -a", "TERM=dumb; export TERM")
	sent := filepath.Join(p.dir, "sent")
	p.tmux("pipe-pane", "cat > "+sent)
	screen := p.shows("? help · q quit")
	if rowOf(screen, "one") == "" || !strings.Contains(screen, "private · 2 services") {
		t.Errorf("the screen is not printed:\n%s", screen)
	}
	p.press("?")
	p.shows("any other key returns")
	p.press("?", "Down")
	p.shows("›▸two")
	p.press("C-z", "q")
	p.shows("EXIT=0")
	p.restored()
	p.tmux("pipe-pane")
	text, err := os.ReadFile(sent)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexByte(text, 0x1b); i >= 0 || len(text) < 1000 {
		t.Errorf("of %d bytes byte %d is an escape: %q", len(text), i, text[max(0, i):min(len(text), i+20)])
	}
}

// TestNoColour keeps the marks that are no colours.
func TestNoColour(t *testing.T) {
	program := zol0(t)
	configuration := company(t, map[string]string{"one": "idle"})
	colour := regexp.MustCompile(`\x1b\[[0-9;]*(3|4|9|10)[0-7][;m]`)
	reverse := regexp.MustCompile(`\x1b\[[0-9;]*\b7m`)
	p := newPane(t, 100, 30, program+" top --config "+configuration, "NO_COLOR=yes; export NO_COLOR")
	p.until("the first reading", func(screen string) bool { return rowOf(screen, "one") != "" })
	screen := p.tmux("capture-pane", "-p", "-e")
	if found := colour.FindString(screen); found != "" {
		t.Errorf("%q is a colour", found)
	}
	if !reverse.MatchString(screen) {
		t.Errorf("the line under the cursor is not reversed: %q", screen)
	}
	p.press("q")
}

// TestWithoutATerminal says what to use instead.
func TestWithoutATerminal(t *testing.T) {
	program := zol0(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "zol0: top needs a terminal\nhint: use zol0 quick for one table, or zol0 monitor for a report\n"},
		{[]string{"--sort", "colour"}, "zol0: cannot sort by \"colour\"\nhint: use one of: growth, private, rss, swap, cpu, threads, fds, uptime, name, status\n"},
		{[]string{"--filter", "["}, "missing closing ]"},
		{[]string{"--interval", "1ms"}, "zol0: an interval of 1ms is too short: 100ms at least\n"},
		{[]string{"--interval", "soon"}, "hint: see: zol0 top --help"},
		{[]string{"extra"}, "hint: see: zol0 top --help"},
	} {
		command := exec.Command(program, append([]string{"top"}, c.args...)...)
		var out, errs bytes.Buffer
		command.Stdout, command.Stderr = &out, &errs
		var exit *exec.ExitError
		if err := command.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
			t.Errorf("zol0 top %v: %v, want exit code 2", c.args, err)
		}
		if !strings.Contains(errs.String(), c.want) || out.Len() > 0 {
			t.Errorf("zol0 top %v said %q and %q, want %q", c.args, errs.String(), out.String(), c.want)
		}
	}
}
