package api

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// Figures of a comparison have these units.
const (
	unitBytes        = "bytes"
	unitBytesPerHour = "bytes_per_hour"
	unitPercent      = "percent"
	unitPerHour      = "per_hour"
)

// markdown is a comparison as people put it into a report or a ticket.
func markdown(c *wire.Comparison) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s: before and after\n\n| | before | after |\n| --- | --- | --- |\n", plain(c.Service))
	line := func(title string, of func(*wire.ComparedStretch) string) {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", title, of(&c.Before), of(&c.After))
	}
	line("from", func(x *wire.ComparedStretch) string { return x.From.UTC().Format(time.RFC3339) })
	line("to", func(x *wire.ComparedStretch) string { return x.To.UTC().Format(time.RFC3339) })
	line("of", func(x *wire.ComparedStretch) string {
		if x.PID == 0 {
			return "all processes"
		}
		return "process " + strconv.Itoa(int(x.PID))
	})
	line("samples", func(x *wire.ComparedStretch) string { return strconv.FormatUint(x.Samples, 10) })
	line("verdict", func(x *wire.ComparedStretch) string {
		if x.Verdict == nil {
			return units.Unknown
		}
		return plain(x.Verdict.Sentence)
	})
	out.WriteString("\n| figure | before | after | change | change in % |\n| --- | ---: | ---: | ---: | ---: |\n")
	for i := range c.Rows {
		x := &c.Rows[i]
		share := units.Unknown
		if x.ChangePercent != nil {
			share = signed(*x.ChangePercent) + " %"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", plain(x.Title), inUnit(x.Before, x.Unit, false), inUnit(x.After, x.Unit, false), inUnit(x.Change, x.Unit, true), share)
	}
	if c.Verdict != nil {
		fmt.Fprintf(&out, "\n%s\n", plain(c.Verdict.Sentence))
	}
	for i, caveat := range c.Caveats {
		if i == 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "- %s\n", plain(caveat))
	}
	return out.Bytes()
}

// inUnit is a figure as people read it.
func inUnit(v *float64, unit string, change bool) string {
	if v == nil || math.IsNaN(*v) {
		return units.Unknown
	}
	number := units.Significant
	if change {
		number = signed
	}
	switch unit {
	case unitBytes, unitBytesPerHour:
		text := units.Delta(*v)
		if !change {
			text = strings.TrimPrefix(text, "+")
		}
		if unit == unitBytesPerHour {
			text += "/h"
		}
		return text
	case unitPercent:
		return number(*v) + " %"
	case unitPerHour:
		return number(*v) + "/h"
	}
	return number(*v)
}

// signed is a change in three digits.
func signed(v float64) string {
	switch text := units.Significant(math.Abs(v)); {
	case text == "0":
		return text
	case v < 0:
		return "−" + text
	default:
		return "+" + text
	}
}

// plain keeps foreign text from being read as Markdown or HTML. A line end would end a
// row of a table, and no other character below a space has a place in one.
func plain(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || r == 0x7f:
			out.WriteByte(' ')
			continue
		case strings.ContainsRune("\\`*_{}[]<>#|~!&", r):
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// spreadsheet is a comparison as a spreadsheet reads it: plain numbers, unknown ones empty.
func spreadsheet(c *wire.Comparison) []byte {
	var out bytes.Buffer
	rows := csv.NewWriter(&out)
	// What goes wrong in writing to memory is a mistake in the row, and these have none.
	write := func(cells ...string) { _ = rows.Write(cells) }
	number := func(v *float64) string {
		if v == nil || math.IsNaN(*v) {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	write("service", "metric", "unit", "before", "after", "change", "change_percent")
	for i := range c.Rows {
		x := &c.Rows[i]
		write(inert(c.Service), x.Metric, x.Unit, number(x.Before), number(x.After), number(x.Change), number(x.ChangePercent))
	}
	rows.Flush()
	return out.Bytes()
}

// inert keeps a spreadsheet from running a name as a formula: names come from processes,
// and anybody may name a process "=cmd|…". A leading apostrophe means text to all of them.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// fileName is what of a name can stand in that of a file on any system.
func fileName(text string) string {
	const most = 60
	var out strings.Builder
	for _, r := range text {
		switch {
		case out.Len() == most:
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_':
			out.WriteRune(r)
		default:
			out.WriteByte('-')
		}
	}
	return cmp.Or(strings.Trim(out.String(), "-"), "service")
}
