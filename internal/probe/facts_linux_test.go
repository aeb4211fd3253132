package probe

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/process"
)

func TestCmdlineIsHarmlessAndShort(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"\x00\x00", nil},
		{"python3\x00app.py\x00", []string{"python3", "app.py"}},
		{"python3\x00\x00app.py\x00", []string{"python3", "", "app.py"}},
		{"nginx: worker process", []string{"nginx: worker process"}},
		{"evil\x1b[31m\x00new\nline\x00\xff\xfe\x00\u202eabc\x00", []string{"evil?[31m", "new?line", "??", "?abc"}},
	} {
		if got := parseCmdline([]byte(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("parseCmdline(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestHugeCmdlineStaysBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("x", 2<<20), strings.Repeat("arg\x00", 500_000), strings.Repeat("ü", 1<<20), strings.Repeat(strings.Repeat("y", 900)+"\x00", 2000),
	} {
		args := parseCmdline([]byte(text))
		total := 0
		for _, a := range args {
			total += len(a)
			if len(a) > process.MaxArgBytes || !utf8.ValidString(a) {
				t.Errorf("an argument of %d bytes, valid: %v", len(a), utf8.ValidString(a))
			}
		}
		if len(args) > process.MaxArgs || total > process.MaxCmdlineBytes+process.MaxArgBytes {
			t.Errorf("%d bytes of command line became %d arguments of %d bytes", len(text), len(args), total)
		}
		if !strings.HasSuffix(args[len(args)-1], "…") {
			t.Errorf("the cut is not marked: …%q", args[len(args)-1][max(0, len(args[len(args)-1])-10):])
		}
	}
}

func TestCgroupPicksTheTellingPath(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"0::/\n":                           "",
		"0::/system.slice/nginx.service\n": "/system.slice/nginx.service",
		"1:name=systemd:/a.service\n0::/b.service\n":                      "/b.service",
		"9:name=systemd:/\n4:memory:/docker/4f\n3:cpu,cpuacct:/x\n0::/\n": "/docker/4f",
		"3:cpu,cpuacct:/only\n":                                           "/only",
		"nonsense\n1\n::\n0:::/odd:path\n":                                ":/odd:path",
		"0::/evil\x1b[2J\n":                                               "/evil?[2J",
	} {
		if got := parseCgroup([]byte(in)); got != want {
			t.Errorf("parseCgroup(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestListeningSocketsComeFirst(t *testing.T) {
	text := `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2135 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0
   2: 0100007F:2135 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0
   3: 0100007F:2136 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1 0
`
	all := make(map[uint64]uint16)
	if parseListening([]byte(text[:len(text)/3]), all) {
		t.Error("the end of the listening sockets was met before it came")
	}
	if !parseListening([]byte(text), all) {
		t.Error("the end of the listening sockets was not met")
	}
	if len(all) != 2 || all[4711] != 8501 || all[4712] != 8080 {
		t.Errorf("read %v, want 4711 on 8501 and 4712 on 8080", all)
	}
}

// The table of sockets spans many readings of a page each. A short one is not the last: the
// buffer may have had no more room.
func TestEveryListeningSocketIsRead(t *testing.T) {
	const many = 300
	want := make(map[uint16]bool)
	for range many {
		l, port := listen(t)
		defer l.Close() //nolint:errcheck // the test is over
		want[uint16(port)] = true
	}
	files, err := openProcfiles(DefaultRoot)
	if err != nil {
		t.Fatal(err)
	}
	defer files.close() //nolint:errcheck // only read
	all := make(map[uint64]uint16)
	if err := files.readListening(int32(os.Getpid()), "net/tcp", all); err != nil {
		t.Fatal(err)
	}
	for _, port := range all {
		delete(want, port)
	}
	if len(want) > 0 {
		t.Errorf("%d of %d listening sockets were not read", len(want), many)
	}
}

func FuzzParseCmdline(f *testing.F) {
	f.Add([]byte("python3\x00app.py\x00"))
	f.Add([]byte{0, 0xff, 0x1b})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range parseCmdline(b) {
			if !utf8.ValidString(a) || strings.ContainsAny(a, "\x00\x1b\n\r") {
				t.Errorf("%q came through", a)
			}
		}
	})
}

func FuzzParseCgroup(f *testing.F) {
	f.Add([]byte("0::/system.slice/nginx.service\n1:name=systemd:/x\n"))
	f.Fuzz(func(t *testing.T, b []byte) { parseCgroup(b) })
}

func FuzzParseListening(f *testing.F) {
	f.Add([]byte("h\n 0: 0100007F:2135 0:0 0A 0 0 0 0 0 4711\n"))
	f.Fuzz(func(t *testing.T, b []byte) { parseListening(b, make(map[uint64]uint16)) })
}

func FuzzEachName(f *testing.F) {
	f.Add(make([]byte, 64))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 4, '1', '2', 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		eachName(b, func(name []byte) {
			if len(name) == 0 {
				t.Error("an empty name")
			}
		})
	})
}
