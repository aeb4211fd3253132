package trace

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// isPsrecord reports whether a file begins like a log of psrecord.
func isPsrecord(start string) bool {
	first, _, _ := strings.Cut(start, "\n")
	return strings.HasPrefix(first, "#") && strings.Contains(first, "Elapsed time") && strings.Contains(first, "Real (MB)")
}

// titles of psrecord's columns, of all its versions. They contain blanks, so that they
// have to be known to be told apart.
var titles = []string{
	"Elapsed time", "CPU (%)", "Real (MB)", "Virtual (MB)", "Swap (MB)", "USS (MB)",
	"Read count", "Write count", "Read bytes", "Write bytes", "Dir size (MB)",
}

// readPsrecord reads the log of psrecord: seconds since its start, percent of one core
// since the row before, and sizes whose MB are MiB. The integral of the percentages is
// Work. Virtual memory says nothing about memory used, and is left out.
func readPsrecord(src *source, name string) ([]Series, error) {
	lines := newLines(src)
	r := newRecord(src, name)
	var x *life
	var columns []string
	var kinds []int // places of the metrics
	err := lines.each(func(line int, text string) error {
		if strings.HasPrefix(text, "#") {
			if columns != nil {
				return brokenLine(line, "", errors.New("a second recording begins here"))
			}
			columns = psrecordTitles(text)
			for i, title := range columns {
				switch title {
				case "Real (MB)":
					r.metrics, kinds = append(r.metrics, seriesKind{name: "rss", unit: "bytes"}), append(kinds, i)
				case "USS (MB)":
					r.metrics, kinds = append(r.metrics, seriesKind{name: "uss", unit: "bytes", resident: true}), append(kinds, i)
				}
			}
			if len(columns) < 3 || columns[0] != titles[0] || columns[1] != titles[1] {
				return brokenLine(line, "", fmt.Errorf("%s is no header of psrecord", quoted(text)))
			}
			return nil
		}
		fields := strings.Fields(text)
		if len(fields) != len(columns) {
			return brokenLine(line, "", fmt.Errorf("the row has %d columns, the header %d", len(fields), len(columns)))
		}
		figures := make([]float64, len(fields))
		for i, field := range fields {
			v, ok := figure(field, false)
			if !ok || i == 0 && (math.IsNaN(v) || math.Abs(v) > maxSeconds) {
				return brokenLine(line, fmt.Sprintf("%s (%d)", printable(columns[i]), i+1), fmt.Errorf("%s is no number", quoted(field)))
			}
			figures[i] = v
		}
		if r.points+len(kinds) > maxPoints {
			return tooMuch(line, maxPoints, "points")
		}
		at := figures[0]
		if x == nil {
			var err error
			if x, err = r.begin(line, "", "", "", "", at); err != nil {
				return err
			}
		}
		work := x.counter.integrate(at, figures[1])
		m := moment{at: at, work: work, faults: math.NaN(), rss: math.NaN(), figures: figures[:0]}
		for k, i := range kinds {
			v := finite(figures[i] * mibUnit.factor)
			if r.metrics[k].name == "rss" {
				m.rss = v
			}
			m.figures = append(m.figures, v)
		}
		r.line = line
		return r.add(x, m)
	})
	return r.finish(err)
}

// psrecordTitles splits a header into the titles it is made of.
func psrecordTitles(text string) []string {
	var out []string
	for rest := strings.TrimLeft(text, "# \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		title := ""
		for _, known := range titles {
			if strings.HasPrefix(rest, known) {
				title = known
			}
		}
		if title == "" { // of a version to come: two blanks end it
			title, _, _ = strings.Cut(rest, "  ")
		}
		if len(out) == maxColumns {
			return nil
		}
		out = append(out, title)
		rest = rest[len(title):]
	}
	return out
}
