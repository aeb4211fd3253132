package probe

import (
	"fmt"
	"testing"
)

func TestNumbersOfTwoDecimals(t *testing.T) {
	for _, c := range []struct {
		text string
		want uint64
		ok   bool
	}{
		{"0.20 0.18 0.12 1/80 11206\n", 20, true},
		{"127.05 99.00 80.10 5/2000 7\n", 12705, true},
		{"350735.47 234388.90\n", 35073547, true},
		{"0.20", 0, false}, // cut off: what follows may be a digit
		{"0.2 0.1\n", 0, false},
		{"0.200 0.1\n", 0, false},
		{"20 0.1\n", 0, false},
		{".20 \n", 0, false},
		{"-1.00 \n", 0, false},
		{"184467440737095516150.00 \n", 0, false},
		{"", 0, false},
	} {
		if got, ok := parseHundredths([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestOnlineProcessors(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
		ok   bool
	}{
		{"0\n", 1, true},
		{"0-1\n", 2, true},
		{"0-3,8-11,16\n", 9, true},
		{"0-8191\n", 8192, true},
		{"\n", 0, false},
		{"", 0, false},
		{"3-1\n", 0, false},
		{"0-\n", 0, false},
		{"0-3 \n", 0, false},
		{"0,,1\n", 0, false},
		{"0-18446744073709551615\n", 0, false},
	} {
		if got, ok := parseCPUs([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseHundredths(f *testing.F) {
	f.Add(uint64(0), uint64(20), []byte(" 0.18\n"))
	f.Add(uint64(350735), uint64(47), []byte(" 234388.90\n"))
	f.Add(^uint64(0), uint64(99), []byte(" "))
	f.Fuzz(func(t *testing.T, whole, part uint64, rest []byte) {
		parseHundredths(rest) // whatever comes, it must not panic
		part %= 100
		whole %= 1 << 50
		if len(rest) == 0 || rest[0]-'0' <= 9 {
			rest = []byte{' '}
		}
		text := append(fmt.Appendf(nil, "%d.%02d", whole, part), rest...)
		if got, ok := parseHundredths(text); !ok || got != whole*100+part {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	})
}

func FuzzParseCPUs(f *testing.F) {
	f.Add([]byte("0-3,8-11\n"))
	f.Add([]byte("0-1048577\n"))
	f.Add([]byte("0-1048575,0-1048575,0-1048575\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, ok := parseCPUs(b); ok != (n > 0) || n > 1<<20 {
			t.Errorf("%q: %d, %v", b, n, ok)
		}
	})
}
