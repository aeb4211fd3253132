package trading

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/fetch"
)

// jsonTypes are what a server of JSON says of its answer.
var jsonTypes = []string{"application/json", "text/json"}

// object is a JSON object of which every field may be missing or of another type.
type object map[string]any

// decoded reads one JSON value. Numbers stay as they are written.
func decoded(body []byte) (any, error) {
	values := 0
	for _, c := range body {
		if c == ',' || c == '[' || c == '{' {
			values++
		}
	}
	if values > maxValues {
		return nil, &fetch.Error{Err: fmt.Errorf("its answer has more than %d values", maxValues), Hint: "ask for less of it, or choose another source"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, &fetch.Error{Err: fmt.Errorf("its answer is no JSON: %w", err), Hint: "see that the URL is that of the API and not of a page"}
	}
	if d.More() {
		return nil, &fetch.Error{Err: errors.New("its answer has something behind its JSON"), Hint: "see that the URL is that of the API"}
	}
	return v, nil
}

// objectOf reads one JSON object.
func objectOf(body []byte) (object, error) {
	v, err := decoded(body)
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, &fetch.Error{Err: errors.New("its answer is no JSON object"), Hint: "see that the URL is that of the API"}
	}
	return o, nil
}

// number reads a number, also one that is written as text; nil where there is none.
func number(v any) *float64 {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = strings.TrimSpace(v)
	case float64:
		return real(v)
	case bool:
		if v {
			return real(1)
		}
		return real(0)
	default:
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return real(f)
}

// mostFigure is the greatest figure that is taken for one.
const mostFigure = 1e18

// real is a figure that can be shown and stored.
func real(v float64) *float64 {
	if math.IsNaN(v) || math.Abs(v) > mostFigure {
		return nil
	}
	return &v
}

func (o object) number(key string) *float64 { return number(o[key]) }

// whole is a count.
func (o object) whole(key string) *uint64 {
	v := o.number(key)
	if v == nil || *v < 0 || *v >= 1<<53 {
		return nil
	}
	n := uint64(math.Round(*v))
	return &n
}

// text is a text as it may be kept; empty where there is none.
func (o object) text(key string) string {
	switch v := o[key].(type) {
	case string:
		return printed(v)
	case json.Number:
		return printed(v.String())
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (o object) object(key string) object {
	v, _ := o[key].(map[string]any)
	return v
}

func (o object) list(key string) []any {
	v, _ := o[key].([]any)
	return v
}

// truth is a yes or no; nil where there is neither.
func (o object) truth(key string) *bool {
	if v, ok := o[key].(bool); ok {
		return &v
	}
	return nil
}

// layouts of times, as APIs write them; those without a zone are UTC.
var layouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"}

// timeOf reads a time: RFC 3339 and its relatives, or seconds, milliseconds, micro- or
// nanoseconds since 1970. Zero where it is none, or none that can be.
func timeOf(v any) time.Time {
	var out time.Time
	if text, ok := v.(string); ok {
		text = strings.Replace(strings.TrimSpace(text), ",", ".", 1)
		for _, layout := range layouts {
			if t, err := time.Parse(layout, text); err == nil {
				out = t
				break
			}
		}
	}
	if out.IsZero() {
		n := number(v)
		if n == nil || *n <= 0 {
			return time.Time{}
		}
		seconds := *n
		for seconds > 1e11 { // the year 5138 in seconds; what is greater counts something smaller
			seconds /= 1000
		}
		whole, part := math.Modf(seconds)
		out = time.Unix(int64(whole), int64(part*1e9))
	}
	if y := out.Year(); y < 1971 || y > 2199 {
		return time.Time{}
	}
	return out.UTC()
}

// durationOf reads "2:33:45", "1 day, 2:33:45" or "4h 23m"; nil where it is none.
func durationOf(text string) *float64 {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	total := 0.0
	if before, after, ok := strings.Cut(text, "day"); ok {
		n, err := strconv.ParseFloat(strings.TrimSpace(before), 64)
		if err != nil {
			return nil
		}
		total = n * 86400
		text = strings.TrimLeft(strings.TrimPrefix(after, "s"), ", ")
		if text == "" {
			return real(total)
		}
	}
	if parts := strings.Split(text, ":"); len(parts) == 3 {
		for i, unit := range []float64{3600, 60, 1} {
			n, err := strconv.ParseFloat(parts[i], 64)
			if err != nil || n < 0 {
				return nil
			}
			total += n * unit
		}
		return real(total)
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || d < 0 {
		return nil
	}
	return real(total + d.Seconds())
}
