package access

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestTokensAreMadeMatchedAndRevoked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	anna, err := Add(path, "anna", Operator)
	if err != nil {
		t.Fatal(err)
	}
	grafana, err := Add(path, "grafana", Viewer)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(anna)) || bytes.Contains(text, []byte(strings.TrimPrefix(anna, prefix))) {
		t.Error("the file holds a token")
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %o", info.Mode())
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := b.Match(anna); !ok || x.Name != "anna" || x.Role != Operator {
		t.Errorf("%+v, %v", x, ok)
	}
	x, ok := b.Match(grafana)
	if !ok || x.Role != Viewer {
		t.Errorf("%+v, %v", x, ok)
	}
	for _, wrong := range []string{"", anna + "x", anna[:len(anna)-1], strings.ToUpper(anna), prefix, strings.Repeat("a", MaxSecretBytes+1), hex.EncodeToString(x.Digest[:])} {
		if _, ok := b.Match(wrong); ok {
			t.Errorf("%q was taken", wrong)
		}
	}
	if err := Revoke(path, "grafana"); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Of(x.Digest); !ok {
		t.Error("it ended before the file was read again")
	}
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Of(x.Digest); ok {
		t.Error("a revoked token is still taken")
	}
	if _, ok := b.Match(anna); !ok {
		t.Error("another went with it")
	}
}

func TestARefusedFileLeavesWhatHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	secret, err := Add(path, "a", Viewer)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("a viewer sha256:00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var e *Error
	if err := b.Reload(); !errors.As(err, &e) || e.Hint == "" {
		t.Errorf("%v", err)
	}
	if _, ok := b.Match(secret); !ok {
		t.Error("nothing holds any more")
	}
}

func TestOpenFilesAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("NOT RUN: the system has no such bits")
	}
	path := filepath.Join(t.TempDir(), "tokens")
	if _, err := Add(path, "a", Viewer); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%04o", mode)) {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if _, err := Add(path, "b", Viewer); err == nil {
			t.Errorf("mode %04o: a token was added", mode)
		}
		if err := Revoke(path, "a"); err == nil {
			t.Errorf("mode %04o: a token was revoked", mode)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("a directory was taken")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestMistakesInAFile(t *testing.T) {
	digest := digestPrefix + strings.Repeat("ab", 32)
	other := digestPrefix + strings.Repeat("cd", 32)
	for text, want := range map[string]string{
		"a viewer":                                            "line 1: it has 2 words",
		"# x\n\na viewer " + digest + " b":                    "line 3: it has 4 words",
		"a admin " + digest:                                   `"admin" is no role`,
		"a nobody " + digest:                                  `"nobody" is no role`,
		"a/b viewer " + digest:                                "is no name",
		"-a viewer " + digest:                                 "is no name",
		"a viewer " + digest[:70]:                             "no digest",
		"a viewer secret-token":                               "no digest",
		"a viewer " + digest + "zz":                           "no digest",
		"a viewer " + digestPrefix + strings.Repeat("zz", 32): "no digest",
		"a viewer " + digest + "\na viewer " + other:          "line 2: there is another",
		"a viewer " + digest + "\nb viewer " + digest:         "same digest",
		strings.Repeat("#", MaxFileBytes+1):                   "larger than",
	} {
		_, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret-token") {
			t.Errorf("the error has the word in it: %v", err)
		}
	}
	all, err := Parse([]byte("# of the house\r\n\r\n  a \t viewer " + digest + "\r\n"))
	if err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	var many strings.Builder
	for i := range MaxTokens + 1 {
		fmt.Fprintf(&many, "n%d viewer sha256:%064x\n", i, i)
	}
	if _, err := Parse([]byte(many.String())); err == nil || !strings.Contains(err.Error(), "more than 64") {
		t.Errorf("%v", err)
	}
}

func TestAddingIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	var text strings.Builder
	for i := range MaxTokens {
		fmt.Fprintf(&text, "n%d viewer sha256:%064x\n", i, i)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Add(path, "one-more", Viewer); err == nil || !strings.Contains(err.Error(), "64 tokens") {
		t.Errorf("%v", err)
	}
	if _, err := Add(path, "n1", Viewer); err == nil || !strings.Contains(err.Error(), `"n1"`) {
		t.Errorf("%v", err)
	}
	if _, err := Add(path, "a b", Viewer); err == nil {
		t.Error("a name with a blank was taken")
	}
	if err := Revoke(path, "nobody"); err == nil {
		t.Error("what is not there was revoked")
	}
}

func TestCommentsStayWhenATokenGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	digest := digestPrefix + strings.Repeat("ab", 32)
	if err := os.WriteFile(path, []byte("# of anna\nanna viewer "+digest), 0o600); err != nil { // no end of line
		t.Fatal(err)
	}
	if _, err := Add(path, "bob", Operator); err != nil {
		t.Fatal(err)
	}
	if err := Revoke(path, "bob"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "# of anna\nanna viewer "+digest+"\n" {
		t.Errorf("%q, %v", text, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestSecretsAreLongAndDifferent(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		s := NewSecret()
		if len(s) != len(prefix)+43 || !strings.HasPrefix(s, prefix) || seen[s] {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
}

func TestMatchingDoesNotAllocate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	secret, err := Add(path, "a", Viewer)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { b.Match(secret) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a viewer sha256:" + strings.Repeat("ab", 32) + "\n# x\n"))
	f.Add([]byte("a operator sha256:" + strings.Repeat("AB", 32)))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Parse(text)
		if err != nil {
			return
		}
		// What was read is written and read as the same.
		var out strings.Builder
		for i := range all {
			if CheckName(all[i].Name) != nil || all[i].Role == Nobody {
				t.Fatalf("%+v", all[i])
			}
			out.WriteString(all[i].line())
		}
		again, err := Parse([]byte(out.String()))
		if err != nil || len(again) != len(all) {
			t.Fatalf("%v, %v", again, err)
		}
		for i := range all {
			if again[i] != all[i] {
				t.Fatalf("%+v, %+v", again[i], all[i])
			}
		}
	})
}
