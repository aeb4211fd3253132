package units

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write web/src/figure.vectors.json anew")

// vector is one figure and what a screen shows for it. Null is a figure nobody measured.
type vector struct {
	Kind  string   `json:"kind"`
	Value *float64 `json:"value"`
	Text  string   `json:"text"`
}

// amounts are telling for bytes: ends of units, ties of rounding, carries into the next
// unit or digit, changes too small to show.
var amounts = []float64{
	0, 0.3, 0.5, 1, 1.5, 2.5, 12, 812, 999, 999.4, 999.5, 1000, 1004, 1005, 1015, 1125, 1500, 4096, 9994, 9995, 9996, 12250, 12350,
	45_250, 98e3, 99_949, 99_950, 100_500, 101_500, 524_288, 999_499, 999_500, 1e6, 1_125_000, 3_375_000, 9_870_000, 9_994_999,
	10_250_000, 14_200_000, 45_300_000, 80_162_816, 99_940_000, 99_950_000, 99_960_000, 100_500_000, 102_500_000, 300e6, 388_400_000,
	536_870_912, 999_400_000, 999_600_000, 1e9, 1_500_000_000, 3e9, 14_250_000_000, 12_345e6, 999.6e9, 1e12, 1.234e12, 900e12,
}

// numbers are telling for plain figures and shares; those with a fraction of eighths are
// ties, which both sides must round to the even digit.
var numbers = []float64{
	0, 0.004, 0.005, 0.05, 0.125, 0.25, 0.375, 0.5, 0.625, 0.994, 0.995, 1, 1.005, 1.125, 2.25, 3.14159, 9.87, 9.994, 9.995, 10.25, 10.75,
	12.5, 45.25, 61.05, 99.94, 99.95, 99.96, 100, 100.5, 101.5, 812.4, 1234.5, 56789,
}

// lengths are in seconds.
var lengths = []float64{
	0, 0.4, 0.5, 1, 8, 59, 59.5, 60, 61, 250, 3599.4, 3599.5, 3600, 3660, 11100, 86399, 86399.5, 86400, 90000, 1051200, 31536000,
}

func vectors() []vector {
	var all []vector
	add := func(kind string, v float64, text string) {
		// The screens write changes with a minus sign, whoever formats them.
		text = strings.Replace(strings.TrimRight(text, " "), "-", "−", 1)
		all = append(all, vector{kind, &v, text})
	}
	for _, v := range amounts {
		if v == math.Trunc(v) { // an amount is whole, a change need not be
			add("bytes", v, Bytes(v).String())
		}
		add("delta", v, Delta(v))
		add("delta", -v, Delta(-v))
		if v >= 1000 {
			add("megabytes", v, Megabytes(v))
			add("megabytes_delta", -v, MegabytesDelta(-v))
		}
	}
	for _, v := range numbers {
		add("significant", v, Significant(v))
		add("significant", -v, Significant(-v))
		add("percent", v, Percent(v))
	}
	for _, v := range lengths {
		add("duration", v, Duration(time.Duration(v*float64(time.Second))))
	}
	add("duration", -8, Duration(-8*time.Second))
	for _, v := range []float64{0, 1, 2, 12, 1234} {
		add("many", v, Count(int(v), "process", "processes"))
	}
	for _, kind := range []string{"bytes", "delta", "megabytes", "megabytes_delta", "percent", "duration"} {
		all = append(all, vector{kind, nil, Unknown})
	}
	return all
}

// The page formats in TypeScript what the terminal formats here: web/src/figure.test.ts
// reads this file, so that a figure looks the same in both.
func TestVectorsOfThePage(t *testing.T) {
	path := filepath.Join("..", "..", "web", "src", "figure.vectors.json")
	var want bytes.Buffer
	want.WriteString("[\n")
	all := vectors()
	for k, v := range all {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want.Write(line)
		if k < len(all)-1 {
			want.WriteByte(',')
		}
		want.WriteByte('\n')
	}
	want.WriteString("]\n")
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what package units writes now: run go test ./internal/units -run Vectors -update", path)
	}
}
