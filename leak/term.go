package leak

// term numbers a piece of evidence. Each is a pure number without a unit, clipped to a
// range in which it was seen in training, 0 where it does not apply.
type term int

// The terms. docs/detection.md says what each is worth.
const (
	relativeGrowth   term = iota // log2 of the growth by the level
	absoluteGrowth               // log2 of the growth by the noise floor
	trendTest                    // Mann and Kendall's z, corrected for autocorrelation
	signalToNoise                // log2 of the growth by the scatter around the line
	ratchet                      // share of seven steps of the floor that go up
	belowPeak                    // how far the floor is under its peak, by the range
	lateSlope                    // slope of the last third by the overall slope
	acceleration                 // second half against the first: -1 levels off, 1 sets in
	tailGrowth                   // what the last sixth grew, by its even share
	largestStep                  // the largest of seven steps, by the range
	overSaturating               // information for a saturating curve over a line
	overStep                     // information for one step over a line
	overCapped                   // information for a line that meets a cap over a line
	overFlat                     // information for a line over no growth
	hingeAt                      // where growth sets in, as a share of the window
	overHinge                    // information for growth that sets in over a line
	saturationSpeed              // time constants of the saturating curve in the window
	loadRise                     // log2 of the work per second, last third by first
	loadCorrelation              // of what a line leaves unexplained with the load
	growthBesideLoad             // slope with the load held, by the slope
	overLoad                     // information for the load over time as the cause
	loadExplains                 // share of the movement that the load explains
	loadKeeps                    // slope of the mean with the load held
	overChurn                    // information for the rate of faults as the cause
	retained                     // log2 of the growth by the memory touched anew
	retainedLate                 // the same in the second half
	faultDecline                 // log2 of the faults, last third by first
	faultKeeps                   // slope with the rate of faults held
	swing                        // log2 of the range by the growth
	halfGrowth                   // what the second half grew, by its even share
	teeth                        // log2 of the height of the teeth by the growth
	retreat                      // the deepest fall of the floor, by the range
	meanRetreat                  // the deepest fall of the mean, by its range
	duration                     // log2 of the hours for which it has grown
	longDuration                 // the same beyond eleven hours
	quietBefore                  // share of the window before the growth
	growthPace                   // log2 of the growth by the level and hour
	limitKnown                   // 1 if there is a limit
	roomUsed                     // the floor by the limit
	roomAtStart                  // the floor at the start by the limit
	overLimit                    // the floor beyond eight tenths of the limit
	straight                     // how straight the floor rises: 0 not, 1.3 very
	straightRoom                 // that, by how much room the limit left at the start
	earlierLives                 // lives before this one that grew without levelling off
	noWork                       // 1 if no work is known
	noWorkDuration               // duration, if no work is known
	noFaults                     // 1 if no faults are known
	sharedKind                   // 1 for shared memory
	countKind                    // 1 for descriptors and threads

	// The same for the last half of the life: what began as a warm-up is judged by what
	// came after it.
	recentRatchet
	recentTrend
	recentSignal
	recentCapped
	recentSaturating
	recentHinge
	recentAcceleration
	recentStep
	recentStraight
	recentLate
	termCount
)

var termNames = [termCount]string{
	"relative growth", "absolute growth", "trend test", "signal to noise", "ratchet", "below peak",
	"late slope", "acceleration", "tail growth", "largest step", "saturating curve", "one step",
	"line to a cap", "line over flat", "hinge position", "late onset", "saturation speed",
	"load rise", "load correlation", "growth beside load", "load as cause",
	"load explains", "mean beside load", "churn as cause", "retained",
	"retained late", "fault decline", "growth beside churn", "swing", "half growth",
	"teeth", "retreat", "mean retreat", "duration", "long duration", "quiet before",
	"growth pace", "limit known", "room used", "room at start", "near the limit",
	"straightness", "straight with little room", "earlier lives", "load unknown",
	"duration, load unknown", "faults unknown", "shared memory", "counted things",
	"recent ratchet", "recent trend test", "recent signal to noise", "recent line to a cap",
	"recent saturating curve", "recent late onset", "recent acceleration", "recent largest step",
	"recent straightness", "recent late slope",
}

// String is the term's name in a verdict.
func (t term) String() string { return wordOf(termNames[:], int(t)) }

// terms is the evidence on one window.
type terms [termCount]float64
