package budget

// Step is how much the monitor has given up. Every step includes those below it.
type Step int

// The steps, mildest first. What costs a reader least goes first; what a verdict rests on
// goes last, and readings of services never go.
const (
	Normal         Step = iota // nothing is given up
	NoCaches                   // what can be read again is not kept
	CoarserWindows             // fewer and coarser detectors, a smaller page cache of the store
	OnlyServices               // no process instances beyond what rules name
	NoNewClients               // no further live clients
)

// steps are the words of each step and the share of the budget at which it begins.
//
// The first begins at 70 %: the runtime's own limit (see MemoryLimit) keeps a healthy
// monitor below it. The distance shrinks on the way up because less and less is left to
// give up, and each is larger than margin, so that no step is left and entered at the
// same figure. The last begins below 100 %: a client costs memory after it was let in.
var steps = [...]struct {
	share         float64
	name, meaning string
}{
	Normal:         {0, "normal", "Nothing is given up."},
	NoCaches:       {0.70, "no_caches", "Caches are dropped: answers are the same, the same question asked twice takes longer."},
	CoarserWindows: {0.80, "coarser_windows", "Fewer processes are judged, by fewer and coarser figures: a leak of a small process may be found later or not at all."},
	OnlyServices:   {0.88, "only_services", "Only services and what rules name are stored and judged: single processes have a gap in their history from here on."},
	NoNewClients:   {0.95, "no_new_clients", "New live views are refused with 503 and Retry-After: those that are open go on, and so do sampling, storing and judging of services."},
}

// Steps are all steps, mildest first.
func Steps() []Step { return []Step{Normal, NoCaches, CoarserWindows, OnlyServices, NoNewClients} }

// String is the step as logs, API and events have it: "normal", "no_caches",
// "coarser_windows", "only_services", "no_new_clients".
func (s Step) String() string { return steps[s].name }

// Meaning says in one sentence what was given up and what a reader will notice.
func (s Step) Meaning() string { return steps[s].meaning }

// Share is the share of the budget at which the step begins, from 0 to below 1.
func (s Step) Share() float64 { return steps[s].share }

// stepAt is the step that fits ownBytes.
func stepAt(ownBytes, budgetBytes uint64) Step {
	s := NoNewClients
	for s > Normal && float64(ownBytes) < s.Share()*float64(budgetBytes) {
		s--
	}
	return s
}
