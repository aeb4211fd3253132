package leak

import "math"

// State is what a verdict says, in the words of the whole product.
type State uint8

// The states, mildest first.
const (
	Learning State = iota // too short to tell
	Steady                // no growth that stands out of the noise
	Filling               // growth that levels off
	Suspect               // growth that looks like a leak, not confirmed
	Leaking               // growth that was confirmed as a leak
)

var stateWords = [...]string{"learning", "steady", "filling", "suspect", "leaking"}

// String is the state's word in every format.
func (s State) String() string { return wordOf(stateWords[:], int(s)) }

// Shape is the form of the series over the horizon of the verdict.
type Shape uint8

// The shapes.
const (
	Unshaped   Shape = iota // too short to tell
	Flat                    // nothing but noise
	Sawtooth                // rises and falls back to the same floor
	Step                    // one rise, level before and after
	Stairs                  // several rises, none of which comes back
	Seasonal                // follows the day
	Ramp                    // follows its load
	Linear                  // rises or falls steadily
	Saturating              // rises ever more slowly
)

var shapeWords = [...]string{"unshaped", "flat", "sawtooth", "step", "stairs", "seasonal", "ramp", "linear", "saturating"}

// String is the shape's word in every format.
func (s Shape) String() string { return wordOf(shapeWords[:], int(s)) }

func wordOf(words []string, i int) string {
	if i >= len(words) {
		return "unknown"
	}
	return words[i]
}

// Interval is an estimate with the bounds between which the truth lies in 95 % of cases.
// All three are NaN where nothing is known; High is +Inf where there is no upper bound.
type Interval struct {
	Value, Low, High float64
}

// Unknown is the interval of which nothing is known.
func Unknown() Interval { return Interval{math.NaN(), math.NaN(), math.NaN()} }

// Known reports whether there is an estimate.
func (i Interval) Known() bool { return !math.IsNaN(i.Value) }

// Outlook is what a forecast is about.
type Outlook uint8

// The outlooks.
const (
	NoOutlook Outlook = iota // nothing can be foreseen, or nothing will change
	Reaches                  // grows towards the limit
	Settles                  // levels off near a level
)

// Forecast is what will become of a series if it goes on as it does.
type Forecast struct {
	Outlook Outlook
	// In is the time until the limit is reached, in seconds from the verdict (Reaches).
	In Interval
	// Near is the level at which it will settle, in the unit of the series (Settles).
	Near Interval
}

// Term is one piece of evidence: what a test measured and how far that moved the score.
type Term struct {
	Name   string  // name of the test
	Value  float64 // what it measured
	Weight float64 // what it added to the score, in log-odds; negative speaks against a leak
}

// Verdict is the judgement of one series at one instant.
type Verdict struct {
	State State
	Shape Shape
	// At is the time of the newest sample judged, in seconds, in the series' own time.
	At float64
	// Value is that sample, in the unit of the series.
	Value float64
	// Level is the floor to which the series last came back.
	Level float64
	// Rate is the growth per hour.
	Rate Interval
	// PerWork is the growth per unit of work, where the work is known.
	PerWork Interval
	// Onset is when the growth began, in seconds in the series' own time.
	Onset Interval
	// Horizon is the length in seconds of the stretch on which the verdict rests.
	Horizon float64
	// Growth is how far the floor has risen since the onset.
	Growth float64
	// Smallest is the smallest growth per hour that would have been seen on this stretch;
	// NaN while learning. A steady verdict says: no growth above this.
	Smallest float64
	// Score is the evidence for a leak in log-odds: 0 is even, Options.Threshold decides.
	Score float64
	// Evidence lists what the score is made of, weightiest first.
	Evidence []Term
	// Caveats say what a reader must bear in mind, in plain words.
	Caveats []string
	// Forecast is what comes next.
	Forecast Forecast
	// Samples and Restarts count what was seen in the series so far.
	Samples, Restarts int
}

// Probability is the score as the calibrated probability that the series leaks.
func (v Verdict) Probability() float64 { return 1 / (1 + math.Exp(-v.Score)) }
