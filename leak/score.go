package leak

import "slices"

// Weight is what training made of one term: the score moves by Weight for every Spread by
// which the term differs from Mean.
type Weight struct {
	Mean, Spread, Weight float64
}

// Model turns evidence into a score in log-odds. The built-in one was trained on recorded
// processes and synthetic series (docs/detection.md); another one, trained on one's own,
// may take its place.
type Model struct {
	Intercept float64
	// Weights are those of the terms, in the order of TermNames.
	Weights []Weight
}

// TermNames are the names of the pieces of evidence, in the order of a Model's weights.
func TermNames() []string { return append([]string(nil), termNames[:]...) }

// SetModel replaces the built-in model; nil takes it back. A model with another number of
// weights than there are terms, or with a spread of 0, is refused. The model is not part of
// a saved state.
func (d *Detector) SetModel(m *Model) bool {
	if m != nil && (len(m.Weights) != int(termCount) || slices.ContainsFunc(m.Weights, func(w Weight) bool { return w.Spread == 0 && w.Weight != 0 })) {
		return false
	}
	d.model = m
	return true
}

// score adds up the evidence in log-odds.
func (m *measurement) score() float64 {
	s := intercept
	if m.model != nil {
		s = m.model.Intercept
	}
	for k := range termCount {
		s += m.contribution(k)
	}
	if m.growth < m.floor {
		return min(s, noGrowth)
	}
	return s
}

// noGrowth is the highest score of a series that did not grow by what is worth a word: the
// model was trained on growth alone and says nothing about the rest.
const noGrowth = -4

// contribution is what one term adds to the score.
func (m *measurement) contribution(k term) float64 {
	w := &weights[k]
	if m.model != nil {
		w = &m.model.Weights[k]
	}
	if w.Weight == 0 {
		return 0
	}
	return w.Weight * (m.terms[k] - w.Mean) / w.Spread
}
