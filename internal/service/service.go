// Package service decides which service a process belongs to: a name that a person would
// use and that survives restarts. It reads processes only through a Describer; the only
// files it opens itself are those in which container engines keep their containers' names.
//
// The steps, in order; the first that finds a name decides:
//
//  1. the rules of the configuration;
//  2. the systemd unit in the cgroup path;
//  3. the container in the cgroup path;
//  4. the script behind an interpreter (python app.py, node server.js, java -jar x.jar);
//  5. for names of steps 4 and 6 that several instances share, the listening port in
//     brackets: "app.py [8501]" and "app.py [8502]";
//  6. the executable's name.
//
// A process that only step 6 could name counts to the service of its nearest ancestor
// that one of the steps 1 to 4 named.
//
//	resolver := service.New(service.Options{Rules: rules})
//	scan, err := reader.Scan()
//	identities := resolver.Resolve(scan.Samples, reader)
package service

import (
	"fmt"

	"github.com/zol0/zol0/internal/process"
)

// Describer reads facts of one process instance; probe.Reader is one. Facts that the
// system withholds are left out without an error; an instance that has ended is an error.
type Describer interface {
	Describe(id process.ID, need process.Need) (process.Facts, error)
}

// Step is what decided about a process.
type Step uint8

// The steps, in the order in which they are tried; StepParent, which takes what the
// others leave without a name of their own, comes last.
const (
	StepKernel    Step = iota + 1 // a kernel thread
	StepRule                      // a rule of the configuration
	StepUnit                      // a systemd unit
	StepContainer                 // a container
	StepScript                    // the script behind an interpreter
	StepName                      // the executable's name
	StepParent                    // the service of an ancestor
	// StepPort stands in explanations only: a port adds to a name and decides none.
	StepPort
)

// String is the step's name in machine formats and explanations.
func (s Step) String() string {
	switch s {
	case StepKernel:
		return "kernel"
	case StepRule:
		return "rule"
	case StepUnit:
		return "unit"
	case StepContainer:
		return "container"
	case StepScript:
		return "script"
	case StepName:
		return "name"
	case StepParent:
		return "parent"
	case StepPort:
		return "port"
	}
	return fmt.Sprintf("step %d", uint8(s))
}

// MarshalText makes the step a word in JSON.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads that word.
func (s *Step) UnmarshalText(text []byte) error {
	for x := StepKernel; x <= StepPort; x++ {
		if x.String() == string(text) {
			*s = x
			return nil
		}
	}
	return fmt.Errorf("%.40q is no step of naming a service; this zol0 may be older than the daemon", text)
}

// Kinds that this package gives by itself; all others come from rules.
const (
	KindKernel = "kernel" // kernel threads
	KindZoL0   = "zol0"   // this program itself
)

// KernelService is the service of all kernel threads.
const KernelService = "kernel"

// Identity is what was decided for one process.
type Identity struct {
	// Service is the service's name, at most MaxName bytes, never empty.
	Service string
	// Kind is the word a rule gave to its service; see KindKernel and KindZoL0.
	Kind string
	// Step decided. Names of StepScript and StepName end with "[Port]" where Port is set.
	Step Step
	// Rule is the rule that decided about this process or about the ancestor it counts
	// to; nil where no rule did.
	Rule *Rule
	// Owner is the PID of the ancestor this process counts to; 0 unless Step is
	// StepParent. The ancestor may have ended since.
	Owner int32
	// Port tells this instance apart from others of the same name; 0 where none had to.
	Port uint16
	// Watched says that a rule matched this process or one of its ancestors, or that
	// there are no rules at all. Kernel threads are never watched: they have no memory.
	Watched bool
	// Root says that the parent does not belong to the same service: counting roots
	// counts how many times a service runs.
	Root bool
}

// MaxName bounds a service's name in bytes. Longer ones end with "…".
const MaxName = 128
