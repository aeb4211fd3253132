package service

import (
	"strconv"

	"github.com/zol0/zol0/internal/process"
)

// namesakes are the living instances of one name of steps 4 and 6 that do not descend
// from each other. Where they listen on different ports, the port is part of their name
// from then on, also when one of them ends: the survivor must not change its name.
type namesakes struct {
	round uint32
	heads int
	// asked counts the living heads whose sockets were looked at.
	asked int
	// first is the first port seen in this round.
	first uint16
	// apart says that ports tell them apart.
	apart bool
}

const (
	// maxAsked bounds the instances of one name whose sockets are looked at: looking
	// takes 50 µs to 1 ms each.
	maxAsked = 64
	// maxApart bounds the names that are remembered as told apart by ports. When it is
	// reached, names without a living process make room.
	maxApart = 1024
)

// tellApart finds the names whose instances need their ports.
func (r *Resolver) tellApart(d Describer) {
	for _, in := range r.met {
		if in.splits() {
			in.head = r.headOf(in)
		}
	}
	for _, in := range r.met {
		if in.head != in {
			continue
		}
		n := r.names[in.own.name]
		if n == nil {
			n = new(namesakes)
			r.names[in.own.name] = n
		}
		if n.round != r.round {
			n.round, n.heads, n.asked, n.first = r.round, 0, 0, 0
		}
		n.heads++
		if in.looked {
			n.asked++
		}
	}
	for _, in := range r.met {
		if in.head != in {
			continue
		}
		n := r.names[in.own.name]
		if n.heads < 2 && !n.apart {
			continue
		}
		r.look(in, n, d)
		switch {
		case in.port == 0:
		case n.first == 0:
			n.first = in.port
		case n.first != in.port:
			n.apart = true
		}
	}
	r.forgetNames()
}

// splits reports whether a port may become part of the instance's name.
func (in *instance) splits() bool { return in.own.splits && !in.kept && in.owner == nil }

// headOf is the outermost ancestor with the same name that is no part of another service.
func (r *Resolver) headOf(in *instance) *instance {
	head, p := in, r.parentOf(in)
	for range maxDepth {
		if p == nil {
			break
		}
		if p.splits() && p.own.name == in.own.name && p.own.step == in.own.step {
			head = p
		}
		p = r.parentOf(p)
	}
	return head
}

// look finds the port of an instance unless it is known, at most once per instance and
// pause.
func (r *Resolver) look(in *instance, n *namesakes, d Describer) {
	if in.port != 0 || in.age < in.lookAgain || !in.looked && n.asked >= maxAsked {
		return
	}
	if !in.looked {
		in.looked = true
		n.asked++
	}
	facts, err := d.Describe(in.id, process.NeedPorts)
	if err == nil && len(facts.Ports) > 0 {
		in.port = facts.Ports[0]
		return
	}
	// It does not listen yet, or the system withholds it, or it has ended.
	in.lookAgain = nextLook(in.age)
	in.wake = min(in.wake, in.lookAgain)
}

// shownPort is the port in an instance's name; 0 where it needs none.
func (r *Resolver) shownPort(head *instance) uint16 {
	if n := r.names[head.own.name]; n != nil && n.apart {
		return head.port
	}
	return 0
}

// withPort is the name of one of several instances, kept below MaxName.
func withPort(name string, port uint16) string {
	suffix := " [" + strconv.Itoa(int(port)) + "]"
	if len(name)+len(suffix) > MaxName {
		name = shortenedTo(name, MaxName-len(suffix))
	}
	return name + suffix
}

// forgetNames drops the names that nobody has any more, all but those told apart.
func (r *Resolver) forgetNames() {
	apart := 0
	for name, n := range r.names {
		switch {
		case n.apart:
			apart++
		case n.round != r.round:
			delete(r.names, name)
		}
	}
	if apart <= maxApart {
		return
	}
	for name, n := range r.names {
		if n.apart && n.round != r.round {
			delete(r.names, name)
		}
	}
}
