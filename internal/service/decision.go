package service

import (
	"fmt"
	"strings"

	"github.com/zol0/zol0/internal/process"
)

// decision is what the steps say about one process by itself, before its relatives and
// the ports are looked at.
type decision struct {
	name string
	kind string
	step Step
	rule *Rule
	// port is written in the command line; 0 where none is.
	port uint16
	// owns says that descendants without an identity of their own count to this service.
	owns bool
	// yields says that the process counts to an ancestor's service where one owns it.
	yields bool
	// splits says that ports may tell apart instances of this name (step 5).
	splits bool
	// scope says that systemd separated the process from whoever started it.
	scope bool
	// contained says that the name has a container's name in it.
	contained bool
	// waits says that the process had no port yet and a rule wants one.
	waits bool
}

// decide takes the steps for one process. notes is nil except for explanations.
func (r *Resolver) decide(s *subject, notes *notes) decision {
	s.read(r.need)
	s.place = parsePlace(s.facts.Cgroup)
	d := r.walk(s, notes)
	if d.name = shortened(d.name); d.name == "" {
		d.name = "?"
	}
	d.scope = s.place.scope
	d.contained = s.container != ""
	d.waits = s.waitsForPort
	if s.isZoL0() {
		d.kind, d.splits = KindZoL0, false
	}
	return d
}

func (r *Resolver) walk(s *subject, notes *notes) decision {
	if d, ok := r.byRule(s, notes); ok {
		return d
	}
	if d, ok := byUnit(s, notes); ok {
		return d
	}
	if d, ok := byContainer(s, notes); ok {
		return d
	}
	if d, ok := byScript(s, notes); ok {
		return d
	}
	return byName(s, notes)
}

// byRule is step 1.
func (r *Resolver) byRule(s *subject, notes *notes) (decision, bool) {
	if len(r.rules) == 0 {
		notes.add(StepRule, "no rules are configured", "passed")
	}
	for i := range r.rules {
		rule := &r.rules[i]
		failed, ok := rule.Match.matches(s)
		if !ok {
			notes.add(StepRule, rule.describe(), "passed: "+failed+" does not match")
			continue
		}
		name := rule.title(s)
		if name == "" {
			notes.add(StepRule, rule.describe(), "passed: its name expands to nothing")
			continue
		}
		notes.add(StepRule, rule.describe(), "decided: "+name)
		return decision{name: name, kind: rule.Kind, step: StepRule, rule: rule, owns: true}, true
	}
	return decision{}, false
}

// describe names a rule for people.
func (r *Rule) describe() string {
	if r.Source == "" {
		return "rule " + r.Name
	}
	return "rule " + r.Name + " (" + r.Source + ")"
}

// unitHosts are units whose processes are other people's programs: schedulers, logins
// and process managers, each with the beginnings of the names of its own processes. Only
// those take the unit's name; what they started goes on to the next steps.
var unitHosts = [...]struct{ unit, own string }{
	{"cron", "cron"}, {"crond", "crond"}, {"cronie", "crond"}, {"anacron", "anacron"}, {"atd", "atd"}, {"fcron", "fcron"},
	{"ssh", "sshd"}, {"sshd", "sshd"}, {"dropbear", "dropbear"}, {"xrdp", "xrdp"}, {"getty", "getty agetty"},
	{"serial-getty", "agetty"}, {"gdm", "gdm"}, {"gdm3", "gdm"}, {"lightdm", "lightdm"}, {"sddm", "sddm"},
	{"display-manager", "gdm sddm lightdm"}, {"supervisor", "supervisord"}, {"supervisord", "supervisord"},
	{"circusd", "circusd"}, {"tmux", "tmux"}, {"screen", "screen SCREEN"}, {"rc-local", ""},
}

// hostUnit reports whether a unit hosts other people's programs, and whether a process
// with this short name is one of its own.
func hostUnit(unit, short string) (host, own bool) {
	name, _, _ := strings.Cut(strings.TrimSuffix(unit, unitSuffix), "@")
	if strings.HasPrefix(name, "pm2-") || name == "pm2" { // made by "pm2 startup"
		return true, strings.HasPrefix(short, "PM2 ")
	}
	for _, h := range unitHosts {
		if h.unit != name {
			continue
		}
		for prefix := range strings.FieldsSeq(h.own) {
			if strings.HasPrefix(short, prefix) {
				return true, true
			}
		}
		return true, false
	}
	return false, false
}

// byUnit is step 2. A unit inside a container carries the container's name in front: the
// nginx.service of ten containers are ten services.
func byUnit(s *subject, notes *notes) (decision, bool) {
	if !s.facts.Has(process.NeedCgroup) {
		notes.add(StepUnit, "the cgroup is not known on this system or withheld from this user", "passed")
		return decision{}, false
	}
	saw := "cgroup " + quoted(s.facts.Cgroup)
	if s.place.unit == "" {
		notes.add(StepUnit, saw, "passed: no unit in it that names a service")
		return decision{}, false
	}
	host, own := hostUnit(s.place.unit, s.short)
	if host && !own {
		notes.add(StepUnit, saw, "passed: "+s.place.unit+" runs other programs and this is one of them")
		return decision{}, false
	}
	name := strings.TrimSuffix(s.place.unit, unitSuffix)
	if s.place.inside {
		name = s.containerName() + "/" + name
	}
	notes.add(StepUnit, saw, "decided: "+name)
	return decision{name: name, step: StepUnit, owns: !host}, true
}

// byContainer is step 3.
func byContainer(s *subject, notes *notes) (decision, bool) {
	c := s.place.container
	if c.id == "" {
		notes.add(StepContainer, "cgroup "+quoted(s.facts.Cgroup), "passed: no container in it")
		return decision{}, false
	}
	name := s.containerName()
	if notes != nil {
		saw := fmt.Sprintf("container %s of engine %s", c.id, c.engine)
		if s.containerFile != "" {
			saw += ", its name from " + s.containerFile
		} else {
			saw += ", whose name is in no file that this user may read"
		}
		notes.add(StepContainer, saw, "decided: "+name)
	}
	return decision{name: name, step: StepContainer, owns: true}, true
}

// byScript is step 4.
func byScript(s *subject, notes *notes) (decision, bool) {
	if !s.hasCommand() {
		notes.add(StepScript, "no command line", "passed")
		return decision{}, false
	}
	p := programOf(s.facts.Cmdline)
	if p.label == "" {
		notes.add(StepScript, "command "+quoted(s.command()), "passed: no script behind an interpreter")
		return decision{}, false
	}
	name := p.name(s.cwd)
	outcome := "decided: " + name
	if p.weak {
		outcome += ", unless an ancestor owns this shell"
	}
	notes.add(StepScript, "command "+quoted(s.command()), outcome)
	return decision{
		name: name, step: StepScript, port: writtenPort(s.facts.Cmdline),
		owns: !p.host && !p.weak, yields: p.weak, splits: !p.weak,
	}, true
}

// Programs of which many run at once without ever listening: no port is looked for.
const portless = "bash sh zsh dash ash ksh fish tmux screen SCREEN su sudo login agetty getty sleep cat less tail vim vi nano top htop ssh"

// byName is step 6.
func byName(s *subject, notes *notes) decision {
	name := s.longName()
	short := strings.TrimPrefix(s.short, "-") // a login shell
	if listed("bash sh zsh dash ash ksh fish", short) {
		name = short
	}
	notes.add(StepName, "the kernel's name "+quoted(s.short), "decided: "+name+", unless an ancestor owns it")
	return decision{
		name: name, step: StepName, port: writtenPort(s.facts.Cmdline),
		yields: true, splits: !listed(portless, name),
	}
}

func quoted(s string) string { return `"` + s + `"` }
