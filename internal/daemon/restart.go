package daemon

import (
	"fmt"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
)

// kindRestart is the kind of the event that says that a process of a service took the
// place of one that had ended.
const kindRestart = "restart"

// restartDetail is what such an event says for programs.
type restartDetail struct {
	PID         int32     `json:"pid"`
	Start       uint64    `json:"start"` // as in the label of its series
	StartTime   time.Time `json:"start_time"`
	PreviousPID int32     `json:"previous_pid"`
	// Deploy says whether it began from a file that is another than that of the life
	// before; null where that could not be seen.
	Deploy *bool `json:"deploy"`
	// File is the file that changed; empty where none did.
	File string `json:"file"`
	// Unreported restarts of the service came before this one and have no event.
	Unreported int `json:"unreported"`
}

// Bounds of what is remembered of services that may be restarted.
const (
	// maxRemembered services; for one more, the one that is gone longest gives way.
	maxRemembered = 1000
	// maxRoots processes of each are told apart, and as many that ended.
	maxRoots = 16
	// rootSettled is how old a process is before it counts that no rule names: what lives
	// shorter is no service (package record has the same). One that a rule names counts
	// when a script that starts it has most likely given way to it (exec).
	rootSettled, ruledSettled = time.Minute, 10 * time.Second
	// successorWithin is how long before or after the end of a process another of its service
	// begins in its place. With none left alive any later one does.
	successorWithin = 10 * time.Minute
	// maxTold restarts of one service are told within toldWithin: what crashes all day must
	// not push everything else out of the journal.
	maxTold    = 4
	toldWithin = 4 * time.Hour
	// imageBeats is how long a restart waits for its files to be looked at.
	imageBeats = 3
)

// restarts notices them.
type restarts struct {
	services map[string]*remembered
	round    uint64
	pending  []restart
	files    files
}

// remembered is a service and its lives, the roots of its processes alone: workers that
// come and go are no restart.
type remembered struct {
	round         uint64
	living, ended []lived
	seen          time.Duration // uptime at which it was last there
	told          []time.Duration
	unreported    int
}

// lived is one life.
type lived struct {
	id    process.ID
	name  string
	start time.Time
	born  time.Duration // uptime
	seen  time.Duration // uptime at which it was last there
	round uint64
	fresh bool // it began while it was watched and is not known to have replaced another
	image image
}

// restart is one that is told as soon as the files were looked at.
type restart struct {
	service     string
	now, before lived
	due         uint64
}

// restarted looks which processes took the place of others since the last beat. It costs
// a look at every root; files are looked at for those alone that began.
func (d *Daemon) restarted(s *sampler.Snapshot) {
	r := &d.past.restarts
	if r.services == nil {
		r.services = make(map[string]*remembered)
	}
	r.round++
	for _, a := range r.files.answered() {
		r.take(a)
	}
	uptime := s.Host.Uptime
	for k := range d.chosen {
		v := &d.chosen[k]
		x := r.services[v.Name]
		if x == nil {
			if len(r.services) >= maxRemembered && !r.makeRoom() {
				continue
			}
			x = new(remembered)
			r.services[v.Name] = x
		}
		x.round, x.seen = r.round, uptime
		d.roots(x, v, s)
	}
	for name, x := range r.services {
		if !x.bury(s, r.round) {
			continue
		}
		for {
			now, before, ok := x.pair(uptime)
			if !ok {
				break
			}
			r.pending = append(r.pending, restart{name, now, before, r.round + imageBeats})
		}
	}
	r.pending = slices.DeleteFunc(r.pending, func(p restart) bool {
		ready := p.now.image.looked || p.due <= r.round || r.files.look == nil
		if ready {
			d.tellRestart(&p, uptime)
		}
		return ready
	})
	r.files.ask()
}

// roots takes in the roots of a service.
func (d *Daemon) roots(x *remembered, v *sampler.Service, s *sampler.Snapshot) {
	r := &d.past.restarts
	for i := range v.Instances {
		in := &v.Instances[i]
		settled := rootSettled
		if in.Identity.Rule != nil {
			settled = ruledSettled
		}
		if !in.Identity.Root || in.Sample.Age < settled {
			continue
		}
		at := slices.IndexFunc(x.living, func(l lived) bool { return l.id == in.ID() })
		if at < 0 {
			if len(x.living) == maxRoots {
				continue
			}
			at = len(x.living)
			x.living = append(x.living, lived{id: in.ID(), name: in.Sample.Name, start: s.Started(in), born: s.Host.Uptime - in.Sample.Age, fresh: d.beats.number > 0})
			r.files.want(d.machine, v.Name, in.ID())
		}
		l := &x.living[at]
		if l.name != in.Sample.Name { // it is another program now
			l.name, l.image = in.Sample.Name, image{}
			r.files.want(d.machine, v.Name, l.id)
		}
		l.round, l.seen = r.round, s.Host.Uptime
	}
}

// bury moves what has ended, and reports whether anything came or went.
func (x *remembered) bury(s *sampler.Snapshot, round uint64) bool {
	changed := false
	x.living = slices.DeleteFunc(x.living, func(l lived) bool {
		changed = changed || l.fresh
		if l.round == round {
			return false
		}
		changed = true
		if _, alive := s.Find(l.id.PID); alive != nil && alive.ID() == l.id {
			// It has a parent of its service now, or belongs to another.
			return x.round != round
		}
		if len(x.ended) == maxRoots {
			x.ended = slices.Delete(x.ended, 0, 1)
		}
		x.ended = append(x.ended, l)
		return true
	})
	return changed
}

// pair finds a life that took the place of another.
func (x *remembered) pair(uptime time.Duration) (now, before lived, ok bool) {
	for i := range x.living {
		l := &x.living[i]
		if !l.fresh {
			continue
		}
		at := -1
		for k := range x.ended {
			e := &x.ended[k]
			apart := l.born - e.seen
			if apart < -successorWithin || apart > successorWithin && len(x.living) > 1 {
				continue
			}
			if at < 0 || e.name == l.name && x.ended[at].name != l.name {
				at = k
			}
		}
		switch {
		case at >= 0:
			l.fresh = false
			now, before = *l, x.ended[at]
			x.ended = slices.Delete(x.ended, at, at+1)
			return now, before, true
		case uptime-l.born > successorWithin+rootSettled:
			l.fresh = false
		}
	}
	return now, before, false
}

// makeRoom forgets the service that is gone longest; false where all are there.
func (r *restarts) makeRoom() bool {
	victim := ""
	for name, x := range r.services {
		if len(x.living) == 0 && (victim == "" || x.seen < r.services[victim].seen) {
			victim = name
		}
	}
	delete(r.services, victim)
	return victim != ""
}

// take notes what a look at the files of a process showed.
func (r *restarts) take(a answer) {
	for i := range r.pending {
		if p := &r.pending[i]; p.service == a.service && p.now.id == a.id {
			p.now.image = a.image
		}
	}
	x := r.services[a.service]
	if x == nil {
		return
	}
	for _, list := range [...][]lived{x.living, x.ended} {
		for i := range list {
			if list[i].id == a.id {
				list[i].image = a.image
			}
		}
	}
}

// tellRestart makes an event of a restart, or counts it where there were too many.
func (d *Daemon) tellRestart(p *restart, uptime time.Duration) {
	x := d.past.restarts.services[p.service]
	if x == nil {
		return
	}
	x.told = slices.DeleteFunc(x.told, func(at time.Duration) bool { return uptime-at >= toldWithin })
	if len(x.told) >= maxTold {
		x.unreported++
		return
	}
	x.told = append(x.told, uptime)
	deploy, file := deployed(&p.before, &p.now)
	text := fmt.Sprintf("%s was restarted: PID %d is in the place of PID %d", p.service, p.now.id.PID, p.before.id.PID)
	switch {
	case deploy != nil && *deploy:
		text += fmt.Sprintf("; %s changed since that began.", file)
	case deploy != nil:
		text += "; its file is the same."
	default:
		text += "."
	}
	if x.unreported > 0 {
		text += fmt.Sprintf(" %d restarts before this one are not in the journal.", x.unreported)
	}
	d.event(kindRestart, p.service, text, map[string]any{
		"pid": p.now.id.PID, "start": p.now.id.Start, "start_time": p.now.start, "previous_pid": p.before.id.PID,
		"deploy": deploy, "file": file, "unreported": x.unreported,
	})
	x.unreported = 0
}
