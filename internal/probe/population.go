package probe

import (
	"time"

	"github.com/zol0/zol0/internal/process"
)

// population remembers the living instances of the last scan: their printable names, so
// that a steady scan allocates nothing, and the facts read of them. It is bounded by the
// number of living processes; facts are bounded by package process.
type population struct {
	lives map[int32]*life
	round uint32
	met   int
}

// life is what is remembered of one instance.
type life struct {
	id   process.ID
	comm string // as the kernel keeps it
	name string // printable
	// round is the scan in which the instance was last met.
	round uint32
	// facts were read when the instance was factsAge old and named factsComm.
	facts     process.Facts
	factsAge  time.Duration
	factsComm string
	age       time.Duration
	// asked are the facts that were asked for; the system may have withheld some of
	// them, and asking again would cost the same and give nothing.
	asked process.Need
}

// settled is the age from which a command line is believed to be the final one: between
// fork and exec a process still shows its parent's, and a shell's exec chain takes a moment.
const settled = 2 * time.Second

func newPopulation() *population { return &population{lives: make(map[int32]*life)} }

// begin starts a scan.
func (p *population) begin() { p.round++; p.met = 0 }

// meet records that an instance is alive and returns what is known of it. comm may be
// reused by the caller afterwards.
func (p *population) meet(id process.ID, comm []byte, age time.Duration) *life {
	l := p.lives[id.PID]
	if l == nil || l.id != id {
		l = &life{id: id}
		p.lives[id.PID] = l
	}
	if l.comm != string(comm) || l.name == "" {
		l.comm = string(comm)
		l.name = printableName(l.comm)
	}
	if l.round != p.round {
		l.round = p.round
		p.met++
	}
	l.age = age
	return l
}

// end forgets the instances that were not met since begin.
func (p *population) end() {
	if len(p.lives) == p.met {
		return
	}
	for pid, l := range p.lives {
		if l.round != p.round {
			delete(p.lives, pid)
		}
	}
}

// fresh reports whether the facts kept for l still describe it and cover need. A server
// may open its socket long after its start: that it had none is no fact for life.
func (l *life) fresh(need process.Need) bool {
	if need&l.facts.Known&process.NeedPorts != 0 && len(l.facts.Ports) == 0 {
		return false
	}
	return l.asked&need == need && l.factsComm == l.comm && (l.factsAge >= settled || l.age < settled)
}

// keep remembers facts of l that were read because of asked.
func (l *life) keep(f process.Facts, asked process.Need) {
	l.facts, l.asked, l.factsAge, l.factsComm = f, asked, l.age, l.comm
}
