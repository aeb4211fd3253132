package wire

// Analysis is what `zol0 analyze --json` writes: a verdict on every series. Times are
// seconds in the file's own time: since 1970, or since the recording began.
type Analysis struct {
	// Threshold is the score from which growth was called a leak.
	Threshold float64          `json:"threshold"`
	Series    []AnalysedSeries `json:"series"`
	// Errors are about files that could not be read, or not to their end.
	Errors []AnalysisError `json:"errors"`
}

// AnalysedSeries is a series and its verdict, in the words of Verdict. What is not known is
// null. Figures without a unit in their name are in Unit.
type AnalysedSeries struct {
	File string `json:"file"`
	// Series is the service, the process or the labels of Prometheus; the file's name
	// where the file names none.
	Series   string   `json:"series"`
	Metric   string   `json:"metric"` // private, shmem, fds, threads, rss, uss or the column
	Unit     string   `json:"unit"`   // bytes, count or empty
	State    string   `json:"state"`  // learning, steady, filling, suspect, leaking
	Shape    string   `json:"shape"`
	Sentence string   `json:"sentence"`
	Caveats  []string `json:"caveats"`
	Samples  int      `json:"samples"`
	Restarts int      `json:"restarts"`
	Limit    *float64 `json:"limit"` // that was given
	// AtSeconds is the time of the newest sample, Value that sample, Level the floor that
	// the series last came back to.
	AtSeconds *float64 `json:"at_seconds"`
	Value     *float64 `json:"value"`
	Level     *float64 `json:"level"`
	// Rates are growth per hour with the bounds of the 95 % interval; SmallestPerHour is
	// the smallest that would have been seen.
	RatePerHour     *float64 `json:"rate_per_hour"`
	RateLow         *float64 `json:"rate_low"`
	RateHigh        *float64 `json:"rate_high"`
	SmallestPerHour *float64 `json:"smallest_per_hour"`
	// PerWork is the growth per CPU second, or whatever the work counts.
	PerWork     *float64 `json:"per_work"`
	PerWorkLow  *float64 `json:"per_work_low"`
	PerWorkHigh *float64 `json:"per_work_high"`
	Growth      *float64 `json:"growth"` // of the floor, since the onset
	// OnsetSeconds is when the growth began; its low end is null where that was before the
	// recording.
	OnsetSeconds     *float64 `json:"onset_seconds"`
	OnsetLowSeconds  *float64 `json:"onset_low_seconds"`
	OnsetHighSeconds *float64 `json:"onset_high_seconds"`
	HorizonSeconds   *float64 `json:"horizon_seconds"` // length of what the verdict rests on
	Score            *float64 `json:"score"`           // log-odds of a leak: 0 is even
	Probability      *float64 `json:"probability"`     // the same as a share of one
	Forecast         *Outlook `json:"forecast"`        // null where nothing is foreseen
	Evidence         []Term   `json:"evidence"`        // weightiest first
}

// Term is one piece of evidence: what a test measured, and by how much that moved the score.
type Term struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"`
	Weight *float64 `json:"weight"`
}

// AnalysisError is why a file was not read, or not to its end.
type AnalysisError struct {
	File string `json:"file"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// StateChange is a line of `zol0 analyze --events`: a change of state, as it would have
// been seen live. Every series begins as learning, which is no change.
type StateChange struct {
	File        string   `json:"file"`
	Series      string   `json:"series"`
	Metric      string   `json:"metric"`
	TimeS       float64  `json:"time_s"` // of the newest sample that was known
	State       string   `json:"state"`
	RatePerHour *float64 `json:"rate_per_hour"` // bytes, or counts, per hour
	RateLow     *float64 `json:"rate_low"`
	RateHigh    *float64 `json:"rate_high"`
	OnsetS      *float64 `json:"onset_s"`
	Score       *float64 `json:"score"`
}
