package service

import (
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// Options says how to decide.
type Options struct {
	// Rules are tried in their order before everything else.
	Rules []Rule
	// HostRoot is the directory under which container engines keep their state; empty
	// means "/". It differs where the monitor itself runs in a container.
	HostRoot string
	// UserName names a user by number, "" where it is unknown; nil asks the system, or
	// reads etc/passwd under a HostRoot that is not "/".
	UserName func(uid int64) string
}

// Resolver decides to which service every process belongs and remembers it for as long
// as the process lives: about 400 bytes per process, and no more than maxApart names and
// maxContainers containers beside. It is not safe for use by several goroutines at once.
type Resolver struct {
	rules      []Rule
	need       process.Need
	users      userNames
	containers containerNames

	lives map[int32]*instance
	names map[string]*namesakes
	round uint32
	// met is the instance of every sample of this round, index for index.
	met        []*instance
	identities []Identity
}

// instance is what is remembered of one living process.
type instance struct {
	id     process.ID
	short  string // the kernel's name at the time of the decision
	uid    int64
	age    time.Duration
	parent int32
	round  uint32
	kernel bool
	// wake is the age at which the process is decided about again.
	wake time.Duration
	// failures counts how often its facts could not be read.
	failures uint8

	own      decision
	identity Identity
	// owner is the ancestor it counts to, nil where it has an identity of its own.
	owner *instance
	// kept says that the ancestor it counted to is gone: the service stays.
	kept bool
	// head is the outermost ancestor of the same name, itself where there is none; nil
	// for processes whose name ports do not tell apart.
	head *instance
	// port tells the instance apart: the one written in its command line, else the first
	// it was seen listening on. Sockets are looked at again at age lookAgain.
	port      uint16
	looked    bool
	lookAgain time.Duration
}

const (
	// settled is the age from which a process has become what it will be: between fork
	// and exec it still shows its parent's command line, and a shell's chain of execs
	// takes a moment. probe believes facts from the same age on.
	settled = 2 * time.Second
	// patience is the age up to which a process may still open the port it is known by:
	// servers that load models first take most of a minute.
	patience = 64 * time.Second
	// never is an age no process reaches.
	never = time.Duration(math.MaxInt64)
	// maxFailures bounds how often facts are asked for that could not be read.
	maxFailures = 3
)

// New makes a Resolver that has seen no process yet.
func New(o Options) *Resolver {
	if o.HostRoot == "" {
		o.HostRoot = "/"
	}
	users := accounts{root: o.HostRoot}
	if o.UserName == nil {
		o.UserName = users.name
	}
	r := &Resolver{
		rules: slices.Clone(o.Rules),
		users: userNames{lookUp: o.UserName, known: make(map[int64]string)},
		containers: containerNames{
			root: o.HostRoot, known: make(map[string]*containerName), home: users.home,
		},
		lives: make(map[int32]*instance),
		names: make(map[string]*namesakes),
	}
	r.need = baseNeed(r.rules)
	return r
}

// Resolve names every sample of one scan, index for index. The result is valid until the
// next call. A process is decided about once, and again when its name changed (exec) and
// when it has settled; what ended is forgotten. It allocates nothing while no process
// comes, changes or moves to another parent.
func (r *Resolver) Resolve(samples []memory.Sample, d Describer) []Identity {
	r.round++
	r.met = r.met[:0]
	changed := false
	for i := range samples {
		if r.meet(&samples[i], d) {
			changed = true
		}
	}
	if len(r.lives) > len(samples) {
		r.forget()
	}
	if r.containers.late {
		r.containers.late = false
		r.renameContained(d)
		changed = true
	}
	if changed {
		r.relate(d)
	}
	r.identities = r.identities[:0]
	for _, in := range r.met {
		r.identities = append(r.identities, in.identity)
	}
	return r.identities
}

// meet takes note of one sample and reports whether anything about it changed.
func (r *Resolver) meet(s *memory.Sample, d Describer) bool {
	in := r.lives[s.ID.PID]
	// Fast path: a process as it was.
	if in != nil && in.id == s.ID && in.short == s.Name && s.Age < in.wake {
		in.round, in.age = r.round, s.Age
		r.met = append(r.met, in)
		if in.parent == s.Parent {
			return false
		}
		in.kept = in.kept || in.identity.Step == StepParent
		in.parent = s.Parent
		return true
	}
	// Slow path.
	if in == nil || in.id != s.ID {
		in = &instance{id: s.ID, parent: s.Parent, kernel: s.Kernel}
		r.lives[s.ID.PID] = in
	}
	if in.parent != s.Parent {
		in.kept = in.kept || in.identity.Step == StepParent
		in.parent = s.Parent
	}
	if in.short != s.Name {
		in.failures = 0
	}
	in.short, in.uid = s.Name, s.UID
	in.round, in.age = r.round, s.Age
	r.met = append(r.met, in)
	r.examine(in, d)
	return true
}

// forget drops the instances that this round did not meet.
func (r *Resolver) forget() {
	for pid, in := range r.lives {
		if in.round != r.round {
			delete(r.lives, pid)
		}
	}
}

// examine decides about one process by itself.
func (r *Resolver) examine(in *instance, d Describer) {
	in.wake = never
	if in.kernel {
		in.own = decision{name: KernelService, kind: KindKernel, step: StepKernel}
		return
	}
	s := r.subjectOf(in, d)
	own := r.decide(s, nil)
	switch {
	case s.err == nil:
		in.failures = 0
	case in.failures < maxFailures:
		// It ended since the scan, or is about to. What was known of it stays; a first
		// decision goes by the name in the sample.
		in.failures++
		in.wake = in.age
		if in.own.step != 0 {
			return
		}
	}
	in.own = own
	if !own.yields {
		in.kept = false
	}
	if own.port != 0 {
		in.port = own.port
	}
	if in.age < settled {
		in.wake = min(in.wake, settled)
	} else if own.waits {
		in.wake = min(in.wake, nextLook(in.age))
	}
}

func (r *Resolver) subjectOf(in *instance, d Describer) *subject {
	return &subject{id: in.id, short: in.short, uid: in.uid, describer: d, resolver: r}
}

// renameContained decides again about the processes whose container has got a name now.
func (r *Resolver) renameContained(d Describer) {
	for _, in := range r.met {
		if in.own.contained {
			r.examine(in, d)
		}
	}
	r.containers.late = false
}

// nextLook is the age at which to look again for a port that was not open yet: the pauses
// double, so that a process is looked at six times at most.
func nextLook(age time.Duration) time.Duration {
	if age >= patience {
		return never
	}
	return max(settled, 2*age)
}
