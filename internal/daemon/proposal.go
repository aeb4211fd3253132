package daemon

import (
	"path"
	"regexp"
	"strings"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
)

// ruleOf is the rule of the configuration that names a service, and where it stands; or one
// that would, and no place. It is empty for the kernel's threads and for processes of which
// nothing is told that a rule could ask for.
func (d *Daemon) ruleOf(v *sampler.Service) (yaml, source string) {
	x := &v.Instances[0]
	for i := range v.Instances {
		id := v.Instances[i].Identity
		if id.Rule != nil {
			return config.RuleText(id.Rule), id.Rule.Source
		}
		if x.Identity.Step == service.StepParent && id.Step != service.StepParent {
			x = &v.Instances[i] // the one that the others count to
		}
	}
	if v.Kernel() {
		return "", ""
	}
	facts, err := d.machine.Describe(x.ID(), process.NeedCmdline|process.NeedExecutable)
	if err != nil {
		return "", "" // it has ended
	}
	elevated, high, _ := d.sampler.Thresholds(x)
	rule := service.Rule{Match: matchFor(x.Identity, &facts), Thresholds: service.Thresholds{ElevatedBytes: uint64(elevated), HighBytes: uint64(high)}}
	// In a name for a command, $1 is a group of it; elsewhere a $ has no meaning.
	if rule.Name = v.Name; rule.Match.Command != nil {
		rule.Name = strings.ReplaceAll(v.Name, "$", "$$")
	} else if strings.Contains(v.Name, "$") {
		return "", ""
	}
	return config.RuleText(&rule), ""
}

// matchFor asks for what a service was recognised by.
func matchFor(id *service.Identity, facts *process.Facts) (m service.Match) {
	switch id.Step {
	case service.StepUnit:
		container, unit, inside := strings.Cut(id.Service, "/")
		if !inside {
			unit = id.Service
		} else {
			m.Container = exactly(container)
		}
		m.Unit = exactly(unit)
	case service.StepContainer:
		m.Container = exactly(id.Service)
	case service.StepScript:
		m.Command = scriptOf(id.Service, facts.Cmdline)
	default:
		if facts.Has(process.NeedExecutable) && facts.Executable != "" {
			m.Executable = exactly(facts.Executable)
		} else if len(facts.Cmdline) > 0 {
			m.Command = regexp.MustCompile("^" + regexp.QuoteMeta(facts.Cmdline[0]) + "( |$)")
		}
	}
	if id.Port != 0 {
		m.Ports = []uint16{id.Port}
	}
	return m
}

func exactly(text string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.QuoteMeta(text) + "$")
}

// fewWords is how many words of a command line name it where the script is not among them.
const fewWords = 3

// scriptOf asks for the word of a command line that a service has its name from: the script
// with its path, or else the first words.
func scriptOf(name string, cmdline []string) *regexp.Regexp {
	name, _, _ = strings.Cut(name, " [")
	for _, word := range cmdline[min(1, len(cmdline)):] {
		if base := path.Base(word); base != "" && base != "." && (base == name || strings.HasSuffix(name, base) || strings.TrimSuffix(base, path.Ext(base)) == name) {
			return regexp.MustCompile("(^| )" + regexp.QuoteMeta(word) + "( |$)")
		}
	}
	if len(cmdline) == 0 {
		return nil
	}
	return regexp.MustCompile("^" + regexp.QuoteMeta(strings.Join(cmdline[:min(fewWords, len(cmdline))], " ")) + "( |$)")
}
