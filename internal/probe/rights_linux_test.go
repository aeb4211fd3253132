package probe

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

// hidepidEnv makes TestHidepidChild run as the user from whom processes are hidden.
const hidepidEnv = "ZOL0_TEST_HIDEPID"

func TestHidepidChild(t *testing.T) {
	root := os.Getenv(hidepidEnv)
	if root == "" {
		return // it is the child of TestHidepid
	}
	scan := scanOf(t, openLight(t, root))
	fmt.Printf("child saw samples=%d denied=%v hidden=%v\n", len(scan.Samples), scan.Denied > 0, scan.Hidden)
}

// A procfs that hides processes must be said to, not taken for an idle machine.
func TestHidepid(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: mounting a procfs with hidepid needs root")
	}
	for _, name := range []string{"unshare", "setpriv"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("NOT RUN: " + name + " is missing: apt-get install util-linux")
		}
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The child, another user, must be able to read the binary.
	copied := t.TempDir() + "/probe.test"
	text, err := os.ReadFile(executable)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, text, 0o755); err != nil {
		t.Fatal(err)
	}
	for hidepid, want := range map[int]string{1: "denied=true hidden=false", 2: "denied=false hidden=true"} {
		script := fmt.Sprintf(`mkdir -p /tmp/zol0-hidepid && mount -t tmpfs none /tmp/zol0-hidepid && mkdir /tmp/zol0-hidepid/proc && cp %s /tmp/zol0-hidepid/probe.test &&
mount -t proc -o hidepid=%d proc /tmp/zol0-hidepid/proc && cd /tmp/zol0-hidepid && %s=/tmp/zol0-hidepid/proc exec setpriv --reuid=65534 --regid=65534 --clear-groups ./probe.test -test.run '^TestHidepidChild$' -test.v`,
			copied, hidepid, hidepidEnv)
		out, err := exec.Command("unshare", "-m", "sh", "-ec", script).CombinedOutput()
		if err != nil {
			if strings.Contains(string(out), "permission denied") || strings.Contains(string(out), "not permitted") {
				t.Skipf("NOT RUN: this system lets no one mount a procfs here: %s", out)
			}
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(string(out), want) {
			t.Errorf("hidepid=%d: %s, want %s", hidepid, out, want)
		}
	}
	if err := os.RemoveAll("/tmp/zol0-hidepid"); err != nil {
		t.Error(err)
	}
}
