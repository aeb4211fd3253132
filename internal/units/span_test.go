package units

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const day = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "5m": 5 * time.Minute, "36h": 36 * time.Hour, "7d": 7 * day, "4w": 28 * day, "1y": 365 * day,
		"0s": 0, "250ms": 250 * time.Millisecond, "1.5h": 90 * time.Minute, " 7 D ": 7 * day, "1d 12h": 36 * time.Hour,
		"4m10s": 250 * time.Second, "1y 2w 3d 4h 5m 6s 7ms": 382*day + 4*time.Hour + 5*time.Minute + 6*time.Second + 7*time.Millisecond,
		"9223372036s": 9223372036 * time.Second, "106751d": 106751 * day,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", " ", "5", "d", "-5s", "+5s", "5s 1m", "5s5s", "1mo", "1h30", "1..5h", ".", "1e3s", "NaN", "inf", "5 s x", "5µs", "7d,12h"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, got)
		} else if !strings.Contains(err.Error(), `"`+in+`" is no span of time`) {
			t.Errorf("the error %q does not name the value %q", err, in)
		}
	}
	for _, in := range []string{"293y", "9223372037s", strings.Repeat("9", 400) + "d"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%.20q) = %v, want an error: it does not fit", in, got)
		}
	}
}

// What is shown can be read back and is off by less than the last unit that is shown.
func TestShownDurationsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(1000*day)).Draw(t, "nanoseconds"))
		back, err := ParseDuration(Duration(d))
		if err != nil {
			t.Fatal(err)
		}
		within := time.Second
		switch {
		case d >= day:
			within = time.Hour
		case d >= time.Hour:
			within = time.Minute
		}
		if off := (d - back).Abs(); off > within {
			t.Fatalf("%v is shown as %s, which is %v", d, Duration(d), back)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"90s", "1d 12h", "", "...", "1.5.5h", "99999999999y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil && d < 0 {
			t.Errorf("%q is %v", s, d)
		}
	})
}
