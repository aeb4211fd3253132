package probe

import "bytes"

// parseHundredths reads the number with two decimals at the start of b, as the kernel
// writes it in /proc/loadavg (proc_loadavg(5)) and /proc/uptime (proc_uptime(5)), in
// hundredths: "0.27 0.19 …" is 27. Something must follow, or the number may be cut off.
func parseHundredths(b []byte) (uint64, bool) {
	whole, n := digits(b)
	if n == 0 || n+3 >= len(b) || b[n] != '.' || whole > ^uint64(0)/100-1 {
		return 0, false
	}
	part, m := digits(b[n+1:])
	if m != 2 {
		return 0, false
	}
	return whole*100 + part, true
}

// parseCPUs counts the processors in a list like "0-3,8-11\n", the form of
// /sys/devices/system/cpu/online (Linux, admin-guide/cputopology). It reports false for
// anything else and for an empty list: this very code runs on one.
func parseCPUs(b []byte) (int, bool) {
	// maxCPUs is far above NR_CPUS of any kernel (8192 on x86).
	const maxCPUs = 1 << 20
	count := 0
	for part := range bytes.SplitSeq(bytes.TrimSuffix(b, []byte("\n")), []byte(",")) {
		first, n := digits(part)
		if n == 0 {
			return 0, false
		}
		last := first
		if rest := part[n:]; len(rest) > 0 {
			if last, n = digits(rest[1:]); rest[0] != '-' || n == 0 || n != len(rest)-1 {
				return 0, false
			}
		}
		if last < first || last > maxCPUs {
			return 0, false
		}
		if count += int(last-first) + 1; count > maxCPUs {
			return 0, false
		}
	}
	return count, true
}
