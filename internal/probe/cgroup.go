package probe

import "bytes"

// parseCgroup picks the path that says most about a process from /proc/PID/cgroup
// (cgroups(7)), whose lines are "ID:CONTROLLERS:PATH": that of the v2 hierarchy (ID 0)
// unless it is the root, else that of systemd's own v1 hierarchy, else that of the
// memory or cpu controller, where containers without systemd appear.
func parseCgroup(b []byte) string {
	best, rank := "", 0
	consider := func(path []byte, r int) {
		if r > rank && len(path) > 1 {
			best, rank = printable(string(path)), r
		}
	}
	for line := range bytes.Lines(b) {
		_, rest, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(":"))
		if !ok {
			continue
		}
		controllers, path, ok := bytes.Cut(rest, []byte(":"))
		if !ok {
			continue
		}
		switch {
		case len(controllers) == 0:
			consider(path, 4)
		case string(controllers) == "name=systemd":
			consider(path, 3)
		default:
			for controller := range bytes.SplitSeq(controllers, []byte(",")) {
				switch string(controller) {
				case "memory":
					consider(path, 2)
				case "cpu":
					consider(path, 1)
				}
			}
		}
	}
	return best
}
