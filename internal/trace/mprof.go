package trace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// isMprof reports whether a file begins like a profile of mprof. FUNC may come first: the
// profiled program writes these lines, mprof itself the others, each when it likes.
func isMprof(start string) bool {
	for _, word := range []string{"CMDLINE ", "MEM ", "FUNC ", "CHLD "} {
		if strings.HasPrefix(start, word) {
			return true
		}
	}
	return false
}

// readMprof reads a profile of memory_profiler's mprof (mprofile_*.dat):
//
//	CMDLINE python3 app.py        begins a recording; a second one in a file is a restart
//	MEM 12.343750 1700000000.1234 MiB of the program, by default its RSS; seconds since 1970
//	CHLD 812 9.585938 1700000.1   the same of a child process, with mprof run --multiprocess
//	FUNC app.load 1.0 1.7 …       calls of decorated functions; left out
//
// The command line is left out as well: it may hold secrets.
func readMprof(src *source, name string) ([]Series, error) {
	lines := newLines(src)
	r := &mprofLives{record: newRecord(src, name)}
	r.metrics = []seriesKind{{name: "rss", unit: "bytes"}}
	err := lines.each(func(line int, text string) error {
		fields := strings.Fields(text)
		switch fields[0] {
		case "FUNC":
			return nil
		case "CMDLINE":
			r.restart()
			return nil
		case "MEM", "CHLD":
		default:
			return brokenLine(line, "", fmt.Errorf("a line of mprof begins with CMDLINE, MEM, CHLD or FUNC, not with %s", quoted(fields[0])))
		}
		pid := ""
		if fields[0] == "CHLD" && len(fields) == 4 {
			pid, fields = fields[1], fields[1:]
			if pid == "0" { // mprof's way to say that the children have gone
				return nil
			}
		}
		if len(fields) != 3 {
			return brokenLine(line, "", fmt.Errorf("%s is no complete line of mprof", quoted(text)))
		}
		memory, ok := figure(fields[1], false)
		if !ok {
			return brokenLine(line, "memory", fmt.Errorf("%s is no number of MiB", quoted(fields[1])))
		}
		at, ok := figure(fields[2], false)
		if !ok || math.IsNaN(at) || math.Abs(at) > maxSeconds {
			return brokenLine(line, "time", fmt.Errorf("%s are no seconds since 1970", quoted(fields[2])))
		}
		if memory == 0 { // of a process that has ended: a living one holds a page at least
			memory = math.NaN()
		}
		if r.points == maxPoints {
			return tooMuch(line, maxPoints, "points")
		}
		x, err := r.of(pid, at, line)
		if err != nil {
			return err
		}
		r.line = line
		return r.add(x, moment{at, math.NaN(), math.NaN(), math.NaN(), []float64{finite(memory * mibUnit.factor)}})
	})
	return r.finish(err)
}

// mprofLives finds the life that a line is about. Children stand each for themselves:
// mprof says nothing about them but their PID.
type mprofLives struct {
	*record
	run     int
	program *life
}

// restart says that what comes is another run of the program.
func (m *mprofLives) restart() {
	if m.program != nil {
		m.run++
		m.program = nil
	}
}

func (m *mprofLives) of(pid string, at float64, line int) (*life, error) {
	if pid == "" && m.program != nil {
		return m.program, nil
	}
	key := strconv.Itoa(m.run) + " " + pid
	if x := m.living[key]; x != nil && pid != "" {
		return x, nil
	}
	if pid != "" {
		return m.begin(line, key, key, "", pid, at)
	}
	x, err := m.begin(line, key, "", "", "", at)
	m.program = x
	return x, err
}
