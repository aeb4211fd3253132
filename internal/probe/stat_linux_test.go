package probe

import (
	"strings"
	"testing"
)

// line makes a stat line with this name; its other figures are easy to recognise.
func line(comm string) string {
	return "812 (" + comm + ") S 7 812 812 0 -1 4194304 100 200 3 4 50 60 70 80 20 0 5 0 123456 99000000 250 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n"
}

func TestNamesCannotForgeFields(t *testing.T) {
	for _, comm := range []string{"sleep", "tmux: server", "a) S 1 (b", "((()", ")", "", "line\nend", "\xff\xfe", "x) Z 1 1 1 1 1 1 1 1"} {
		var s stat
		if !parseStat([]byte(line(comm)), &s) {
			t.Errorf("name %q: the line was not understood", comm)
			continue
		}
		if string(s.comm) != comm || s.state != 'S' || s.parent != 7 || s.start != 123456 || s.cpuTicks != 110 || s.minFaults != 100 || s.majFaults != 3 {
			t.Errorf("name %q: read %+v", comm, s)
		}
	}
}

func TestTornStatIsRefused(t *testing.T) {
	whole := line("app.py")
	for cut := range strings.Index(whole, "123456") + 1 {
		var s stat
		if parseStat([]byte(whole[:cut]), &s) {
			t.Errorf("a line cut to %q was taken for whole", whole[:cut])
		}
	}
}

func TestStatusOfThreeKindsOfTasks(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       map[string]uint64
		uid        int64
	}{
		{"process", "Name:\tapp\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t812\nPPid:\t7\nUid:\t1000\t1000\t1000\t1000\nGroups:\t4 24\nVmPeak:\t  9000 kB\nVmSize:\t  8000 kB\nVmHWM:\t  5000 kB\nVmRSS:\t  4000 kB\nRssAnon:\t  3000 kB\nRssFile:\t   900 kB\nRssShmem:\t   100 kB\nVmSwap:\t    24 kB\nThreads:\t5\nSigQ:\t0/1\n",
			map[string]uint64{"virtual_bytes": 8000 << 10, "peak_rss_bytes": 5000 << 10, "rss_bytes": 4000 << 10, "anon_bytes": 3000 << 10, "file_bytes": 900 << 10, "shmem_bytes": 100 << 10, "swap_bytes": 24 << 10, "threads": 5, "private_bytes": 3024 << 10}, 1000},
		{"zombie", "Name:\tgone\nState:\tZ (zombie)\nPPid:\t7\nUid:\t0\t0\t0\t0\nThreads:\t1\n",
			map[string]uint64{"threads": 1}, 0},
		{"kernel without swap", "Name:\tapp\nPPid:\t1\nUid:\t5\t5\t5\t5\nVmRSS:\t40 kB\nRssAnon:\t30 kB\nThreads:\t1\n",
			map[string]uint64{"rss_bytes": 40 << 10, "anon_bytes": 30 << 10, "private_bytes": 30 << 10, "threads": 1}, 5},
	} {
		var s status
		if !parseStatus([]byte(c.text), &s) {
			t.Errorf("%s: not understood", c.name)
			continue
		}
		got := figuresOf(&s)
		for key, want := range c.want {
			if v, ok := got[key]; !ok || v != want {
				t.Errorf("%s: %s is %d (%v), want %d", c.name, key, v, ok, want)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v: what is absent must stay absent", c.name, got, c.want)
		}
		if s.uid != c.uid {
			t.Errorf("%s: uid %d, want %d", c.name, s.uid, c.uid)
		}
	}
}

func TestTornStatusIsRefused(t *testing.T) {
	for _, text := range []string{"", "Name:\tapp\nVmRSS:\t40 kB\n", "VmRSS:\t40 kB\nThreads:\t1\n", "Name:\tapp\nThreads:\t1"} {
		var s status
		if parseStatus([]byte(text), &s) {
			t.Errorf("%q was taken for a whole file", text)
		}
	}
}

func TestDigitsSaturate(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "18446744073709551615": 1<<64 - 1, "99999999999999999999999": 1<<64 - 1, "12x": 12} {
		if got, _ := digits([]byte(text)); got != want {
			t.Errorf("digits(%q) = %d, want %d", text, got, want)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	for _, comm := range []string{"sleep", "a) S 1 (b", ""} {
		f.Add([]byte(line(comm)))
	}
	f.Add([]byte("1 (a) S"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s stat
		if parseStat(b, &s) && len(s.comm) > len(b) {
			t.Error("the name is longer than the line")
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte("Name:\tapp\nPPid:\t7\nUid:\t0\t0\nVmRSS:\t40 kB\nRssAnon:\t30 kB\nThreads:\t1\n"))
	f.Add([]byte("Name:\t\nThreads:\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s status
		parseStatus(b, &s)
	})
}
