package wire

import "time"

// SeriesAnswer is what the store knows about the series that were asked for, as
// /api/series gives it.
type SeriesAnswer struct {
	Name        string    `json:"name"` // as it was asked for: one name, or several with commas
	From        time.Time `json:"from"`
	To          time.Time `json:"to"` // not included
	StepSeconds float64   `json:"step_seconds"`
	// Tier is the finest the store has for all of that time: raw, minutes or hours. Steps
	// shorter than the tier have one point per sample of it. It is engine where an engine
	// elsewhere answered: how finely that keeps what, only it knows.
	Tier   string   `json:"tier"`
	Series []Series `json:"series"`
	// Truncated says that more series matched than one answer may have.
	Truncated bool `json:"truncated"`
}

// Series is one series in columns of one length. Point k stands for the step that begins
// at Times[k] and says the least, mean and greatest sample in it and its last. A step
// without a sample has no point: a gap is a gap.
type Series struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
	Times  []int64           `json:"times"` // seconds since 1970, ascending
	// Columns that were not asked for are left out.
	Min  []float64 `json:"min,omitempty"`
	Mean []float64 `json:"mean,omitempty"`
	Max  []float64 `json:"max,omitempty"`
	Last []float64 `json:"last,omitempty"`
}
