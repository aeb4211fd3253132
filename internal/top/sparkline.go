package top

import (
	"math"
	"strings"
)

// blocks are the heights of a cell.
const blocks = "▁▂▃▄▅▆▇█"

// The height stands for this share of the largest value and for these bytes at least. With
// eight heights a step is then 1 % of the value or more, so that noise below 1 % stays a
// flat line, while growth by 8 % or more fills the height. A megabyte is what an allocator
// moves for nothing: without it the pages of a shell would look like a mountain.
const (
	minSwing      = 0.08
	minSwingBytes = 1e6
)

// sparkline draws one cell per amount of memory, from the least of them up. NaN is a blank.
func sparkline(values []float64) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	heights := []rune(blocks)
	swing := max(high-low, minSwing*high, minSwingBytes)
	var out strings.Builder
	for _, v := range values {
		if math.IsNaN(v) {
			out.WriteByte(' ')
			continue
		}
		step := int((v - low) / swing * float64(len(heights)))
		out.WriteRune(heights[min(len(heights)-1, step)])
	}
	return out.String()
}
