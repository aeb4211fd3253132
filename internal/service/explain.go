package service

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/zol0/zol0/internal/process"
)

// Explanation says how the service of one process was found.
type Explanation struct {
	PID     int32  `json:"pid"`
	Name    string `json:"name"`
	Command string `json:"command,omitempty"`
	// Parents are the ancestors from the parent up.
	Parents []Ancestor `json:"parents,omitempty"`
	// Steps are those that were tried, in their order.
	Steps   []Note `json:"steps"`
	Service string `json:"service"`
	Kind    string `json:"kind,omitempty"`
	// DecidedBy is the step that decided.
	DecidedBy Step `json:"decided_by"`
	Watched   bool `json:"watched"`
	// Why is the decision in one sentence.
	Why string `json:"why"`
	// Withheld are facts that could not be read, with the reason as far as it is known.
	Withheld []string `json:"withheld,omitempty"`
}

// Ancestor is one process above the explained one.
type Ancestor struct {
	PID     int32  `json:"pid"`
	Name    string `json:"name"`
	Service string `json:"service"`
}

// Note is what one step saw and what came of it.
type Note struct {
	Step    Step   `json:"step"`
	Saw     string `json:"saw"`
	Outcome string `json:"outcome"`
}

// noProcess is fs.ErrNotExist in the words for processes.
type noProcess struct{}

func (noProcess) Error() string { return "there is no such process" }

// Is makes it an fs.ErrNotExist.
func (noProcess) Is(target error) bool { return target == fs.ErrNotExist }

// notes collects what the steps saw. A nil one collects nothing.
type notes struct{ list []Note }

func (n *notes) add(step Step, saw, outcome string) {
	if n != nil {
		n.list = append(n.list, Note{Step: step, Saw: saw, Outcome: outcome})
	}
}

// Explain says for one process of the last Resolve which steps were tried, what they saw
// and which decided. The error wraps fs.ErrNotExist where the last Resolve met no such
// process.
func (r *Resolver) Explain(pid int32, d Describer) (Explanation, error) {
	in := r.lives[pid]
	if in == nil {
		return Explanation{}, fmt.Errorf("cannot explain process %d: %w", pid, noProcess{})
	}
	out := Explanation{
		PID: pid, Name: in.short, Service: in.identity.Service, Kind: in.identity.Kind,
		DecidedBy: in.identity.Step, Watched: in.identity.Watched, Why: r.why(in),
	}
	for p, depth := r.parentOf(in), 0; p != nil && depth < maxDepth; p, depth = r.parentOf(p), depth+1 {
		out.Parents = append(out.Parents, Ancestor{PID: p.id.PID, Name: p.short, Service: p.identity.Service})
	}
	if in.kernel {
		out.Steps = []Note{{Step: StepKernel, Saw: "a kernel thread", Outcome: "decided: " + KernelService}}
		return out, nil
	}
	var notes notes
	s := r.subjectOf(in, d)
	r.decide(s, &notes)
	out.Command = s.command()
	out.Withheld = s.withheld()
	r.notePort(in, &notes)
	r.noteOwner(in, &notes)
	out.Steps = notes.list
	return out, nil
}

// withheld lists the facts that were asked for and not given.
func (s *subject) withheld() []string {
	if s.err != nil {
		return []string{s.err.Error()}
	}
	var out []string
	for _, fact := range [...]struct {
		need process.Need
		name string
	}{
		{process.NeedCmdline, "command line"}, {process.NeedExecutable, "executable"}, {process.NeedCwd, "working directory"},
		{process.NeedCgroup, "cgroup"}, {process.NeedPorts, "listening ports"},
	} {
		if s.asked&fact.need != 0 && !s.facts.Has(fact.need) {
			out = append(out, fact.name+": this user may not read it, or this system has none")
		}
	}
	return out
}

// notePort explains step 5.
func (r *Resolver) notePort(in *instance, notes *notes) {
	if in.head == nil {
		return
	}
	n := r.names[in.own.name]
	switch port := r.shownPort(in.head); {
	case port != 0:
		notes.add(StepPort, "port "+strconv.Itoa(int(port)), "added to the name: others of this name have other ports")
	case n != nil && n.apart:
		notes.add(StepPort, "no listening port", "passed: the bare name stays")
	case n != nil && n.heads > 1:
		notes.add(StepPort, fmt.Sprintf("%d instances of this name", n.heads), "passed: no two different ports tell them apart")
	default:
		notes.add(StepPort, "one instance of this name", "passed: nothing to tell apart")
	}
}

// noteOwner explains to whom a process without an identity of its own counts.
func (r *Resolver) noteOwner(in *instance, notes *notes) {
	switch {
	case !in.own.yields:
	case in.kept:
		notes.add(StepParent, "the ancestor it counted to has ended", "decided: it stays with "+in.identity.Service)
	case in.owner != nil:
		notes.add(StepParent, fmt.Sprintf("ancestor %d (%s)", in.owner.id.PID, in.owner.short), "decided: "+in.identity.Service)
	default:
		notes.add(StepParent, "no ancestor that a rule, unit, container or script named", "passed")
	}
}

// why is the decision in one sentence.
func (r *Resolver) why(in *instance) string {
	name := strconv.Quote(in.identity.Service)
	var because string
	switch in.identity.Step {
	case StepKernel:
		return "It is a kernel thread; all of them are one service."
	case StepRule:
		because = in.own.rule.describe() + " matches it"
	case StepUnit:
		because = "its cgroup is that of a systemd unit"
	case StepContainer:
		because = "it runs in a container of that name"
	case StepScript:
		because = "that is what its command line runs"
	case StepName:
		because = "neither a rule nor a unit, container, script or ancestor names it, so its executable does"
	case StepParent:
		because = fmt.Sprintf("it has no name of its own and descends from process %d of that service", in.identity.Owner)
		if in.kept {
			because += ", which has ended"
		}
	}
	sentence := "It belongs to " + name + " because " + because
	if in.identity.Port != 0 && in.identity.Step != StepParent {
		sentence += fmt.Sprintf("; the port tells it apart from others called %q", in.own.name)
	}
	return strings.TrimSuffix(sentence, ".") + "."
}
