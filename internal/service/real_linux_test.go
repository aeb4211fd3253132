package service_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
)

// machine resolves the real processes of this machine.
type machine struct {
	t        *testing.T
	reader   *probe.Reader
	resolver *service.Resolver
}

func newMachine(t *testing.T, rules ...service.Rule) *machine {
	t.Helper()
	reader, err := probe.Open(probe.Options{Light: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	})
	return &machine{t: t, reader: reader, resolver: service.New(service.Options{Rules: rules})}
}

// Describe hides the cgroup: where these tests run in a container or a unit, that would
// name all of their processes.
func (m *machine) Describe(id process.ID, need process.Need) (process.Facts, error) {
	facts, err := m.reader.Describe(id, need)
	facts.Cgroup = ""
	return facts, err
}

func (m *machine) scan() map[int32]service.Identity {
	m.t.Helper()
	scan, err := m.reader.Scan()
	if err != nil {
		m.t.Fatal(err)
	}
	out := make(map[int32]service.Identity)
	for i, identity := range m.resolver.Resolve(scan.Samples, m) {
		out[scan.Samples[i].ID.PID] = identity
	}
	return out
}

// await scans until every process has its name.
func (m *machine) await(want map[int]string) map[int32]service.Identity {
	m.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		got := m.scan()
		missing := ""
		for pid, name := range want {
			if got[int32(pid)].Service != name {
				missing = fmt.Sprintf("process %d is %q, want %q", pid, got[int32(pid)].Service, name)
			}
		}
		if missing == "" {
			return got
		}
		if time.Now().After(deadline) {
			m.t.Fatal(missing)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// runs starts a program that writes "ready" when it is, and ends it with the test.
func runs(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Log("NOT RUN: " + name + " is not installed")
		t.Skip("NOT RUN: " + name + " is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	ready := make(chan error, 1)
	go func() {
		_, err := out.Read(make([]byte, 16))
		ready <- err
	}()
	select {
	case err := <-ready:
		if err != nil {
			t.Fatalf("%s %q did not become ready: %v", name, args, err)
		}
	case <-time.After(60 * time.Second):
		t.Fatalf("%s %q did not become ready", name, args)
	}
	return cmd
}

// project makes a directory with a file in it.
func project(t *testing.T, name, file, text string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

const sleeperPy = `import sys, time
print("ready", flush=True)
time.sleep(600)
`

const listenerPy = `import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(600)
`

const familyPy = `import subprocess, sys, time
a = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
b = subprocess.Popen(["sleep", "600"])
print("ready", flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    a.kill(); b.kill()
`

func TestRealPython(t *testing.T) {
	m := newMachine(t)
	generic := runs(t, project(t, "trader", "app.py", sleeperPy), "python3", "-u", "app.py")
	named := runs(t, project(t, "x", "signals.py", sleeperPy), "python3", "-X", "utf8", "signals.py", "--token", "hunter2hunter2")
	got := m.await(map[int]string{generic.Process.Pid: "trader/app.py", named.Process.Pid: "signals.py"})
	if step := got[int32(named.Process.Pid)].Step; step != service.StepScript {
		t.Errorf("signals.py was decided by %s", step)
	}
	e, err := m.resolver.Explain(int32(named.Process.Pid), m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprintf("%+v", e), "hunter2") || !strings.Contains(e.Command, "--token") {
		t.Errorf("the explanation shows the secret or not its option: %+v", e)
	}
	if e.Service != "signals.py" || len(e.Parents) == 0 {
		t.Errorf("%+v", e)
	}
}

func TestRealPythonPorts(t *testing.T) {
	m := newMachine(t)
	dir := project(t, "x", "dash.py", listenerPy)
	one, two := runs(t, dir, "python3", "dash.py"), runs(t, dir, "python3", "dash.py")
	shape := regexp.MustCompile(`^dash\.py \[\d+\]$`)
	var got map[int32]service.Identity
	for range 200 {
		got = m.scan()
		if shape.MatchString(got[int32(one.Process.Pid)].Service) && shape.MatchString(got[int32(two.Process.Pid)].Service) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	a, b := got[int32(one.Process.Pid)], got[int32(two.Process.Pid)]
	if a.Port == 0 || b.Port == 0 || a.Service == b.Service {
		t.Fatalf("two listeners are %+v and %+v", a, b)
	}
	one.Process.Kill() //nolint:errcheck // its end is what is wanted
	one.Wait()         //nolint:errcheck // it was killed
	if after := m.scan()[int32(two.Process.Pid)]; after.Service != b.Service {
		t.Errorf("the survivor %q was renamed %q", b.Service, after.Service)
	}
}

func TestRealPythonFamily(t *testing.T) {
	m := newMachine(t)
	parent := runs(t, project(t, "x", "family.py", familyPy), "python3", "family.py")
	// Killed, the parent could not end its children.
	t.Cleanup(func() { parent.Process.Signal(os.Interrupt); parent.Wait() }) //nolint:errcheck // it may have ended
	m.await(map[int]string{parent.Process.Pid: "family.py"})
	children := 0
	for range 200 {
		children = 0
		for _, identity := range m.scan() {
			if identity.Owner == int32(parent.Process.Pid) {
				if identity.Service != "family.py" || identity.Step != service.StepParent || identity.Root {
					t.Fatalf("a child is %+v", identity)
				}
				children++
			}
		}
		if children == 2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d of two children count to their parent", children)
}

func TestRealNode(t *testing.T) {
	m := newMachine(t)
	dir := project(t, "shop", "server.js", `console.log("ready"); setTimeout(() => {}, 600000)`)
	cmd := runs(t, dir, "node", "--max-old-space-size=64", "server.js")
	m.await(map[int]string{cmd.Process.Pid: "shop/server.js"})
}

func TestRealJava(t *testing.T) {
	m := newMachine(t)
	dir := project(t, "x", "Sleeper.java", `public class Sleeper { public static void main(String[] a) throws Exception {
		System.out.println("ready"); Thread.sleep(600000); } }`)
	cmd := runs(t, dir, "java", "-Xmx64m", "-XX:+UseSerialGC", "-ea", "Sleeper.java")
	m.await(map[int]string{cmd.Process.Pid: "Sleeper.java"})
}

func TestRealRule(t *testing.T) {
	rule := service.Rule{Name: "bot-$1", Kind: "strategy", Match: service.Match{
		Command: regexp.MustCompile(`signals\.py --pair (\w+)`), Cwd: regexp.MustCompile(`/x$`),
	}}
	m := newMachine(t, rule)
	cmd := runs(t, project(t, "x", "signals.py", sleeperPy), "python3", "signals.py", "--pair", "BTC")
	got := m.await(map[int]string{cmd.Process.Pid: "bot-BTC"})
	if identity := got[int32(cmd.Process.Pid)]; !identity.Watched || identity.Kind != "strategy" {
		t.Errorf("%+v", identity)
	}
	if self := got[int32(os.Getpid())]; self.Watched {
		t.Errorf("this test is watched: %+v", self)
	}
}
