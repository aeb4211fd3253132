package service

import (
	"strings"
)

// place is what a cgroup path says about a process: systemd names its units in it and
// container engines their containers.
type place struct {
	// unit is the systemd unit with its suffix, escapes undone; "" where there is none.
	unit string
	// container is the innermost one; its id is "" where there is none.
	container container
	// inside says that the unit runs in the container (systemd as its first process).
	inside bool
	// scope says that systemd gave the process a scope of its own, as it does for logins
	// and desktop applications: whoever started it did not start it for itself.
	scope bool
	// user is the numeric id in the path of a user's own systemd; "" outside of one.
	user string
}

// container is one container as its cgroup path shows it.
type container struct {
	engine string
	// id is 64 hexadecimal digits, or the name itself for engines that use names.
	id string
	// pod is the UID of the Kubernetes pod with dashes; "" outside of Kubernetes.
	pod string
	// named says that id is a name for people.
	named bool
}

const (
	unitSuffix  = ".service"
	scopeSuffix = ".scope"
	sliceSuffix = ".slice"
)

// parsePlace walks the path from the outside in; what stands further in is nearer to the
// process and decides (systemd.slice(5); docs of cgroups(7) delegation).
func parsePlace(path string) place {
	var p place
	var pod, previous string
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == ".." {
			continue
		}
		if uid, ok := podUID(segment); ok {
			pod = uid
		}
		if uid, ok := userOf(segment); ok {
			p.user = uid
		}
		if c, ok := containerOf(segment, previous, p.unit); ok {
			c.pod = pod
			p.enter(c, segment)
			previous = segment
			continue
		}
		switch {
		case strings.HasSuffix(segment, unitSuffix):
			if unit := lastingUnit(unescape(segment)); unit != "" {
				p.unit, p.inside, p.scope = unit, p.container.id != "", false
			}
		case strings.HasSuffix(segment, scopeSuffix):
			p.scope = p.scope || ownScope(segment)
		}
		previous = segment
	}
	return p
}

// enter goes into a container. The unit around it is the engine's, or the one that has
// the engine as its main process, and says nothing about what runs inside. Podman is the
// exception: with split cgroups it runs one container in the unit made for it.
func (p *place) enter(c container, segment string) {
	p.container = c
	p.inside, p.scope = false, false
	if !strings.HasPrefix(segment, "libpod-payload-") {
		p.unit = ""
	}
}

// ownScope reports whether a scope separates its processes from whoever started them.
// init.scope is systemd itself, run-*.scope is a command under systemd-run.
func ownScope(segment string) bool {
	return segment != "init.scope" && !strings.HasPrefix(segment, "run-")
}

// userOf reads the user's number from "user-1000.slice" or "user@1000.service".
func userOf(segment string) (string, bool) {
	for _, form := range [...][2]string{{"user-", sliceSuffix}, {"user@", unitSuffix}} {
		if rest, ok := strings.CutPrefix(segment, form[0]); ok {
			if uid, ok := strings.CutSuffix(rest, form[1]); ok && allDigits(uid) {
				return uid, true
			}
		}
	}
	return "", false
}

// lastingUnit returns the unit under a name that stays the same over restarts, or ""
// where the unit names no service: the manager of a user's units, and transient units
// with a random name.
func lastingUnit(unit string) string {
	name := strings.TrimSuffix(unit, unitSuffix)
	prefix, instance, templated := strings.Cut(name, "@")
	switch {
	case name == "" || prefix == "":
		return ""
	case templated && prefix == "user":
		return ""
	case strings.HasPrefix(name, "run-") && randomRun(name[len("run-"):]):
		return "" // systemd-run without --unit: run-u12, run-r<32 hex>, run-p1234-i5678
	case strings.HasPrefix(name, "dbus-:"):
		// Started by the message bus: dbus-:1.35-org.example.Thing@0.
		if _, rest, ok := strings.Cut(prefix[len("dbus-:"):], "-"); ok && rest != "" {
			return rest + unitSuffix
		}
	case templated && strings.HasPrefix(prefix, "app-") && hexadecimal(instance, 8):
		return prefix + unitSuffix // a desktop's application: app-NAME@<random>
	case templated && connection(instance):
		return prefix + unitSuffix // a socket unit with Accept=yes: NAME@3-10.0.0.1:22-…
	}
	return name + unitSuffix
}

// randomRun recognises what systemd-run(1) puts after "run-" when it is given no name.
func randomRun(rest string) bool {
	if rest == "" {
		return false
	}
	switch rest[0] {
	case 'u':
		return allDigits(rest[1:])
	case 'r':
		return hexadecimal(rest[1:], 16)
	case 'p':
		a, b, ok := strings.Cut(rest[1:], "-i")
		return ok && allDigits(a) && allDigits(b)
	}
	return false
}

// connection recognises the instance names of systemd.socket(5), Accept=yes:
// "NR-ADDRESS:PORT-ADDRESS:PORT" or "NR-PID-UID".
func connection(instance string) bool {
	number, rest, ok := strings.Cut(instance, "-")
	if !ok || !allDigits(number) {
		return false
	}
	if a, b, ok := strings.Cut(rest, "-"); ok {
		return strings.Contains(a, ":") && strings.Contains(b, ":") || allDigits(a) && allDigits(b)
	}
	return false
}

// unescape undoes the \xNN of systemd-escape(1). A sequence that would make the name
// unprintable stays as it is, so that no unit can write to a terminal through us.
func unescape(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], `\x`) && i+4 <= len(s) {
			if hi, lo := hexDigit(s[i+2]), hexDigit(s[i+3]); hi >= 0 && lo >= 0 {
				out.WriteByte(byte(hi<<4 | lo))
				i += 4
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	if clean := out.String(); harmless(clean) {
		return clean
	}
	return s
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// hexadecimal reports whether s is at least n lower-case hexadecimal digits.
func hexadecimal(s string, n int) bool {
	if len(s) < n {
		return false
	}
	for i := range len(s) {
		if hexDigit(s[i]) < 0 {
			return false
		}
	}
	return true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}
