package alert

import (
	"fmt"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// Rule is one thing that is looked at in every beat.
type Rule uint8

// The rules. The thresholds and words of the first ones are those of the original system.
const (
	ProcessHigh Rule = iota
	ProcessElevated
	ProcessLimit
	OwnMemory
	WatchedTotal
	HostCPU
	HostMemory
	Leak
	DescriptorLeak
	ThreadLeak
	Forecast
	OwnBudget
	Fault
	// Rules is their number; it is no rule itself.
	Rules
)

// Severity is how grave a finding is.
type Severity uint8

// The severities, mildest first.
const (
	Info Severity = iota + 1
	Warning
	Critical
)

var severityWords = [...]string{"unknown", "info", "warning", "critical"}

// String is the severity's word in every format.
func (s Severity) String() string {
	if int(s) < len(severityWords) {
		return severityWords[s]
	}
	return severityWords[0]
}

// Times and shares that the rules have by themselves; the thresholds of memory are those of
// the configuration.
const (
	// BusyPercent is the share of the processors, as a mean of a minute, and of the host's
	// memory above which it is an alarm.
	BusyPercent = 80
	// Soon is how near the end of the memory must be to be a warning, and VerySoon to be
	// critical.
	Soon     = 24 * time.Hour
	VerySoon = 2 * time.Hour
)

// description is one row of the table of rules.
type description struct {
	name     string
	severity Severity
	unit     string // of value and limit
	meaning  string
	words    func(f *Finding) string
}

// table is the one place where a rule is declared.
var table = [Rules]description{
	ProcessHigh: {"process_high", Critical, "bytes",
		"A watched process has more private memory than its threshold high (500 MB unless the configuration says otherwise): it needs immediate attention.",
		func(f *Finding) string { return f.above("needs immediate attention") }},
	ProcessElevated: {"process_elevated", Info, "bytes",
		"A watched process has more private memory than its threshold elevated (300 MB unless the configuration says otherwise), and no more than high.",
		func(f *Finding) string { return f.above("is elevated") }},
	ProcessLimit: {"process_limit", Warning, "bytes",
		"A watched process has more private memory than the limit that its rule in the configuration sets: investigate.",
		func(f *Finding) string { return f.above("is to be investigated") }},
	OwnMemory: {"own_memory", Warning, "bytes",
		"zol0 itself has more private memory than the threshold dashboard (100 MB unless the configuration says otherwise): investigate.",
		func(f *Finding) string { return f.above("is to be investigated") }},
	WatchedTotal: {"watched_total", Warning, "bytes",
		"All watched processes together have more private memory than the threshold watched_total (3 GB unless the configuration says otherwise): review them.",
		func(f *Finding) string {
			return fmt.Sprintf("All watched processes together have %s of private memory, above %s: review them.", bytesOf(f.Value), bytesOf(f.Limit))
		}},
	HostCPU: {"host_cpu", Warning, "percent",
		"The processors of the host were busy for more than 80 % of the last minute. It is a mean of a minute, so that one busy beat is no alarm.",
		func(f *Finding) string {
			return fmt.Sprintf("The processors of the host were busy for %s of the last minute, above %s.", units.Percent(f.Value), units.Percent(f.Limit))
		}},
	HostMemory: {"host_memory", Warning, "percent",
		"More than 80 % of the host's memory is in use: all that new work could not have without swapping.",
		func(f *Finding) string {
			return fmt.Sprintf("%s of the host's memory is in use, above %s.", units.Percent(f.Value), units.Percent(f.Limit))
		}},
	Leak: {"leak", Warning, "bytes_per_hour",
		"The private or shared memory of a watched process, zol0 among them, grows in a way that was confirmed as a leak.",
		(*Finding).told},
	DescriptorLeak: {"descriptor_leak", Warning, "",
		"The open descriptors of a watched process, zol0 among them, become ever more.",
		(*Finding).told},
	ThreadLeak: {"thread_leak", Warning, "",
		"The threads of a watched process, zol0 among them, become ever more.",
		(*Finding).told},
	Forecast: {"forecast", Warning, "seconds",
		"A process whose growth looks like a leak reaches its limit (of its rule, its control group or the host's memory) in less than 24 h if it goes on so; in less than 2 h it is critical.",
		(*Finding).told},
	OwnBudget: {"own_budget", Warning, "bytes",
		"zol0 gives up part of what it can do, because its private memory is near memory.budget.",
		(*Finding).told},
	Fault: {"fault", Warning, "",
		"A part of the daemon's work fails: to read, to store, to judge or to tell.",
		(*Finding).told},
}

// String is the rule's name in every format.
func (r Rule) String() string {
	if r < Rules {
		return table[r].name
	}
	return "unknown"
}

// Meaning says in words when the rule holds.
func (r Rule) Meaning() string { return table[r].meaning }

// told is the sentence of the one who found it.
func (f *Finding) told() string { return f.Words }

// above is the sentence of a threshold that a process passed.
func (f *Finding) above(verdict string) string {
	who := fmt.Sprintf("%s (PID %d)", f.Process, f.PID)
	if f.Others > 0 {
		who += fmt.Sprintf(", the largest of %d such processes of this service,", f.Others+1)
	}
	return fmt.Sprintf("%s has %s of private memory, above %s, and %s.", who, bytesOf(f.Value), bytesOf(f.Limit), verdict)
}

func bytesOf(v float64) string { return units.Bytes(max(0, v)).String() }
