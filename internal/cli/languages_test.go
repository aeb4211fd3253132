package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// heldBytes is what each program allocates; the runtime's own memory comes on top.
const heldBytes = 40_000_000

// languages are real services in the languages that leak most in the field, each of
// which holds heldBytes and says so.
var languages = []struct {
	program string // must be installed
	file    string
	source  string
	build   []string
	run     []string
	service string
}{
	{
		"python3", "momentum_bot.py",
		fmt.Sprintf("import time\nheld = bytearray(b'x' * %d)\nprint('ready', flush=True)\ntime.sleep(600)\n", heldBytes),
		nil, []string{"python3", "-u", "momentum_bot.py", "--token", "hunter2"}, "momentum_bot.py",
	},
	{
		"node", "price_server.js",
		fmt.Sprintf("const held = Buffer.alloc(%d, 'x')\nconsole.log('ready')\nsetInterval(() => held.length, 60000)\n", heldBytes),
		nil, []string{"node", "--max-old-space-size=128", "price_server.js"}, "price_server.js",
	},
	{
		"javac", "OrderBook.java",
		fmt.Sprintf("public class OrderBook { public static void main(String[] a) throws Exception { byte[] held = new byte[%d]; java.util.Arrays.fill(held, (byte) 1); System.out.println(\"ready\"); Thread.sleep(600000); System.out.println(held[5]); } }\n", heldBytes),
		[]string{"javac", "OrderBook.java"}, []string{"java", "-Xmx200m", "-cp", ".", "OrderBook"}, "OrderBook",
	},
}

// zol0 runs a command in this process and returns its standard output.
func zol0(t *testing.T, want int, args ...string) []byte {
	t.Helper()
	var out, problems bytes.Buffer
	home := t.TempDir()
	code := Main(context.Background(), World{
		Args: args, In: strings.NewReader(""), Out: &out, Err: &problems, Now: time.Now,
		Env: func(name string) (string, bool) {
			if name == "HOME" {
				return home, true
			}
			return "", false
		},
	})
	if code != want {
		t.Fatalf("zol0 %s: exit %d, want %d: %s%s", strings.Join(args, " "), code, want, out.Bytes(), problems.Bytes())
	}
	return out.Bytes()
}

func TestRealPythonNodeAndJavaServices(t *testing.T) {
	for _, language := range languages {
		t.Run(language.program, func(t *testing.T) {
			if _, err := exec.LookPath(language.program); err != nil {
				t.Skipf("NOT RUN: %s is missing: make test installs it as root on Debian", language.program)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, language.file), []byte(language.source), 0o600); err != nil {
				t.Fatal(err)
			}
			if language.build != nil {
				build := exec.Command(language.build[0], language.build[1:]...)
				build.Dir = dir
				if out, err := build.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			cmd := exec.Command(language.run[0], language.run[1:]...)
			cmd.Dir = dir
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			var s wire.Snapshot
			if err := json.Unmarshal(zol0(t, exitOK, "quick", "--json", "--filter", language.service), &s); err != nil {
				t.Fatal(err)
			}
			var found *wire.Instance
			for i := range s.Services {
				for k := range s.Services[i].Instances {
					if x := &s.Services[i].Instances[k]; x.PID == int32(cmd.Process.Pid) {
						found = x
						if s.Services[i].Name != language.service {
							t.Errorf("it is named %q, want %q", s.Services[i].Name, language.service)
						}
					}
				}
			}
			if found == nil {
				t.Fatalf("PID %d is under no service named %s: %+v", cmd.Process.Pid, language.service, s.Services)
			}
			if found.PrivateBytes == nil || *found.PrivateBytes < heldBytes || *found.PrivateBytes > heldBytes+120e6 {
				t.Errorf("private memory %v, it holds %d", found.PrivateBytes, heldBytes)
			}
			if found.FDs == nil || found.Threads == nil || found.CPUSeconds == nil {
				t.Errorf("figures are missing: %+v", found)
			}
			if age := time.Since(found.StartTime); age < 0 || age > time.Minute {
				t.Errorf("it started at %s", found.StartTime)
			}
			explained := string(zol0(t, exitOK, "services", "explain", fmt.Sprint(cmd.Process.Pid)))
			if !strings.Contains(explained, "→ script") || strings.Contains(explained, "hunter2") {
				t.Errorf("explained as\n%s", explained)
			}
		})
	}
}
