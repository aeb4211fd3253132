package top

import (
	"cmp"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/tally"
)

// settled is how long rows stay where they are: who reads a table must not lose the line.
const settled = 10 * time.Second

// list is the table's content: which rows there are, in which order, and where the cursor
// stands.
type list struct {
	rows map[string]*service
	// order names the services as they are shown, those that ended since it was made
	// among them.
	order  []string
	sorted time.Time
	// expanded holds the instances of the services that are open, in their order.
	expanded map[string][]process.ID

	lines  []line
	cursor cursor
}

// line is one line of the table: a service, or an instance of it.
type line struct {
	service  *service
	instance *instance // nil: the line is the service's
}

// cursor sticks to its service or instance wherever that goes. Before anybody moved it,
// and after Home, it stays on the first line instead.
type cursor struct {
	service string
	id      process.ID // zero: the service's own line
	pinned  bool
	at, top int // line under the cursor, and first line on the screen
}

func newList() list {
	return list{rows: make(map[string]*service), expanded: make(map[string][]process.ID)}
}

// take replaces the rows. The order is kept: who ended keeps the place, who is new goes to
// the end, until the rows are sorted again.
func (l *list) take(r *reading, by ordering) {
	before := l.rows
	l.rows = make(map[string]*service, len(r.services))
	var fresh []string
	for i := range r.services {
		s := &r.services[i]
		l.rows[s.name] = s
		if before[s.name] == nil {
			fresh = append(fresh, s.name)
		}
	}
	if l.sorted.IsZero() || r.at.Sub(l.sorted) >= settled || len(l.order)+len(fresh) > 2*tally.MaxServices {
		l.sort(r.at, by)
		return
	}
	for _, name := range l.order {
		if l.rows[name] != nil {
			continue
		}
		ended := *before[name]
		ended.gone, ended.instances = true, nil
		l.rows[name] = &ended
	}
	slices.SortFunc(fresh, func(a, b string) int { return by.services(l.rows[a], l.rows[b]) })
	l.order = append(l.order, fresh...)
	for name, ids := range l.expanded {
		l.expanded[name] = l.rows[name].keep(ids)
	}
}

// ordering is the key and its direction.
type ordering struct {
	key      Key
	reversed bool
}

func (o ordering) services(a, b *service) int {
	order := o.key.compare(a.row(), b.row())
	if o.key == ByName {
		order = cmp.Compare(a.name, b.name)
	}
	return cmp.Or(o.turn(order), cmp.Compare(a.name, b.name))
}

func (o ordering) instances(a, b *instance) int {
	order := o.key.compare(a.row(), b.row())
	if o.key == ByName {
		order = cmp.Compare(a.name, b.name)
	}
	return cmp.Or(o.turn(order), cmp.Compare(a.id.PID, b.id.PID))
}

func (o ordering) turn(order int) int {
	if o.reversed {
		return -order
	}
	return order
}

func (s *service) row() row  { return row{&s.usage, &s.verdict, uint8(s.status)} }
func (x *instance) row() row { return row{&x.usage, &x.verdict, uint8(x.status)} }

// sort puts the rows in order and drops those that ended.
func (l *list) sort(at time.Time, by ordering) {
	l.sorted = at
	l.order = l.order[:0]
	for name, s := range l.rows {
		if s.gone {
			delete(l.rows, name)
			continue
		}
		l.order = append(l.order, name)
	}
	slices.SortFunc(l.order, func(a, b string) int { return by.services(l.rows[a], l.rows[b]) })
	for name := range l.expanded {
		s := l.rows[name]
		if s == nil {
			delete(l.expanded, name)
			continue
		}
		l.expanded[name] = s.sorted(by)
	}
}

// sorted names the instances in order.
func (s *service) sorted(by ordering) []process.ID {
	order := make([]*instance, len(s.instances))
	for i := range s.instances {
		order[i] = &s.instances[i]
	}
	slices.SortFunc(order, by.instances)
	ids := make([]process.ID, len(order))
	for i, x := range order {
		ids[i] = x.id
	}
	return ids
}

// keep returns ids without those that ended and with the new ones at the end.
func (s *service) keep(ids []process.ID) []process.ID {
	alive := make(map[process.ID]bool, len(s.instances))
	for i := range s.instances {
		alive[s.instances[i].id] = true
	}
	kept := make([]process.ID, 0, len(s.instances))
	for _, id := range ids {
		if alive[id] {
			kept = append(kept, id)
			delete(alive, id)
		}
	}
	for i := range s.instances {
		if alive[s.instances[i].id] {
			kept = append(kept, s.instances[i].id)
		}
	}
	return kept
}

// arrange makes the lines of the services that are shown and finds the cursor's.
func (l *list) arrange(shown func(*service) bool, height int) {
	l.lines = l.lines[:0]
	for _, name := range l.order {
		s := l.rows[name]
		if !shown(s) {
			continue
		}
		l.lines = append(l.lines, line{service: s})
		ids, open := l.expanded[name]
		if !open {
			continue
		}
		of := make(map[process.ID]*instance, len(s.instances))
		for i := range s.instances {
			of[s.instances[i].id] = &s.instances[i]
		}
		for _, id := range ids {
			if x := of[id]; x != nil {
				l.lines = append(l.lines, line{s, x})
			}
		}
	}
	// Lines beyond the last one would keep what they pointed at alive.
	clear(l.lines[len(l.lines):cap(l.lines)])
	l.follow(height)
}

// follow moves the cursor to where its service went, on the same line of the screen where
// that is possible.
func (l *list) follow(height int) {
	c := &l.cursor
	if !c.pinned {
		c.at, c.top = 0, 0
		return
	}
	onScreen := c.at - c.top
	if i := l.find(); i >= 0 {
		c.at = i
	}
	c.at = max(0, min(c.at, len(l.lines)-1))
	c.top = c.at - onScreen
	l.scroll(height)
}

// find returns the cursor's line, that of its service where the instance ended, and -1
// where the service is not shown.
func (l *list) find() int {
	own := -1
	for i, x := range l.lines {
		if x.service.name != l.cursor.service {
			continue
		}
		if x.instance == nil {
			own = i
		}
		if x.instance == nil && l.cursor.id == (process.ID{}) || x.instance != nil && x.instance.id == l.cursor.id {
			return i
		}
	}
	return own
}

// scroll keeps the cursor on the screen and the screen within the lines.
func (l *list) scroll(height int) {
	c := &l.cursor
	c.top = min(c.top, c.at)
	c.top = max(c.top, c.at-height+1)
	c.top = max(0, min(c.top, len(l.lines)-height))
}

// move puts the cursor some lines further down.
func (l *list) move(by, height int) {
	if len(l.lines) == 0 {
		return
	}
	c := &l.cursor
	c.at = max(0, min(c.at+by, len(l.lines)-1))
	l.pin()
	l.scroll(height)
}

// pin makes the cursor stick to what it stands on.
func (l *list) pin() {
	if x := l.current(); x.service != nil {
		l.cursor.pinned, l.cursor.service, l.cursor.id = true, x.service.name, process.ID{}
		if x.instance != nil {
			l.cursor.id = x.instance.id
		}
	}
}

// home puts the cursor on the first line, whichever service comes to be there.
func (l *list) home() { l.cursor = cursor{} }

// current is the line under the cursor; its service is nil where there is none.
func (l *list) current() line {
	if l.cursor.at >= len(l.lines) {
		return line{}
	}
	return l.lines[l.cursor.at]
}

// expand opens the service under the cursor, or closes it.
func (l *list) expand(open bool, by ordering) {
	x := l.current()
	if x.service == nil || x.service.gone {
		return
	}
	l.pin()
	if open {
		l.expanded[x.service.name] = x.service.sorted(by)
		return
	}
	l.cursor.id = process.ID{}
	if i := l.find(); i >= 0 {
		l.cursor.at = i
	}
	delete(l.expanded, x.service.name)
}

// isOpen reports whether the service under the cursor is expanded.
func (l *list) isOpen() bool {
	x := l.current()
	if x.service == nil {
		return false
	}
	_, open := l.expanded[x.service.name]
	return open
}
