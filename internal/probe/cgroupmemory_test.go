package probe

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

// groups writes the files of control groups below a directory of its own.
func groups(t *testing.T, files map[string]string) *Cgroups {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return NewCgroups(root)
}

func TestTheTightestCgroupBinds(t *testing.T) {
	c := groups(t, map[string]string{
		"memory.stat":                          "anon 1\ninactive_file 2\n", // of the root, which has no memory.max
		"system.slice/memory.max":              "4000000000\n",
		"system.slice/memory.current":          "3900000000\n",
		"system.slice/memory.stat":             "anon 5\ninactive_file 1000000000\nactive_file 3\n",
		"system.slice/bot.service/memory.max":  "max\n",
		"system.slice/api.service/memory.max":  "500000000\n",
		"system.slice/api.service/memory.stat": "inactive_file 0\n",
		"system.slice/web.service/memory.max":  "500000000\n", "system.slice/web.service/memory.current": "450000000\n",
		"system.slice/web.service/memory.stat": "inactive_file 0\n",
		"odd/memory.max":                       "lots\n",
		"full/memory.max":                      "100\n", "full/memory.current": "50\n", "full/memory.stat": "inactive_file 60\n",
	})
	for _, x := range []struct {
		path string
		want CgroupLimit
		ok   bool
	}{
		{"/system.slice/bot.service", CgroupLimit{"/system.slice", 4e9, memory.Present[uint64](2.9e9)}, true},
		{"/system.slice/web.service", CgroupLimit{"/system.slice/web.service", 500e6, memory.Present[uint64](450e6)}, true},
		// What is used is not known: the whole limit is room, which is still the tightest.
		{"/system.slice/api.service/worker", CgroupLimit{"/system.slice/api.service", 500e6, memory.Optional[uint64]{}}, true},
		{"/full", CgroupLimit{"/full", 100, memory.Present[uint64](0)}, true},
		{"/odd", CgroupLimit{}, false},
		{"/", CgroupLimit{}, false},
		{"", CgroupLimit{}, false},
		{"system.slice", CgroupLimit{}, false},
		{"/../system.slice", CgroupLimit{}, false},
		{"/system.slice/../../etc", CgroupLimit{}, false},
		{"/gone/" + strings.Repeat("x/", 100), CgroupLimit{}, false},
	} {
		if got, ok := c.Limit(x.path); got != x.want || ok != x.ok {
			t.Errorf("%s: %+v, %v; want %+v, %v", x.path, got, ok, x.want, x.ok)
		}
	}
}

func TestALimitIsReadAnewAfterForget(t *testing.T) {
	c := groups(t, map[string]string{"a/memory.max": "100\n"})
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(c.root, "a/memory.max"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c.Limit("/a")
	write("200\n")
	if l, _ := c.Limit("/a"); l.MaxBytes != 100 {
		t.Errorf("what was read at this moment was read again: %d", l.MaxBytes)
	}
	c.Forget()
	if l, _ := c.Limit("/a"); l.MaxBytes != 200 {
		t.Errorf("after Forget the limit is %d", l.MaxBytes)
	}
	write(strings.Repeat("1", 2*maxCgroupText))
	c.Forget()
	if _, ok := c.Limit("/a"); ok {
		t.Error("a file without end is a limit")
	}
	for i := range 2 * maxCgroups {
		c.Limit("/" + strconv.Itoa(i))
	}
	if len(c.seen) > maxCgroups {
		t.Errorf("%d groups are remembered", len(c.seen))
	}
}

func FuzzCgroupMemory(f *testing.F) {
	for _, s := range []string{"max\n", "123\n", "max", "-1\n", "18446744073709551616\n", "anon 1\ninactive_file 7\n", "inactive_file 7", "inactive_file \n", ""} {
		f.Add([]byte(s), uint64(7))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint64) {
		if v, ok := parseMemoryMax(b); !ok && v != 0 || ok && len(b) < 2 {
			t.Errorf("memory.max %q is %d, %v", b, v, ok)
		}
		if v, ok := parseInactiveFile(b); !ok && v != 0 {
			t.Errorf("memory.stat %q is %d", b, v)
		}
		n >>= 1 // what does not fit 64 bits counts as the most that does
		figure := strconv.FormatUint(n, 10) + "\n"
		if v, ok := parseMemoryMax([]byte(figure)); !ok || v != n {
			t.Errorf("memory.max %q is %d, %v", figure, v, ok)
		}
		if v, ok := parseInactiveFile([]byte("anon 3\nactive_file 4\ninactive_file " + figure + "unevictable 5\n")); !ok || v != n {
			t.Errorf("inactive_file %q is %d, %v", figure, v, ok)
		}
	})
}
