package wire

import "time"

// Comparison is two stretches of time of a service side by side, as /api/compare gives it.
type Comparison struct {
	Service string          `json:"service"`
	Before  ComparedStretch `json:"before"`
	After   ComparedStretch `json:"after"`
	Rows    []ComparisonRow `json:"rows"`
	Verdict *VerdictChange  `json:"verdict_change"` // null where either was not judged
	Caveats []string        `json:"caveats"`
}

// ComparedStretch is one of the two.
type ComparedStretch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// PID and Start tell which life it is of; 0 and empty: the service as a whole.
	PID   int32  `json:"pid"`
	Start string `json:"start"`
	Tier  string `json:"tier"` // raw, minutes, hours, engine
	// Samples of private memory there are.
	Samples uint64 `json:"samples"`
	// Verdict is that on private memory of the process with the worst one, judged anew
	// over this stretch alone; null where there are too few samples.
	Verdict *Verdict `json:"verdict"`
}

// ComparisonRow is one figure before and after. Counters are compared per hour.
type ComparisonRow struct {
	Metric string `json:"metric"`
	Title  string `json:"title"`
	// Unit is bytes, bytes_per_hour, percent, count or per_hour.
	Unit          string   `json:"unit"`
	Before        *float64 `json:"before"`
	After         *float64 `json:"after"`
	Change        *float64 `json:"change"`
	ChangePercent *float64 `json:"change_percent"` // null where before is 0 or unknown
}

// VerdictChange is what became of the growth.
type VerdictChange struct {
	Word     string `json:"word"` // better, worse, same, unknown
	Sentence string `json:"sentence"`
}
