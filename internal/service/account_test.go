package service

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

const passwd = `# users
root:x:0:0:root:/root:/bin/bash
broken
:x:5:5::/:/bin/false
bob:x:1000:1000:Bob,,,:/home/bob:/bin/zsh
`

func TestFindAccount(t *testing.T) {
	for uid, want := range map[string][2]string{"0": {"root", "/root"}, "1000": {"bob", "/home/bob"}, "5": {}, "7": {}, "": {}} {
		if name, home := findAccount(strings.NewReader(passwd), uid); name != want[0] || home != want[1] {
			t.Errorf("user %q is %q at %q, want %q", uid, name, home, want)
		}
	}
}

// The monitor may run in a container and watch the host around it: the host's users count,
// not the container's.
func TestUsersOfTheHost(t *testing.T) {
	h := host{t, t.TempDir()}
	h.write("etc/passwd", passwd)
	h.write("home/bob/.local/share/containers/storage/overlay-containers/containers.json", `[{"id":"`+id("a")+`","names":["mine"]}]`)
	s := newStage(t, Options{HostRoot: h.root, Rules: []Rule{{Name: "bobs", Match: Match{User: re("^bob$"), Command: re("x.py")}}}})
	s.resolver.users.lookUp = accounts{h.root}.name
	s.start(10, 1, "python3", "python3", "x.py").user(1000)
	s.start(11, 1, "python3", "python3", "x.py").user(0)
	s.start(12, 1, "nginx", "nginx").in("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id("a") + ".scope")
	s.expect(map[int32]string{10: "bobs", 11: "x.py", 12: "mine"})
}

func TestUsersOfThisSystem(t *testing.T) {
	uid := os.Getuid()
	if uid < 0 {
		t.Log("NOT RUN: users have no number on this system")
		t.Skip("NOT RUN: users have no number on this system")
	}
	r := New(Options{})
	first := r.users.name(int64(uid))
	if first == "" {
		t.Error("the user who runs this test has no name")
	}
	r.users.lookUp = func(int64) string { t.Error("a known user is looked up again"); return "" }
	if again := r.users.name(int64(uid)); again != first {
		t.Errorf("user %d is %q and then %q", uid, first, again)
	}
	r.users.lookUp = func(int64) string { return "" }
	if got := r.users.name(987654321); got != strconv.Itoa(987654321) {
		t.Errorf("an unknown user is %q", got)
	}
	if got := r.users.name(-1); got != "" {
		t.Errorf("no user is %q", got)
	}
	for i := range int64(3 * maxUsers) {
		r.users.name(1e6 + i)
	}
	if len(r.users.known) > maxUsers {
		t.Errorf("%d users are kept, the bound is %d", len(r.users.known), maxUsers)
	}
}

func FuzzFindAccount(f *testing.F) {
	f.Add(passwd, "0")
	f.Add("::::::", "")
	f.Add("a:b:0:c:d:\x1b", "0")
	f.Fuzz(func(t *testing.T, text, uid string) {
		if name, _ := findAccount(strings.NewReader(text), uid); !harmless(name) {
			t.Errorf("the name %q is unprintable", name)
		}
	})
}
