// Package native compiles the C programs of the benchmark and runs commands inside a
// population: a PID namespace with a /proc of its own that holds exactly so many idle
// processes. It measures nothing.
package native

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// Programs are the compiled C programs, as paths.
type Programs struct {
	Floor   string // reads stat and status of every process: the yardstick
	Launch  string // runs a command and prints what wait4(2) says of it
	spawner string // starts sleepers around a command
	sleeper string // one idle process
}

// Companions is the number of processes in a population beside its sleepers while a
// measurement runs: the spawner (PID 1), the program that leads the rounds, and the
// reader that is being measured.
const Companions = 3

// Missing says what this machine lacks to run the benchmark, with the next step for each;
// it is empty where everything is there.
func Missing() []string {
	if runtime.GOOS != "linux" {
		return []string{"the benchmark reads procfs, which " + runtime.GOOS + " does not have; run it on Linux"}
	}
	var missing []string
	if os.Geteuid() != 0 {
		missing = append(missing, "a population needs a PID namespace and so root; run it as root (sudo make bench)")
	}
	if _, err := exec.LookPath("cc"); err != nil {
		missing = append(missing, "no C compiler (cc); install gcc or clang (Debian: apt install gcc libc6-dev)")
	}
	if _, err := exec.LookPath("unshare"); err != nil {
		missing = append(missing, "no unshare(1); install util-linux")
	}
	return missing
}

// Build compiles the C programs of sources into a directory below cache that is named by
// their contents, so that a second run compiles nothing.
func Build(ctx context.Context, sources fs.FS, cache string) (Programs, error) {
	var p Programs
	for _, program := range []struct {
		source string
		path   *string
	}{
		{"floor/floor.c", &p.Floor},
		{"launch/launch.c", &p.Launch},
		{"population/spawner.c", &p.spawner},
		{"population/sleeper.c", &p.sleeper},
	} {
		path, err := compile(ctx, sources, program.source, cache)
		if err != nil {
			return Programs{}, err
		}
		*program.path = path
	}
	return p, nil
}

// compile returns the path of the program made from one C file.
func compile(ctx context.Context, sources fs.FS, source, cache string) (string, error) {
	text, err := fs.ReadFile(sources, source)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", source, err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("%x", sha256.Sum256(text))[:16])
	name := filepath.Base(source)
	program := filepath.Join(dir, name[:len(name)-len(".c")])
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot make the directory for %s: %w", name, err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return "", fmt.Errorf("cannot write %s: %w", file, err)
	}
	// The program appears under its name only when it is whole.
	cc := exec.CommandContext(ctx, "cc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", program+".new", file)
	if out, err := cc.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot compile %s: %w\n%s", source, err, out)
	}
	if err := os.Rename(program+".new", program); err != nil {
		return "", fmt.Errorf("cannot finish %s: %w", program, err)
	}
	return program, nil
}

// Inside returns a command that runs inside a population of sleepers idle processes. When
// it ends, or ctx does, all of them end. The caller connects its output.
func (p Programs) Inside(ctx context.Context, sleepers int, command ...string) *exec.Cmd {
	args := []string{"--fork", "--pid", "--mount-proc", "--kill-child", p.spawner, p.sleeper, strconv.Itoa(sleepers)}
	return exec.CommandContext(ctx, "unshare", append(args, command...)...)
}

// Services returns a command that runs inside a population of sleepers processes that are
// services different programs, named svc-00, svc-01 and so on. A third of the processes
// stirs once a second: a few pages and descriptors come and go.
func (p Programs) Services(ctx context.Context, services, sleepers int, command ...string) (*exec.Cmd, error) {
	// The programs are links to the sleeper in a directory of their own, beside it.
	dir := filepath.Join(filepath.Dir(p.sleeper), "services")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the directory of the services: %w", err)
	}
	for i := range services {
		if err := os.Link(p.sleeper, filepath.Join(dir, fmt.Sprintf("svc-%02d", i))); err != nil && !os.IsExist(err) {
			return nil, fmt.Errorf("cannot make a program for each service: %w", err)
		}
	}
	args := []string{"--fork", "--pid", "--mount-proc", "--kill-child", p.spawner, "-s", strconv.Itoa(services), filepath.Join(dir, "svc"), strconv.Itoa(sleepers)}
	return exec.CommandContext(ctx, "unshare", append(args, command...)...), nil
}
