package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// readPrometheus reads an answer of /api/v1/query_range, as Prometheus' documentation of
// its HTTP API describes it, value by value: an answer has no line ends.
func readPrometheus(src *source, name string, unit unitOf) ([]Series, error) {
	a := &answer{src: src, json: json.NewDecoder(src)}
	err := a.object(a.top)
	if err == nil {
		_, after := a.json.Token()
		if src.failed != nil {
			err = a.failure(after)
		} else if !errors.Is(after, io.EOF) {
			err = a.wrong("something follows the answer", "save one answer in a file")
		}
	}
	if refused := a.refusal(err == nil); refused != nil {
		return nil, refused
	}
	if src.sink != nil {
		return nil, err
	}
	series, none := seriesOf(a.matrix, name, unit)
	if err == nil {
		err = none
	}
	return series, err
}

// answer is an answer of Prometheus while it is read.
type answer struct {
	src    *source
	json   *json.Decoder
	status string
	kind   string // resultType
	reason string // error, and errorType before it
	matrix []*labelled
	points int
	named  int // bytes of labels that are kept
}

// labelOverhead is about what a map and two strings take beside the text.
const labelOverhead = 64

// labelled is one series of the matrix.
type labelled struct {
	labels map[string]string
	points []Point
	native bool // has native histograms, which are no figures
}

// refusal is the error of an answer that holds no matrix: what it says itself tells more
// than the place where its JSON breaks. Nil where there is something to read.
func (a *answer) refusal(whole bool) error {
	native := 0
	for _, s := range a.matrix {
		if s.native {
			native++
		}
	}
	switch {
	case a.status == "error":
		return &Error{Err: fmt.Errorf("Prometheus refused the query: %s", printable(a.reason)), Hint: "correct the query and save its answer again"} //nolint:staticcheck // a name
	case a.kind == "vector" || a.kind == "scalar":
		return &Error{Err: fmt.Errorf("the answer is of type %s: one moment, in which nothing can grow", a.kind), Hint: "ask /api/v1/query_range with start, end and step instead of /api/v1/query"}
	case a.kind != "" && a.kind != "matrix":
		return &Error{Err: fmt.Errorf("the answer is of type %s, not matrix", quoted(a.kind)), Hint: "ask /api/v1/query_range for a gauge, like process_resident_memory_bytes"}
	case !whole:
		return nil
	case a.kind == "" || a.status == "":
		return &Error{Err: errors.New("this JSON is no answer of Prometheus: it lacks status or data.resultType"), Hint: "save the whole answer of /api/v1/query_range"}
	case len(a.matrix) == 0:
		return &Error{Err: errors.New("the answer is empty: no series fitted the query in that time"), Hint: "check the query, start and end in Prometheus' own page"}
	case native > 0 && native == len(a.matrix):
		return &Error{Err: errors.New("the answer holds native histograms only"), Hint: "query a gauge, or histogram_count of it"}
	}
	return nil
}

func (a *answer) top(key string) error {
	switch key {
	case "status":
		return a.decode(&a.status)
	case "error", "errorType":
		var text string
		err := a.decode(&text)
		if a.reason != "" {
			text = a.reason + ": " + text
		}
		a.reason = text
		return err
	case "data":
		return a.object(a.data)
	}
	return a.skip()
}

func (a *answer) data(key string) error {
	switch key {
	case "resultType":
		return a.decode(&a.kind)
	case "result":
		if a.kind != "" && a.kind != "matrix" { // refused anyway, and of another shape
			return a.skip()
		}
		return a.array(a.element)
	}
	return a.skip()
}

func (a *answer) element() error {
	if len(a.matrix) == maxSeries {
		return tooManySeries(maxSeries + 1)
	}
	s := &labelled{}
	a.matrix = append(a.matrix, s)
	err := a.object(func(key string) error {
		switch key {
		case "metric":
			return a.labels(s)
		case "values":
			return a.array(func() error { return a.value(s) })
		case "histograms":
			s.native = true
		}
		return a.skip()
	})
	if err == nil && a.src.sink != nil {
		err = a.deliver(s)
	}
	return err
}

func (a *answer) labels(s *labelled) error {
	if err := a.decode(&s.labels); err != nil {
		return err
	}
	for name, value := range s.labels {
		a.named += len(name) + len(value) + labelOverhead
	}
	if a.named > maxNameBytes {
		return a.wrong(fmt.Sprintf("the answer holds more than %d bytes of labels", maxNameBytes), "ask for fewer series, or sum them by the labels that matter")
	}
	return nil
}

// value reads one pair of seconds since 1970 and a figure, which is text because JSON has
// no NaN.
func (a *answer) value(s *labelled) error {
	if a.points == maxPoints {
		return a.wrong(fmt.Sprintf("the answer holds more than %d points", maxPoints), "ask for fewer series, a shorter time or a longer step")
	}
	var pair []json.RawMessage
	if err := a.decode(&pair); err != nil {
		return err
	}
	var text string
	var at float64
	if len(pair) != 2 || json.Unmarshal(pair[0], &at) != nil || json.Unmarshal(pair[1], &text) != nil || math.Abs(at) > maxSeconds {
		return a.wrong(fmt.Sprintf("value %d of series %d is no [time, \"figure\"]", len(s.points)+1, len(a.matrix)), "save the answer again, unchanged")
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return a.wrong(fmt.Sprintf("value %d of series %d: %s is no number", len(s.points)+1, len(a.matrix), quoted(text)), "save the answer again, unchanged")
	}
	a.points++
	s.points = append(s.points, Point{at, finite(v), math.NaN(), math.NaN(), math.NaN()})
	return nil
}

// object calls take with every key of an object; take reads its value.
func (a *answer) object(take func(key string) error) error {
	if err := a.opening('{'); err != nil {
		return err
	}
	for a.more() {
		key, err := a.token()
		if err != nil {
			return err
		}
		word, ok := key.(string)
		if !ok {
			return a.wrong("a key is missing", "save the answer again, unchanged")
		}
		if err := take(word); err != nil {
			return err
		}
	}
	_, err := a.token()
	return err
}

// array calls take for every element of an array, which reads it.
func (a *answer) array(take func() error) error {
	if err := a.opening('['); err != nil {
		return err
	}
	for a.more() {
		if err := take(); err != nil {
			return err
		}
	}
	_, err := a.token()
	return err
}

func (a *answer) opening(want json.Delim) error {
	t, err := a.token()
	if err != nil {
		return err
	}
	if t != want {
		return a.wrong(fmt.Sprintf("%s stands where a %s should", quoted(fmt.Sprint(t)), want), "save the whole answer of /api/v1/query_range, unchanged")
	}
	return nil
}

func (a *answer) more() bool {
	a.src.mark()
	return a.json.More()
}

func (a *answer) token() (json.Token, error) {
	a.src.mark()
	t, err := a.json.Token()
	return t, a.failure(err)
}

func (a *answer) decode(into any) error {
	a.src.mark()
	return a.failure(a.json.Decode(into))
}

// skip reads over a value of any kind.
func (a *answer) skip() error {
	for depth := 0; ; {
		t, err := a.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > maxJSONDepth {
			return a.wrong(fmt.Sprintf("it is nested more than %d deep", maxJSONDepth), "save the whole answer of /api/v1/query_range")
		}
		if depth <= 0 {
			return nil
		}
	}
}

// failure says where the JSON is broken.
func (a *answer) failure(err error) error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case a.src.failed != nil:
		e := a.src.broken(0)
		e.Column, e.Hint = a.place(), a.readable("copy the file again")
		return e
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return a.wrong("the answer ends too early: the file was cut off", "save the answer again")
	case errors.As(err, &wrongType):
		return a.wrong(fmt.Sprintf("a %s stands where %s should", wrongType.Value, wrongType.Type), "save the answer again, unchanged")
	}
	return a.wrong(fmt.Sprintf("the JSON is broken: %v", err), "save the answer again, unchanged")
}

func (a *answer) wrong(what, hint string) error {
	return &Error{Column: a.place(), Err: errors.New(what), Hint: a.readable(hint)}
}

func (a *answer) place() string { return fmt.Sprintf("byte %d", a.json.InputOffset()) }

// readable puts in front of a hint what was read before the mistake.
func (a *answer) readable(hint string) string {
	if a.points == 0 {
		return hint
	}
	return fmt.Sprintf("%d points of %d series are readable; %s", a.points, len(a.matrix), hint)
}
