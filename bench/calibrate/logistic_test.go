package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/zol0/zol0/leak"
)

// The odds of the examples are known: the training must find them again.
func TestTrainingFindsTheOdds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	n := len(leak.TermNames())
	var list []example
	for range 20_000 {
		terms := make([]float64, n)
		terms[0], terms[1] = random.NormFloat64(), 5+3*random.NormFloat64()
		odds := 1 + 2*terms[0] - .5*(terms[1]-5)
		list = append(list, example{terms, random.Float64() < 1/(1+math.Exp(-odds)), 1})
	}
	m := train(list)
	score := func(a, b float64) float64 {
		s := m.Intercept
		for k, v := range []float64{a, b} {
			w := m.Weights[k]
			s += w.Weight * (v - w.Mean) / w.Spread
		}
		return s
	}
	for _, c := range []struct{ a, b, want float64 }{{0, 5, 1}, {1, 5, 3}, {0, 7, 0}, {-1, 3, 0}} {
		if got := score(c.a, c.b); math.Abs(got-c.want) > .15 {
			t.Errorf("score of %v, %v: %.2f, want %.2f", c.a, c.b, got, c.want)
		}
	}
	if w := train(list, leak.TermNames()[0]).Weights[0].Weight; math.Abs(w) > 1e-3 {
		t.Errorf("weight of a term that was left out: %v", w)
	}
}

// Whole programs are left out, and with them every sum they are part of.
func TestSubjectsOfProgramsLeftOut(t *testing.T) {
	s := subject{programs: []string{"saw", "idle"}}
	for _, c := range []struct {
		programs map[string]bool
		want     bool
	}{
		{map[string]bool{"saw": true, "idle": true, "lru": true}, true},
		{map[string]bool{"saw": true}, false},
		{nil, false},
	} {
		if got := s.among(c.programs); got != c.want {
			t.Errorf("among %v: %v", c.programs, got)
		}
	}
}

func TestSourceIsThatOfTheModel(t *testing.T) {
	m := &leak.Model{Intercept: 1.5, Weights: make([]leak.Weight, len(leak.TermNames()))}
	for k := range m.Weights {
		m.Weights[k] = leak.Weight{Mean: float64(k), Spread: 2, Weight: -1}
	}
	text, err := source(m)
	if err != nil {
		t.Fatal(err)
	}
	if want := "const intercept = 1.5\n"; !bytes.Contains(text, []byte(want)) || !bytes.Contains(text, []byte("{3, 2, -1},")) {
		t.Errorf("no %q in\n%s", want, text)
	}
}
