package top

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

func TestMegabytes(t *testing.T) {
	for _, c := range []struct {
		bytes  float64
		amount string
		change string
	}{
		{0, "0", "0"},
		{1, "0", "0"},
		{-1, "0", "0"},
		{4096, "0", "0"},
		{9_870_000, "9.87", "+9.87"},
		{45_300_000, "45.3", "+45.3"},
		{45_000_000, "45", "+45"},
		{388_400_000, "388", "+388"},
		{999_400_000, "999", "+999"},
		{999_600_000, "1000", "+1000"},
		{1_234_000_000, "1230", "+1230"},
		{12_345_000_000, "12300", "+12300"},
		{-3_140_000, "−3.14", "−3.14"},
		{-1_235_000_000, "−1240", "−1240"},
	} {
		if got := megabytes(c.bytes); got != c.amount {
			t.Errorf("%g bytes are %q, want %q", c.bytes, got, c.amount)
		}
		if got := change(c.bytes); got != c.change {
			t.Errorf("a change of %g bytes is %q, want %q", c.bytes, got, c.change)
		}
	}
}

// TestFiguresAreThoseOfEveryScreen: the digits are the ones that units shows elsewhere.
func TestFiguresAreThoseOfEveryScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(1e6, 9.99e8).Draw(t, "bytes")
		if got, want := megabytes(v)+" MB", units.Bytes(v).String(); got != want {
			t.Fatalf("%g bytes are %q here and %q elsewhere", v, got, want)
		}
	})
}

func TestNumbersAlignAtThePoint(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"388", 10, "    388   "},
		{"45.3", 10, "     45.3 "},
		{"9.87", 10, "      9.87"},
		{"–", 10, "      –   "},
		{"+14.2", 9, "   +14.2 "},
		{"−3.14", 9, "    −3.14"},
		{"1230000", 8, " 1230000"}, // no room to align
		{"45.3", 6, "  45.3"},
		{"388", 6, "   388"},
	} {
		if got := alignDecimal(c.text, c.width); got != c.want {
			t.Errorf("%q in %d cells is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestCells(t *testing.T) {
	nan := math.NaN()
	absent, some := figure{}, figure{value: 45.3e6, known: true, partial: true}
	for _, c := range []struct {
		what, got, want string
	}{
		{"an absent amount", amountCell(absent, 6), "     –"},
		{"a partial amount", amountCell(some, 10), "    ≥45.3 "},
		{"an amount too wide", amountCell(figure{value: 1.23e15, known: true}, 6), "1230000G"},
		{"an amount in another unit", amountCell(figure{value: 1.41e12, known: true}, 6), " 1410G"},
		{"an unknown change", changeCell(5, false, 6), "     –"},
		{"no change", changeCell(0, true, 6), "     0"},
		{"a change in another unit", changeCell(-176e9, true, 6), " −176G"},
		{"an absent number", numberCell(absent), "–"},
		{"a partial number", numberCell(figure{value: 8, known: true, partial: true}), "≥8"},
		{"unknown CPU", percentCell(nan), "–"},
		{"CPU", percentCell(12.46), "12.5"},
		{"no interval", strings.TrimSpace(intervalCell(noVerdict().rate, 14)), "–"},
		{"an interval", intervalCell(leak.Interval{Value: 14.2e6, Low: 13.1e6, High: 15.3e6}, 14), " 13.1 to 15.3"},
		{"an interval around nothing", intervalCell(leak.Interval{Value: 0, Low: -0.2e6, High: 0.31e6}, 14), " −0.2 to 0.31"},
		{"an interval in another unit", intervalCell(leak.Interval{Value: 17e9, Low: 16.4e9, High: 17.6e9}, 13), "16.4 to 17.6G"},
		{"a rate", rateWords(leak.Interval{Value: 14.2e6, Low: 13.1e6, High: 15.3e6}, memory.Private), "+14.2 MB/h (13.1 to 15.3)"},
		{"a large rate", rateWords(leak.Interval{Value: 1.24e9, Low: 0.9e9, High: 1.5e9}, memory.Private), "+1.24 GB/h (0.9 to 1.5)"},
		{"a falling rate", rateWords(leak.Interval{Value: -2e6, Low: -3e6, High: -1e6}, memory.Private), "−2 MB/h (−3 to −1)"},
		{"a rate of things", rateWords(leak.Interval{Value: 120, Low: 110, High: 131}, memory.FDs), "+120/h (110 to 131)"},
		{"a rate without a bound", rateWords(leak.Interval{Value: 2e6, Low: 1e6, High: math.Inf(1)}, memory.Private), "+2 MB/h"},
		{"an interval without a bound", strings.TrimSpace(intervalCell(leak.Interval{Value: 2e6, Low: 1e6, High: math.Inf(1)}, 14)), "–"},
		{"seconds", spanWord(80 * time.Second), "80s"},
		{"minutes", spanWord(119 * time.Minute), "119m"},
		{"hours", spanWord(47*time.Hour + 59*time.Minute), "47h"},
		{"days", spanWord(60 * time.Hour), "2d"},
		{"half a second", units.Interval(500 * time.Millisecond), "500ms"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

// TestPadIsExact holds for names that are anything at all.
func TestPadIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("aé日本–▁🙂👨‍👩‍👧e\u0301ｱ"))).Draw(t, "text")
		width := rapid.IntRange(1, 50).Draw(t, "width")
		if got := ansi.StringWidth(pad(text, width, rapid.Bool().Draw(t, "right"))); got != width {
			t.Fatalf("%q is padded to %d cells, not %d", text, got, width)
		}
	})
}
