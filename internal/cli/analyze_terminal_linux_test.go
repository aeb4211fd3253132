package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"
)

// onTerminal runs a command line on a terminal of 80 columns.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("NOT RUN: this machine gives no terminal: %v", err)
	}
	defer master.Close() //nolint:errcheck // read to its end
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 80}); err != nil {
		t.Fatal(err)
	}
	shown := make(chan string)
	go func() {
		var out bytes.Buffer
		io.Copy(&out, master) //nolint:errcheck // a master whose terminal is closed ends with EIO
		shown <- out.String()
	}()
	var wrong bytes.Buffer
	code := Main(context.Background(), World{Args: args, In: strings.NewReader(""), Out: terminal, Err: &wrong, Env: func(string) (string, bool) { return "", false }})
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	if code != exitOK || wrong.Len() > 0 {
		t.Errorf("zol0 %q ends with %d: %s", args, code, wrong.String())
	}
	return <-shown
}

// TestTerminalGetsAPlot of the worst series alone, in colour, within its width.
func TestTerminalGetsAPlot(t *testing.T) {
	files := []string{recording("d_c_idle"), recording("d_c_lin2_je")}
	out := onTerminal(t, append([]string{"analyze"}, files...)...)
	if got := strings.Count(out, " measured"); got != 1 {
		t.Errorf("%d plots:\n%s", got, out)
	}
	plain := ansi.Strip(out)
	if !strings.Contains(plain, "trend +") || !strings.Contains(out, "\x1b["+red+"mleaking") {
		t.Errorf("the leak is not drawn, or has no colour:\n%s", out)
	}
	for line := range strings.Lines(plain) {
		if w := ansi.StringWidth(strings.TrimRight(line, "\r\n")); w > 80 && !strings.Contains(line, ": ") {
			t.Errorf("%d columns: %q", w, line)
		}
	}
	if out := onTerminal(t, append([]string{"analyze", "--plot"}, files...)...); strings.Count(out, " measured") != 8 {
		t.Errorf("--plot does not draw every series:\n%s", out)
	}
	for _, args := range [][]string{{"analyze", "--plot=false"}, {"analyze", "--json"}, {"analyze", "--events"}} {
		if out := onTerminal(t, append(args, files...)...); strings.Contains(out, " measured") {
			t.Errorf("zol0 %q draws", args)
		}
	}
}
