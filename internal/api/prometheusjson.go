package api

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/query"
)

const (
	// maxAnswerBytes of text may be encoded for one query: 500,000 samples of some 30 bytes.
	maxAnswerBytes = 24 << 20
	// maxPackedAnswer is what is held of it until it was read.
	maxPackedAnswer = 4 << 20
	// pieceBytes are encoded before they are compressed: the text is never whole in memory.
	pieceBytes = 32 << 10
)

// text writes JSON in pieces.
type text struct {
	packer  packer
	piece   []byte
	written int
	err     error
}

// flush passes on what was written, once it is a piece.
func (t *text) flush(least int) {
	if t.err != nil || len(t.piece) < least {
		return
	}
	if t.written += len(t.piece); t.written > maxAnswerBytes || t.packer.out.Len() > maxPackedAnswer {
		t.err = &query.Error{Kind: query.Execution, Err: fmt.Errorf("the answer is longer than %d MiB as text or %d MiB packed", maxAnswerBytes>>20, maxPackedAnswer>>20), Hint: "ask for fewer series, a shorter range or a longer step"}
		return
	}
	_, t.err = t.packer.Write(t.piece)
	t.piece = t.piece[:0]
}

func (t *text) add(s string) { t.piece = append(t.piece, s...) }

// quoted writes a text as JSON does.
func (t *text) quoted(s string) {
	b, err := json.Marshal(s)
	if err != nil {
		panic("BUG: a text is no JSON: " + err.Error())
	}
	t.piece = append(t.piece, b...)
}

// labels writes an object.
func (t *text) labels(l labels.Labels) {
	t.add("{")
	first := true
	l.Range(func(x labels.Label) {
		if !first {
			t.add(",")
		}
		first = false
		t.quoted(x.Name)
		t.add(":")
		t.quoted(x.Value)
	})
	t.add("}")
}

// point writes a time in seconds and a value as text.
func (t *text) point(at int64, v float64) {
	t.piece = append(t.piece, '[')
	if at < 0 {
		t.piece, at = append(t.piece, '-'), -at
	}
	t.piece = strconv.AppendInt(t.piece, at/1000, 10)
	if part := at % 1000; part != 0 {
		t.piece = append(t.piece, '.', byte('0'+part/100), byte('0'+part/10%10), byte('0'+part%10))
	}
	t.piece = append(t.piece, ',', '"')
	t.piece = appendFloat(t.piece, v)
	t.piece = append(t.piece, '"', ']')
}

// appendFloat writes a figure as Prometheus does: with an exponent only where it is very
// small or very large.
func appendFloat(b []byte, v float64) []byte {
	form := byte('f')
	if x := math.Abs(v); x != 0 && (x < 1e-6 || x >= 1e21) && !math.IsInf(v, 0) {
		form = 'e'
	}
	return strconv.AppendFloat(b, v, form, -1, 64)
}

// notes writes warnings or infos, where there are any.
func (t *text) notes(name string, all []string) {
	for i, x := range all {
		if i == 0 {
			t.add(`,"` + name + `":[`)
		} else {
			t.add(",")
		}
		t.quoted(x)
		if i == len(all)-1 {
			t.add("]")
		}
	}
}

// truncatedWarning is Prometheus's own.
const truncatedWarning = "results truncated due to limit"

// packAnswer encodes the value of an expression.
func (s *Server) packAnswer(a *query.Answer, limit int) (packed, error) {
	t := text{packer: packer{places: s.packing}, piece: make([]byte, 0, pieceBytes+4096)}
	t.add(`{"status":"success","data":{"resultType":"` + string(a.Value.Type()) + `","result":`)
	warnings := a.Warnings
	list := func(n int, each func(int)) {
		if limit > 0 && n > limit {
			n, warnings = limit, append(warnings, truncatedWarning)
		}
		t.add("[")
		for i := range n {
			if i > 0 {
				t.add(",")
			}
			t.add(`{"metric":`)
			each(i)
			t.add("}")
			if t.flush(pieceBytes); t.err != nil {
				return
			}
		}
		t.add("]")
	}
	switch v := a.Value.(type) {
	case promql.Matrix:
		list(len(v), func(i int) {
			t.labels(v[i].Metric)
			t.add(`,"values":[`)
			for k, p := range v[i].Floats {
				if k > 0 {
					t.add(",")
				}
				t.point(p.T, p.F)
				t.flush(pieceBytes)
			}
			t.add("]")
		})
	case promql.Vector:
		list(len(v), func(i int) {
			t.labels(v[i].Metric)
			t.add(`,"value":`)
			t.point(v[i].T, v[i].F)
		})
	case promql.Scalar:
		t.point(v.T, v.V)
	case promql.String:
		t.add("[" + strconv.FormatInt(v.T/1000, 10) + ",")
		t.quoted(v.V)
		t.add("]")
	default:
		return nil, fmt.Errorf("a query was answered with a %T", v)
	}
	t.add("}")
	t.notes("warnings", warnings)
	t.notes("infos", a.Infos)
	t.add("}\n")
	t.flush(0)
	if t.err != nil {
		return nil, t.err
	}
	return t.packer.packed()
}

// packSeries encodes sets of labels.
func (s *Server) packSeries(all []labels.Labels, more bool) (packed, error) {
	t := text{packer: packer{places: s.packing}}
	t.add(`{"status":"success","data":[`)
	for i, l := range all {
		if i > 0 {
			t.add(",")
		}
		t.labels(l)
		t.flush(pieceBytes)
	}
	t.add("]")
	if more {
		t.notes("warnings", []string{truncatedWarning})
	}
	t.add("}\n")
	t.flush(0)
	if t.err != nil {
		return nil, t.err
	}
	return t.packer.packed()
}

// packData encodes a small answer.
func (s *Server) packData(data any, more bool) (packed, error) {
	v := struct {
		Status   string   `json:"status"`
		Data     any      `json:"data"`
		Warnings []string `json:"warnings,omitempty"`
	}{Status: "success", Data: data}
	if more {
		v.Warnings = []string{truncatedWarning}
	}
	return s.pack(v)
}
