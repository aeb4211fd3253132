package probe

import (
	"bytes"

	"github.com/zol0/zol0/internal/memory"
)

// parsePressure reads a file of /proc/pressure (Linux, Documentation/accounting/psi.rst):
// a line that begins with "some" and mostly one that begins with "full". Lines that begin
// otherwise are passed over. It reports false when the first is missing or a line is cut
// off or has not its form.
func parsePressure(b []byte) (memory.Pressure, bool) {
	var out memory.Pressure
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n') + 1
		if end == 0 {
			return memory.Pressure{}, false
		}
		line := b[:end]
		b = b[end:]
		var into *memory.Optional[memory.Stall]
		switch {
		case bytes.HasPrefix(line, []byte("some ")):
			into = &out.Some
		case bytes.HasPrefix(line, []byte("full ")):
			into = &out.Full
		default:
			continue
		}
		stall, ok := parseStall(line)
		if !ok {
			return memory.Pressure{}, false
		}
		*into = memory.Present(stall)
	}
	if _, ok := out.Some.Get(); !ok {
		return memory.Pressure{}, false
	}
	return out, true
}

// parseStall reads a line "some avg10=0.14 avg60=0.46 avg300=6.04 total=6774808602\n",
// whose averages are percent and whose total is microseconds.
func parseStall(line []byte) (memory.Stall, bool) {
	_, average, ok := bytes.Cut(line, []byte(" avg10="))
	if !ok {
		return memory.Stall{}, false
	}
	hundredths, ok := parseHundredths(average)
	if !ok || hundredths > 100*100 {
		return memory.Stall{}, false
	}
	_, total, ok := bytes.Cut(line, []byte(" total="))
	if !ok {
		return memory.Stall{}, false
	}
	micros, ok := wholeNumber(bytes.TrimSuffix(total, []byte("\n"))).Get()
	if !ok {
		return memory.Stall{}, false
	}
	nanos, ok := scaled(micros, 1000).Get()
	return memory.Stall{TotalNanoseconds: nanos, Avg10Percent: float64(hundredths) / 100}, ok
}
