package units

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBytesAreShownInThreeDigits(t *testing.T) {
	for _, c := range []struct {
		in   Bytes
		want string
	}{
		{0, "0 B"}, {1, "1 B"}, {999, "999 B"}, {1000, "1 KB"}, {1500, "1.5 KB"},
		{9_870_000, "9.87 MB"}, {45_300_000, "45.3 MB"}, {99_960_000, "100 MB"},
		{300 * MB, "300 MB"}, {999_400_000, "999 MB"}, {999_600_000, "1 GB"}, {3 * GB, "3 GB"}, {1234 * GB, "1.23 TB"},
	} {
		if got := c.in.String(); got != c.want {
			t.Errorf("Bytes(%d) = %q, want %q", uint64(c.in), got, c.want)
		}
	}
}

func TestDeltaCarriesItsSign(t *testing.T) {
	for in, want := range map[float64]string{0: "0 B", 0.3: "0 B", -0.3: "0 B", 14.2e6: "+14.2 MB", -3000: "−3 KB"} {
		if got := Delta(in); got != want {
			t.Errorf("Delta(%g) = %q, want %q", in, got, want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for in, want := range map[string]Bytes{"300MB": 300 * MB, " 1.5 gb ": 1500 * MB, "64 MiB": 64 << 20, "4096": 4096, "0": 0, "2k": 2000} {
		if got, err := ParseBytes(in); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "MB", "-3MB", "3 zb", "1.2.3", "1e3", "NaN", "99999999999TB", "3MB extra"} {
		if got, err := ParseBytes(in); err == nil {
			t.Errorf("ParseBytes(%q) = %d, want an error", in, got)
		} else if !strings.Contains(err.Error(), in) {
			t.Errorf("the error %q does not name the value %q", err, in)
		}
	}
}

// What is shown can be read back and is never further off than its last digit.
func TestShownBytesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Bytes(rapid.Uint64Range(0, uint64(900*TB)).Draw(t, "bytes"))
		back, err := ParseBytes(b.String())
		if err != nil {
			t.Fatal(err)
		}
		if off := math.Abs(float64(back) - float64(b)); off > 0.0051*float64(b)+0.5 {
			t.Fatalf("%d is shown as %s, which is %d", b, b, back)
		}
	})
}

func TestDuration(t *testing.T) {
	for in, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", 59500 * time.Millisecond: "1m", 250 * time.Second: "4m 10s",
		3*time.Hour + 5*time.Minute: "3h 5m", 292 * time.Hour: "12d 4h", -8 * time.Second: "−8s",
	} {
		if got := Duration(in); got != want {
			t.Errorf("Duration(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	if got := Percent(12.46); got != "12.5 %" {
		t.Errorf("Percent(12.46) = %q", got)
	}
	if got := Percent(math.NaN()); got != Unknown {
		t.Errorf("Percent(NaN) = %q", got)
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"300MB", "1.5 GB", "", "...", "0x10", "9e99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { _, _ = ParseBytes(s) })
}

func TestMegabytesKeepTheirPoint(t *testing.T) {
	for in, want := range map[float64]string{0: "0.0", 98e3: "0.1", 14e6: "14.0", 99.94e6: "99.9", 99.96e6: "100  ", 388.4e6: "388  ", 12345e6: "12345  "} {
		if got := Megabytes(in); got != want {
			t.Errorf("Megabytes(%g) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[float64]string{0: "0.0", 30e3: "0.0", 14.2e6: "+14.2", -3e6: "−3.0", -388e6: "−388  "} {
		if got := MegabytesDelta(in); got != want {
			t.Errorf("MegabytesDelta(%g) = %q, want %q", in, got, want)
		}
	}
}

func TestCountsAndIntervals(t *testing.T) {
	if got := Count(1, "process", "processes") + ", " + Count(0, "process", "processes"); got != "1 process, 0 processes" {
		t.Error(got)
	}
	if got := Interval(500*time.Millisecond) + ", " + Interval(90*time.Second); got != "500ms, 1m 30s" {
		t.Error(got)
	}
}
