package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// tidied are tests after which what they made together is removed.
type tidied struct{ *testing.M }

// atEnd, if set, removes it.
var atEnd func() error

func (t tidied) Run() int {
	code := t.M.Run()
	if atEnd != nil {
		if err := atEnd(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return code
}

// TestMain lets the stories in testdata/script run zol0 as a program of its own.
func TestMain(m *testing.M) {
	testscript.Main(tidied{m}, map[string]func(){
		"zol0": func() {
			os.Exit(Main(context.Background(), World{
				Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.LookupEnv, Now: time.Now,
			}))
		},
	})
}

// The stories a person lives through with zol0, one file each.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"cmdlines": cmdlines},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "python3", "node", "java":
				_, err := exec.LookPath(condition)
				if err != nil {
					t.Logf("NOT RUN: stories that need %s: it is missing", condition)
				}
				return err == nil, nil
			case "root":
				return os.Geteuid() == 0, nil
			case "full":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			return false, nil
		},
	})
}

// cmdlines turns the words of every proc/*/cmdline of a story into what the kernel would
// show: each ended by a NUL, and no line end.
func cmdlines(ts *testscript.TestScript, _ bool, _ []string) {
	files, err := filepath.Glob(ts.MkAbs("proc/*/cmdline"))
	ts.Check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		ts.Check(err)
		words := strings.Fields(string(text))
		if len(words) > 0 {
			ts.Check(os.WriteFile(file, []byte(strings.Join(words, "\x00")+"\x00"), 0o600))
		}
	}
}
