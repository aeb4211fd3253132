package trace

import (
	"errors"
	"strings"
)

// layout says what the columns of a CSV file are. Columns are places in the row, -1 none.
type layout struct {
	time    int
	names   []int // of the thing: the first is shown, all together tell things apart
	pid     int
	uptime  int // seconds of this life; where it falls, the PID was given to another process
	cpu     int // percent of one core since the row before; its integral is Work
	work    []int
	faults  []int
	rss     metric // no series, but what resident metrics are a part of
	metrics []metric
	// counted: Work is a counter of an unknown process, which begins anew where it falls.
	counted bool
	// single: one process at a time, whatever its PID; another PID than in the row before
	// is its restart, also where that PID was seen before.
	single bool
	// binary: kb and mb at the end of a column's name are KiB and MiB.
	binary bool
}

// metric is a series that is made of each row: the sum of some columns.
type metric struct {
	name     string
	unit     unitOf
	columns  []int
	resident bool // a part of the RSS
}

var (
	bytesUnit = unitOf{"bytes", 1}
	kibUnit   = unitOf{"bytes", 1 << 10}
	mibUnit   = unitOf{"bytes", 1 << 20}
	countUnit = unitOf{"count", 1}
	noUnit    = unitOf{"", 1}
)

// layoutOf recognises a header and puts in what the caller chose.
func layoutOf(h *header, o Options, unit unitOf) (*layout, error) {
	l := recognise(h)
	if l == nil && (o.Time == "" || o.Value == "") {
		err := errors.New("the columns are of no format that is recognised")
		return nil, &Error{Line: 1, Err: err, Hint: "name the columns with --time and --value; there are " + h.list()}
	}
	if o.Unit != "" && o.Value == "" {
		return nil, &Error{Err: errors.New("a unit was given, but no column that it belongs to"), Hint: "name the column with --value"}
	}
	if l == nil {
		// A column pid keeps processes apart whatever else the file is.
		l = &layout{pid: h.at("pid"), uptime: -1, cpu: -1}
	}
	if o.Time != "" {
		i, err := h.chosen(o.Time)
		if err != nil {
			return nil, err
		}
		l.time = i
	}
	if o.Value != "" {
		i, err := h.chosen(o.Value)
		if err != nil {
			return nil, err
		}
		if o.Unit == "" {
			unit = unitOfColumn(h.lower[i], l.binary)
		}
		l.metrics = []metric{{name: printable(h.names[i]), unit: unit, columns: []int{i}}}
	}
	if o.Work != "" {
		i, err := h.chosen(o.Work)
		if err != nil {
			return nil, err
		}
		l.work, l.cpu, l.counted = []int{i}, -1, l.pid < 0
	}
	return l, nil
}

// recognise knows the formats by their columns, nil for none.
func recognise(h *header) *layout {
	for _, known := range []func(*header) *layout{zol0, leakbench, memoryMonitoring, psrecordCSV, timed} {
		if l := known(h); l != nil {
			return l
		}
	}
	return nil
}

// zol0 is what zol0 monitor and zol0 quick --csv write; docs/formats.md describes it.
func zol0(h *header) *layout {
	if !h.has("time", "service", "pid", "start_time", "private_bytes", "uptime_seconds") {
		return nil
	}
	l := &layout{time: h.at("time"), pid: h.at("pid"), uptime: h.at("uptime_seconds"), cpu: -1, names: places(h, "service", "name"), work: places(h, "cpu_seconds")}
	l.faults, l.rss = places(h, "minor_faults"), metric{unit: bytesUnit, columns: places(h, "rss_bytes")}
	l.addPart("private", bytesUnit, places(h, "private_bytes"))
	l.addPart("shmem", bytesUnit, places(h, "shmem_bytes"))
	l.add("fds", countUnit, places(h, "fds"))
	l.add("threads", countUnit, places(h, "threads"))
	return l
}

// leakbench is a trace of the corpus of recorded leaks: kB are KiB there, as in
// /proc/PID/status, and private memory is what zol0 takes for it. It follows one service
// over its restarts. What an event says about a row may not hang on later rows, and it
// would if those decided whose restart a PID is, as with processes that run side by side.
func leakbench(h *header) *layout {
	if !h.has("t_s", "pid", "rss_anon_kb") {
		return nil
	}
	l := &layout{time: h.at("t_s"), pid: h.at("pid"), uptime: -1, cpu: -1, single: true, binary: true}
	if h.has("utime_s", "stime_s") {
		l.work = places(h, "utime_s", "stime_s")
	}
	l.faults, l.rss = places(h, "minflt"), metric{unit: kibUnit, columns: places(h, "rss_kb")}
	l.addPart("private", kibUnit, places(h, "rss_anon_kb", "swap_kb"))
	l.addPart("shmem", kibUnit, places(h, "rss_shmem_kb"))
	l.add("fds", countUnit, places(h, "fds"))
	l.add("threads", countUnit, places(h, "threads"))
	return l
}

// memoryMonitoring is memory_monitoring_*.csv as memory_monitor.py of the ZoL0 trading
// system wrote it: timestamp,pid,memory_mb,service_type, with local times and the RSS in
// MiB. Files of its kind with other names for the same columns are taken as well.
func memoryMonitoring(h *header) *layout {
	l := &layout{time: h.at("timestamp", "time", "datetime"), pid: h.at("pid"), uptime: -1, cpu: -1, binary: true}
	memory := h.at("memory_mb", "rss_mb")
	if l.time < 0 || l.pid < 0 || memory < 0 {
		return nil
	}
	if i := h.at("service_type", "service", "process", "process_name", "name"); i >= 0 {
		l.names = []int{i}
	}
	l.add("rss", mibUnit, []int{memory})
	return l
}

// psrecordCSV is the log of psrecord --log-format csv.
func psrecordCSV(h *header) *layout {
	if !h.has("elapsed_time", "cpu", "mem_real") {
		return nil
	}
	l := &layout{time: h.at("elapsed_time"), pid: -1, uptime: -1, cpu: h.at("cpu")}
	l.add("rss", mibUnit, places(h, "mem_real"))
	return l
}

// timed is any table whose time is named t_s: each other column is a series of its own.
func timed(h *header) *layout {
	l := &layout{time: h.at("t_s"), pid: h.at("pid"), uptime: -1, cpu: -1}
	if l.time < 0 {
		return nil
	}
	for i, name := range h.names {
		if i != l.time && i != l.pid {
			l.add(printable(name), unitOfColumn(h.lower[i], false), []int{i})
		}
	}
	return l
}

func (l *layout) add(name string, unit unitOf, columns []int) {
	if len(columns) > 0 {
		l.metrics = append(l.metrics, metric{name: name, unit: unit, columns: columns})
	}
}

// addPart adds a metric that is a part of the RSS.
func (l *layout) addPart(name string, unit unitOf, columns []int) {
	l.add(name, unit, columns)
	if len(columns) > 0 {
		l.metrics[len(l.metrics)-1].resident = len(l.rss.columns) > 0
	}
}

// places are the places of those of the given columns that exist.
func places(h *header, names ...string) []int {
	var out []int
	for _, name := range names {
		if i := h.at(name); i >= 0 {
			out = append(out, i)
		}
	}
	return out
}

// unitOfColumn takes a unit from the end of a column's name. Unless the format says that
// they are binary, "kb" and "mb" may be powers of 1000 or of 1024: such figures stay
// without a unit.
func unitOfColumn(name string, binary bool) unitOf {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("_ .()", r) })
	if len(words) == 0 {
		return noUnit
	}
	switch word := words[len(words)-1]; {
	case word == "bytes":
		return bytesUnit
	case word == "kib" || word == "kb" && binary:
		return kibUnit
	case word == "mib" || word == "mb" && binary:
		return mibUnit
	case word == "gib":
		return unitOf{"bytes", 1 << 30}
	}
	return noUnit
}
