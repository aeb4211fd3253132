package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/zol0/zol0/internal/store"
)

// MaxLine is how many points a line of an export has at most: a line of about 250 KB, which
// every reader takes. A longer series has several lines.
const MaxLine = 10_000

// JSONLines writes the selected series as VictoriaMetrics' /api/v1/import takes them: lines
// of {"metric":{…},"values":[…],"timestamps":[…]}, with times in milliseconds since 1970,
// in order of time within a series. Of what was thinned to minutes or hours it has the
// last sample of each, at the end of that.
func JSONLines(ctx context.Context, s *store.Store, sel Selection, w io.Writer) (Exported, error) {
	var done Exported
	out := output{Writer: w}
	var l line
	err := sel.owners(ctx, s, func(o *store.Owner) error {
		for _, x := range sel.series(o) {
			before := done.Points
			l.begin(x.name, o.Labels)
			err := s.Points(ctx, x.series, max(sel.From, o.First), min(sel.To, o.Last), func(p store.Point) bool {
				l.add(p)
				done.Points++
				if l.n == MaxLine {
					out.write(l.end())
				}
				return out.err == nil
			})
			if err != nil {
				return err
			}
			if l.n > 0 {
				out.write(l.end())
			}
			if out.err != nil {
				return written(out.err)
			}
			if done.Points > before {
				done.Series++
			}
		}
		return nil
	})
	return done, err
}

// line is one line of JSON while it is made.
type line struct {
	metric, values, times []byte
	out                   []byte
	n                     int
}

// begin starts the lines of a series.
func (l *line) begin(name string, labels store.Labels) {
	l.metric = append(l.metric[:0], `{"metric":{"__name__":`...)
	l.metric = append(l.metric, quoted(name)...)
	for _, x := range labels {
		if x.Name == "__name__" {
			continue
		}
		l.metric = append(append(l.metric, ','), quoted(x.Name)...)
		l.metric = append(append(l.metric, ':'), quoted(x.Value)...)
	}
	l.metric = append(l.metric, `},"values":[`...)
	l.values, l.times, l.n = l.values[:0], l.times[:0], 0
}

func (l *line) add(p store.Point) {
	if l.n > 0 {
		l.values, l.times = append(l.values, ','), append(l.times, ',')
	}
	format := byte('f') // as encoding/json has it: 6316032, and 1e-9
	if v := math.Abs(p.Value); v != 0 && (v < 1e-6 || v >= 1e21) {
		format = 'e'
	}
	l.values = strconv.AppendFloat(l.values, p.Value, format, -1, 64)
	l.times = strconv.AppendInt(l.times, p.T, 10)
	l.n++
}

// end is the line, valid until the next one ends.
func (l *line) end() []byte {
	l.out = append(append(l.out[:0], l.metric...), l.values...)
	l.out = append(append(append(l.out, `],"timestamps":[`...), l.times...), "]}\n"...)
	l.values, l.times, l.n = l.values[:0], l.times[:0], 0
	return l.out
}

// quoted is text as JSON. Control characters are escaped there, so that hostile labels are
// harmless on a terminal but for those that JSON leaves as they are.
func quoted(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic("BUG: text is no JSON: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
