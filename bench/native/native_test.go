package native

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

func sourcesWith(sleeper string) fstest.MapFS {
	const nothing = "int main(void) { return 0; }\n"
	return fstest.MapFS{
		"floor/floor.c":        {Data: []byte(nothing)},
		"launch/launch.c":      {Data: []byte(nothing)},
		"population/spawner.c": {Data: []byte(nothing)},
		"population/sleeper.c": {Data: []byte(sleeper)},
	}
}

func TestBuildCompilesOnce(t *testing.T) {
	needCC(t)
	cache := t.TempDir()
	first, err := Build(t.Context(), sourcesWith("int main(void) { return 3; }\n"), cache)
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(first.Floor).Run(); err != nil {
		t.Errorf("a compiled program does not run: %v", err)
	}
	t.Setenv("PATH", "") // from here on nothing can be compiled
	again, err := Build(t.Context(), sourcesWith("int main(void) { return 3; }\n"), cache)
	if err != nil || again != first {
		t.Errorf("the second build gave %+v, %v, want %+v from the cache", again, err, first)
	}
	if _, err := Build(t.Context(), sourcesWith("int main(void) { return 4; }\n"), cache); err == nil {
		t.Error("a changed source was taken from the cache")
	}
}

func TestBuildShowsWhatTheCompilerSaid(t *testing.T) {
	needCC(t)
	cache := t.TempDir()
	_, err := Build(t.Context(), sourcesWith("int main(void) { return nonsense; }\n"), cache)
	if err == nil || !strings.Contains(err.Error(), "population/sleeper.c") || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("the error is %v", err)
	}
}

func TestMissingNamesTheNextStep(t *testing.T) {
	t.Setenv("PATH", "")
	missing := strings.Join(Missing(), "\n")
	for _, want := range []string{"install gcc or clang", "install util-linux"} {
		if !strings.Contains(missing, want) {
			t.Errorf("without a PATH Missing says\n%s\nwithout %q", missing, want)
		}
	}
	if root := strings.Contains(missing, "run it as root"); root != (os.Geteuid() != 0) {
		t.Errorf("as user %d Missing says\n%s", os.Geteuid(), missing)
	}
}

func needCC(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		reason := "NOT RUN: no C compiler: " + err.Error()
		t.Log(reason)
		t.Skip(reason)
	}
}
