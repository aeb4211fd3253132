package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Bounds of one line of JSON, beside those of a file.
const (
	// maxJSONLine is about 260,000 points, two weeks of a sample every five seconds.
	// VictoriaMetrics writes all that a series has into one line unless max_rows_per_line
	// is given; a line of text has to be in memory as a whole, because its times come last.
	maxJSONLine = 6 << 20
)

var firstOfJSONLines = regexp.MustCompile(`^\{\s*"(metric|values|timestamps)"\s*:`)

// isJSONLines reports whether a file begins like an export of series as lines of JSON.
func isJSONLines(start string) bool { return firstOfJSONLines.MatchString(start) }

// readJSONLines reads series as VictoriaMetrics' documentation of /api/v1/export describes
// them, one line a series or a piece of one:
//
//	{"metric":{"__name__":"up","job":"a"},"values":[1,null],"timestamps":[1700000000000,…]}
//
// Times are milliseconds since 1970.
func readJSONLines(src *source, name string, unit unitOf) ([]Series, error) {
	all := map[string]*labelled{}
	var order []*labelled
	points, named := 0, 0
	broken := eachJSONLine(src, func(l *Labelled) error {
		if src.sink != nil {
			return src.sink.Labelled(*l)
		}
		s := &labelled{labels: l.Labels}
		key := l.Labels["__name__"] + s.thing()
		if known := all[key]; known != nil {
			s = known
		} else {
			if named += len(key) + labelOverhead; named > maxNameBytes {
				return tooMuch(l.Line, maxNameBytes, "bytes of labels")
			}
			if len(order) == maxSeries {
				return tooMuch(l.Line, maxSeries, "series")
			}
			all[key] = s
			order = append(order, s)
		}
		if points += len(l.Times); points > maxPoints {
			return tooMuch(l.Line, maxPoints, "points")
		}
		for i, t := range l.Times {
			s.points = append(s.points, Point{float64(t) / 1000, l.Values[i], math.NaN(), math.NaN(), math.NaN()})
		}
		return nil
	})
	if src.sink != nil {
		return nil, broken
	}
	if len(order) == 0 {
		return nil, broken
	}
	for _, s := range order { // pieces of a series may stand in any order
		slices.SortStableFunc(s.points, func(a, b Point) int {
			switch {
			case a.T < b.T:
				return -1
			case a.T > b.T:
				return 1
			}
			return 0
		})
	}
	series, none := seriesOf(order, name, unit)
	if broken == nil {
		broken = none
	}
	return series, broken
}

// eachJSONLine calls take with every line. Lines that are no series are errors of their row.
func eachJSONLine(src *source, take func(*Labelled) error) error {
	var line []byte
	var piece Labelled
	for number := 1; ; number++ {
		var err error
		line, err = jsonLine(src, line[:0])
		atEnd := errors.Is(err, io.EOF)
		if err != nil && !atEnd {
			if errors.Is(err, errLongJSON) {
				return &Error{Line: number, Err: err, Hint: "export it again with max_rows_per_line=10000"}
			}
			return src.broken(number)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			err := piece.parse(line)
			if err != nil {
				err = brokenLine(number, "", err)
			} else {
				piece.Line = number
				err = take(&piece)
			}
			if err != nil && !src.skips(err) {
				return err
			}
		}
		if atEnd {
			return nil
		}
	}
}

var errLongJSON = fmt.Errorf("the line is longer than %d bytes", maxJSONLine)

// jsonLine appends the next line to line; io.EOF comes with the last.
func jsonLine(src *source, line []byte) ([]byte, error) {
	for {
		src.mark()
		part, err := src.text.ReadSlice('\n')
		if len(line)+len(part) > maxJSONLine {
			return line, errLongJSON
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF) && src.failed == nil:
			return line, io.EOF
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			if src.failed == nil {
				src.failed = err
			}
			return line, err
		}
	}
}

// parse reads one line. Slices of the line before are used again.
func (l *Labelled) parse(line []byte) error {
	text := struct {
		Metric     map[string]string `json:"metric"`
		Values     figures           `json:"values"`
		Timestamps moments           `json:"timestamps"`
	}{nil, l.Values[:0], l.Times[:0]}
	if err := json.Unmarshal(line, &text); err != nil {
		var wrongType *json.UnmarshalTypeError
		var own *valueError
		switch {
		case errors.As(err, &own):
			return own
		case errors.As(err, &wrongType):
			return fmt.Errorf("%s: a %s stands where text should", printable(wrongType.Field), wrongType.Value)
		}
		return fmt.Errorf("it is no line of JSON: %s", printable(err.Error()))
	}
	l.Labels, l.Values, l.Times = text.Metric, text.Values, text.Timestamps
	switch {
	case len(l.Labels) == 0:
		return errors.New(`it names no series: "metric" is missing or empty`)
	case len(l.Values) != len(l.Times):
		return fmt.Errorf("%d values have %d timestamps", len(l.Values), len(l.Times))
	}
	return nil
}

// valueError is a value of a list that is none.
type valueError struct {
	list string
	n    int
	text string
}

func (e *valueError) Error() string {
	return fmt.Sprintf("%s: value %d, %s, is no number", e.list, e.n, quoted(e.text))
}

// figures are the values of a line: numbers, null for none, and the words for what JSON
// has no number for.
type figures []float64

func (f *figures) UnmarshalJSON(text []byte) error {
	return eachValue("values", text, func(value string) bool {
		v, ok := figure(value, false)
		*f = append(*f, v)
		return ok
	})
}

// moments are the times of a line.
type moments []int64

func (m *moments) UnmarshalJSON(text []byte) error {
	return eachValue("timestamps", text, func(value string) bool {
		t, err := strconv.ParseInt(value, 10, 64)
		if err != nil { // 1.7e12
			v, wrong := strconv.ParseFloat(value, 64)
			if wrong != nil || v != math.Trunc(v) || math.Abs(v) > maxSeconds*1000 {
				return false
			}
			t = int64(v)
		}
		*m = append(*m, t)
		return math.Abs(float64(t)) <= maxSeconds*1000
	})
}

// eachValue calls take for every value of a list of numbers and words. text is valid JSON.
func eachValue(list string, text []byte, take func(string) bool) error {
	if len(text) == 0 || text[0] != '[' {
		return &valueError{list, 1, string(text[:min(len(text), 2*maxQuotedBytes)])}
	}
	text = bytes.TrimSpace(text[1 : len(text)-1])
	for n := 1; len(text) > 0; n++ {
		var value []byte
		switch i := bytes.IndexByte(text, ','); {
		case i < 0:
			value, text = text, nil
		default:
			value, text = text[:i], text[i+1:]
		}
		value = bytes.TrimSpace(value)
		word := string(value)
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			word = string(value[1 : len(value)-1])
		}
		if !take(word) {
			return &valueError{list, n, word[:min(len(word), 2*maxQuotedBytes)]}
		}
	}
	return nil
}
