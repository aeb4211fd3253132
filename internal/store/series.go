package store

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zol0/zol0/internal/memory"
)

// Kind is what a series is about.
type Kind uint8

// The kinds of owners. Their numbers are in files: they never change.
const (
	Host    Kind = 1 // the machine
	Service Kind = 2 // a service
	Process Kind = 3 // a process instance
	Gauge   Kind = 4 // anything else; its label __name__ is the name of its one series
)

var kindWords = map[Kind]string{Host: "host", Service: "service", Process: "process", Gauge: "gauge"}

// String is the kind's word.
func (k Kind) String() string { return kindWords[k] }

// OwnerID names what series belong to: a service, a process instance, the machine.
type OwnerID uint32

// Code is the number of a metric among those of its owner's kind: that of package memory
// for services and processes, or one of those below. Codes are in files: they never change.
type Code uint8

// codeBits leave 27 bits for the owner: 134 million.
const codeBits = 5

// Series is one metric of one owner.
type Series uint32

// SeriesOf is the series of a metric of an owner.
func SeriesOf(o OwnerID, c Code) Series { return Series(uint32(o)<<codeBits | uint32(c)) }

// Owner is whose the series is, and Code which of its metrics.
func (s Series) Owner() OwnerID { return OwnerID(s >> codeBits) }

// Code is which of its owner's metrics the series is.
func (s Series) Code() Code { return Code(s & (1<<codeBits - 1)) }

// Codes of services beside the metrics of package memory.
const (
	VerdictState      Code = 13 // on private memory, as those below
	VerdictScore      Code = 14
	VerdictGrowth     Code = 15
	VerdictGrowthLow  Code = 16
	VerdictGrowthHigh Code = 17
	VerdictLimitIn    Code = 18
	Instances         Code = 31 // process instances alive
)

// Codes of the machine.
const (
	HostCPUBusy Code = iota
	HostCPUTotal
	HostLoad1
	HostCPUs
	HostMemoryTotal
	HostMemoryAvailable
	HostSwapTotal
	HostSwapFree
	HostPressureCPUSome
	HostPressureMemorySome
	HostPressureMemoryFull
	HostPressureIOSome
	HostPressureIOFull
	HostDiskTotal
	HostDiskAvailable
	HostDiskRead
	HostDiskWritten
	HostProcesses
	HostUptime
	HostSwapIn
	HostSwapOut
)

// Metric is one row of the table of what can be stored.
type Metric struct {
	Code Code
	// Name is the name in queries: Prometheus style, base units, counters end in _total.
	Name string
	// Unit is what one unit in the file is in base units: times are kept in whole
	// milliseconds, which pack three times better than fractions of seconds.
	Unit float64
	// Cumulative marks a counter: it falls only when what is counted begins anew.
	Cumulative bool
	Meaning    string
}

const (
	// millisecond is the unit of times in the file.
	millisecond = 1e-3
	// Fraction is that of figures that have digits behind the point and mean little beyond the
	// third: a growth is kept to 3.5 bytes an hour.
	Fraction = 1.0 / 1024
)

// verdictMetrics are what is thought of the private memory of a service.
var verdictMetrics = []Metric{
	{VerdictState, "zol0_service_verdict", 1, false, "What is thought of its private memory: 0 learning, 1 steady, 2 filling, 3 suspect, 4 leaking; the worst of its processes."},
	{VerdictScore, "zol0_service_verdict_score", Fraction, false, "Evidence for a leak behind that verdict, in log-odds; absent while learning."},
	{VerdictGrowth, "zol0_service_growth_bytes_per_second", Fraction, false, "Growth of its private memory, all its processes together whose growth is known."},
	{VerdictGrowthLow, "zol0_service_growth_bytes_per_second_low", Fraction, false, "Low end of the interval of that growth."},
	{VerdictGrowthHigh, "zol0_service_growth_bytes_per_second_high", Fraction, false, "High end of the interval of that growth."},
	{VerdictLimitIn, "zol0_service_limit_reached_seconds", 1, false, "Time until the first of its processes reaches what binds it; absent where nothing is forecast."},
}

// hostMetrics are those of the machine.
var hostMetrics = []Metric{
	{HostCPUBusy, "zol0_host_cpu_busy_seconds_total", millisecond, true, "Processor time not spent idle or waiting for a disk, all processors together."},
	{HostCPUTotal, "zol0_host_cpu_seconds_total", millisecond, true, "Processor time that passed, all processors together."},
	{HostLoad1, "zol0_host_load1", 1, false, "Load average of the last minute."},
	{HostCPUs, "zol0_host_cpus", 1, false, "Processors online."},
	{HostMemoryTotal, "zol0_host_memory_total_bytes", 1, false, "Memory that the kernel manages."},
	{HostMemoryAvailable, "zol0_host_memory_available_bytes", 1, false, "Memory that new work can have without swapping, as the system estimates it."},
	{HostSwapTotal, "zol0_host_swap_total_bytes", 1, false, "Size of swap."},
	{HostSwapFree, "zol0_host_swap_free_bytes", 1, false, "Swap that is free."},
	{HostPressureCPUSome, "zol0_host_pressure_cpu_some_seconds_total", millisecond, true, "Time in which some task waited for a processor (PSI)."},
	{HostPressureMemorySome, "zol0_host_pressure_memory_some_seconds_total", millisecond, true, "Time in which some task waited for memory (PSI)."},
	{HostPressureMemoryFull, "zol0_host_pressure_memory_full_seconds_total", millisecond, true, "Time in which all tasks that could run waited for memory (PSI)."},
	{HostPressureIOSome, "zol0_host_pressure_io_some_seconds_total", millisecond, true, "Time in which some task waited for a disk (PSI)."},
	{HostPressureIOFull, "zol0_host_pressure_io_full_seconds_total", millisecond, true, "Time in which all tasks that could run waited for a disk (PSI)."},
	{HostDiskTotal, "zol0_host_disk_total_bytes", 1, false, "Size of the file system that holds the store."},
	{HostDiskAvailable, "zol0_host_disk_available_bytes", 1, false, "What this user may still write there."},
	{HostDiskRead, "zol0_host_disk_read_bytes_total", 1, true, "Bytes read from the machine's disks."},
	{HostDiskWritten, "zol0_host_disk_written_bytes_total", 1, true, "Bytes written to the machine's disks."},
	{HostProcesses, "zol0_host_processes", 1, false, "Process instances seen."},
	{HostUptime, "zol0_host_uptime_seconds", millisecond, false, "Time since boot."},
	{HostSwapIn, "zol0_host_swap_in_bytes_total", 1, true, "Bytes brought back from swap."},
	{HostSwapOut, "zol0_host_swap_out_bytes_total", 1, true, "Bytes moved to swap."},
}

// Metrics are all that an owner of a kind can have. A gauge names its own.
func Metrics(k Kind) []Metric { return tables[k] }

var tables = map[Kind][]Metric{Host: hostMetrics, Service: ofProcesses(Service), Process: ofProcesses(Process)}

// unitsOf are the units of all codes of a kind.
var unitsOf = func() (out [Gauge + 1][1 << codeBits]float64) {
	for k := range out {
		for c := range out[k] {
			out[k][c] = 1
		}
		for _, m := range tables[Kind(k)] {
			out[k][m.Code] = m.Unit
		}
	}
	return out
}()

// unitOf is what one unit in the file is worth; 1 for a kind of a newer version.
func unitOf(k Kind, c Code) float64 {
	if k > Gauge {
		return 1
	}
	return unitsOf[k][c]
}

// cumulative reports whether a metric is a counter.
func cumulative(k Kind, c Code) bool {
	i := slices.IndexFunc(tables[k], func(m Metric) bool { return m.Code == c })
	return i >= 0 && tables[k][i].Cumulative
}

// kept is a value as it is kept in the file.
func kept(k Kind, c Code, v float64) float64 {
	if u := unitOf(k, c); u != 1 {
		return math.Round(v / u)
	}
	return v
}

// ofProcesses makes the table of services or processes of that of package memory.
func ofProcesses(k Kind) []Metric {
	var out []Metric
	for _, d := range memory.Metrics {
		m := Metric{Code: Code(d.Metric), Name: "zol0_" + k.String() + "_" + d.Name, Unit: 1, Cumulative: d.Cumulative, Meaning: d.Meaning}
		if d.Cumulative {
			m.Name += "_total"
		}
		if d.Unit == memory.Nanoseconds {
			m.Unit = millisecond
		}
		out = append(out, m)
	}
	if k == Service {
		out = append(out, verdictMetrics...)
		out = append(out, Metric{Code: Instances, Name: "zol0_service_instances", Unit: 1, Meaning: "Process instances alive."})
	}
	return out
}

// MetricNamed finds a metric by its name in queries; ok is false for one that is not in
// the tables, such as a gauge's.
func MetricNamed(name string) (k Kind, m Metric, ok bool) {
	for _, k := range []Kind{Host, Service, Process} {
		for _, m := range tables[k] {
			if m.Name == name {
				return k, m, true
			}
		}
	}
	return 0, Metric{}, false
}

// NameOf is the name of the series with this code of an owner of this kind.
func NameOf(k Kind, c Code, labels Labels) string {
	for _, m := range tables[k] {
		if m.Code == c {
			return m.Name
		}
	}
	if k == Gauge {
		return labels.Get(nameLabel)
	}
	return ""
}

// nameLabel is the label that holds the name of a gauge.
const nameLabel = "__name__"

// Label is a name and a value.
type Label struct{ Name, Value string }

// Labels tell owners of one kind apart: sorted by name, no name twice.
type Labels []Label

// Get returns the value of a label, empty when it is not there.
func (l Labels) Get(name string) string {
	for _, x := range l {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// Bounds of labels, so that a hostile name costs little.
const (
	maxLabels     = 16
	maxLabelBytes = 256
)

// NewLabels sorts pairs of names and values, and checks their bounds.
func NewLabels(pairs ...string) (Labels, error) {
	if len(pairs)%2 != 0 {
		panic("BUG: labels come in pairs")
	}
	out := make(Labels, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Label{pairs[i], pairs[i+1]})
	}
	slices.SortFunc(out, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	if len(out) > maxLabels {
		return nil, fmt.Errorf("%d labels are too many: %d at most", len(out), maxLabels)
	}
	for i, l := range out {
		switch {
		case l.Name == "":
			return nil, fmt.Errorf("a label without a name, with the value %.40q", l.Value)
		case len(l.Name) > maxLabelBytes || len(l.Value) > maxLabelBytes:
			return nil, fmt.Errorf("label %.40q=%.40q is longer than %d bytes", l.Name, l.Value, maxLabelBytes)
		case i > 0 && out[i-1].Name == l.Name:
			return nil, fmt.Errorf("label %.40q is given twice", l.Name)
		}
	}
	return out, nil
}

// text is how labels are kept: a JSON object, its names sorted, that other programs read.
func (l Labels) text() string {
	m := make(map[string]string, len(l))
	for _, x := range l {
		m[x.Name] = x.Value
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic("BUG: a map of strings is no JSON: " + err.Error())
	}
	return string(b)
}

func parseLabels(text string) (Labels, error) {
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("labels %.80q: %w", text, err)
	}
	out := make(Labels, 0, len(m))
	for name, value := range m {
		out = append(out, Label{name, value})
	}
	slices.SortFunc(out, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
