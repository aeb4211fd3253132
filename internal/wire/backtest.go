package wire

// Backtest is what `zol0 backtest --json` writes: how detectors did on labelled traces.
type Backtest struct {
	Directory string `json:"directory"`
	Set       string `json:"set"` // name of the set in its manifest
	// InSample says that the built-in weights were trained on a set of this name: zol0's
	// own figures are no estimate for other traces then.
	InSample  bool    `json:"in_sample"`
	Threshold float64 `json:"threshold"` // of zol0's own detector
	// WithoutLimits says that this detector was not told the limits of the manifest.
	WithoutLimits bool             `json:"without_limits"`
	Traces        int              `json:"traces"`
	Detectors     []BacktestResult `json:"detectors"`
}

// BacktestResult is the score of one detector.
type BacktestResult struct {
	Name    string          `json:"name"`
	Memory  BacktestFigures `json:"memory"` // leaks of memory and shared memory
	All     BacktestFigures `json:"all"`    // those of descriptors and threads too
	Classes []BacktestClass `json:"classes"`
	Traces  []BacktestTrace `json:"traces"`
}

// BacktestFigures sum up many traces. Shares are between 0 and 1; null is a figure with
// nothing to rest on, or one that has no bound.
type BacktestFigures struct {
	Leaks            int      `json:"leaks"`
	OK               int      `json:"ok"`
	Ambiguous        int      `json:"ambiguous"` // in no other figure
	AmbiguousAlarmed int      `json:"ambiguous_alarmed"`
	TruePositives    int      `json:"true_positives"`
	FalseNegatives   int      `json:"false_negatives"`
	FalsePositives   int      `json:"false_positives"`
	Precision        *float64 `json:"precision"`
	Recall           *float64 `json:"recall"`
	F1               *float64 `json:"f1"`
	// FalseAlarmsPer100Days counts every alarm on traces without a leak, per 100 days of
	// them, of which there are OKDays.
	FalseAlarmsPer100Days *float64 `json:"false_alarms_per_100_days"`
	OKDays                float64  `json:"ok_days"`
	AlarmShare            *float64 `json:"alarm_share"` // of the time without a leak
	EndFalsePositives     int      `json:"end_false_positives"`
	EndRecall             *float64 `json:"end_recall"`
	// Medians over the detected leaks, and over all, where a missed one took for ever.
	DetectHours    *float64 `json:"detect_hours"`
	DetectHoursAll *float64 `json:"detect_hours_all"`
	Leaked         *float64 `json:"leaked"` // until the detection, as a share of the RSS
	LeakedAll      *float64 `json:"leaked_all"`
	SlopeError     *float64 `json:"slope_error"` // median of |claimed − true| / true
	Slopes         int      `json:"slopes"`      // leaks on which that rests
}

// BacktestClass is the score on the traces of one class.
type BacktestClass struct {
	Label       string `json:"label"`
	Class       string `json:"class"`
	Traces      int    `json:"traces"`
	Detected    int    `json:"detected"`
	Alarmed     int    `json:"alarmed"` // traces with a false alarm
	FalseAlarms int    `json:"false_alarms"`
}

// BacktestTrace is what a detector made of one trace.
type BacktestTrace struct {
	ID          string   `json:"id"`
	Label       string   `json:"label"`
	Class       string   `json:"class"`
	Resource    string   `json:"resource"`
	Detected    bool     `json:"detected"`
	DetectHours *float64 `json:"detect_hours"`
	Leaked      *float64 `json:"leaked"`
	SlopeError  *float64 `json:"slope_error"`
	FalseAlarms int      `json:"false_alarms"`
	EndsInAlarm bool     `json:"ends_in_alarm"`
}
