package top

import (
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
)

// model is the state of the view. It changes in Update alone, which never waits.
type model struct {
	watch  *watch
	keys   keys
	styles styles

	width, height int
	interval      time.Duration
	all           bool
	by            ordering
	filter        filter
	paused        bool
	help          bool
	helpTop       int

	// reading says that a command reads the machine now; ticket names the timer that may
	// start the next one.
	reading bool
	ticket  int

	list      list
	histories histories
	last      reading // the last good one
	failure   error   // of the last one
	calm      time.Time
	notice    string // what the last key did, until the next one
}

// readMsg brings a reading home.
type readMsg reading

// tickMsg says that the next reading is due.
type tickMsg int

func newModel(o *Options) *model {
	return &model{
		watch: newWatch(o), keys: newKeys(), styles: newStyles(), interval: o.Interval, all: o.All,
		by: ordering{key: o.Sort}, filter: newFilter(o.Filter), list: newList(), width: 80, height: 24,
	}
}

// Init reads at once.
func (m *model) Init() tea.Cmd { return m.read() }

// read starts a reading unless one is under way: a sampler serves one at a time.
func (m *model) read() tea.Cmd {
	if m.reading {
		return nil
	}
	m.reading = true
	m.ticket++ // a timer that still runs is void
	w, all := m.watch, m.all
	return func() tea.Msg { return readMsg(w.read(all)) }
}

// wait starts the timer of the next reading. Readings begin one interval apart, and the
// machine rests at least as long as it took to read it.
func (m *model) wait(took time.Duration) tea.Cmd {
	m.ticket++
	ticket := tickMsg(m.ticket)
	return tea.Tick(max(m.interval-took, took), func(time.Time) tea.Msg { return ticket })
}

// Update takes in what happened.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.arrange()
	case readMsg:
		return m, m.take((*reading)(&msg))
	case tickMsg:
		if int(msg) == m.ticket && !m.paused {
			return m, m.read()
		}
	case tea.ResumeMsg:
		if !m.paused {
			return m, m.read()
		}
	case tea.PasteMsg:
		if m.filter.editing {
			m.filter.insert(msg.Content)
			m.arrange()
		}
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// take takes a reading in. After a failed one everything stays as it was, and the next is
// tried in its time.
func (m *model) take(r *reading) tea.Cmd {
	m.reading = false
	m.failure = r.err
	if r.err == nil {
		m.histories.begin(r.at)
		for i := range r.services {
			if s := &r.services[i]; s.private.known {
				m.histories.observe(s.name, s.private.value)
			}
		}
		m.histories.forget(tally.MaxServices)
		m.list.take(r, m.by)
		services := r.services
		r.services = nil // the list has them
		m.last = *r
		m.watchCalm(services)
		m.arrange()
	}
	if m.paused {
		return nil
	}
	return m.wait(r.took)
}

// watchCalm notes since when nothing has grown.
func (m *model) watchCalm(services []service) {
	grows := slices.ContainsFunc(services, func(s service) bool { return m.inScope(&s) && s.verdict.grows() })
	if grows {
		m.calm = time.Time{}
	} else if m.calm.IsZero() {
		m.calm = m.last.at
	}
}

// inScope reports whether a service is one the person wants to watch. The kernel's threads
// have no memory and come with all only.
func (m *model) inScope(s *service) bool { return m.all || s.watched && !s.kernel }

func (m *model) arrange() {
	m.list.arrange(func(s *service) bool { return m.inScope(s) && m.filter.fits(s) }, m.bodyHeight())
}

// sort puts the rows in order now: somebody asked for it.
func (m *model) sort() {
	m.list.sort(m.last.at, m.by)
	m.arrange()
}

// press does what a key is for.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd {
	m.notice = ""
	if m.filter.editing {
		m.filter.press(k)
		m.arrange()
		return nil
	}
	is := func(b ...key.Binding) bool { return key.Matches(k, b...) }
	switch {
	case is(m.keys.quit):
		return tea.Quit
	case is(m.keys.suspend):
		return tea.Suspend
	case m.help:
		m.pressHelp(k)
	case is(m.keys.help):
		m.help, m.helpTop = true, 0
	case is(m.keys.pause):
		return m.pause()
	case is(m.keys.slower):
		return m.pace(1)
	case is(m.keys.faster):
		return m.pace(-1)
	case is(m.keys.all):
		return m.widen()
	case is(m.keys.filter):
		m.filter.editing = true
	case k.String() == "esc":
		m.filter.set("")
		m.arrange()
	default:
		m.pressList(k)
	}
	return nil
}

// pressList moves the cursor and orders the table.
func (m *model) pressList(k tea.KeyPressMsg) {
	is := func(b ...key.Binding) bool { return key.Matches(k, b...) }
	height := m.bodyHeight()
	switch {
	case is(m.keys.up):
		m.list.move(-1, height)
	case is(m.keys.down):
		m.list.move(1, height)
	case is(m.keys.pageUp):
		m.list.move(-max(1, height-1), height)
	case is(m.keys.pageDown):
		m.list.move(max(1, height-1), height)
	case is(m.keys.home):
		m.list.home()
	case is(m.keys.end):
		m.list.move(len(m.list.lines), height)
	case is(m.keys.toggle):
		m.list.expand(!m.list.isOpen(), m.by)
		m.arrange()
	case is(m.keys.open):
		if !m.list.isOpen() {
			m.list.expand(true, m.by)
			m.arrange()
		}
	case is(m.keys.shut):
		if m.list.isOpen() {
			m.list.expand(false, m.by)
			m.arrange()
		}
	case is(m.keys.next):
		m.by = ordering{key: m.by.key.next(1)}
		m.sort()
	case is(m.keys.previous):
		m.by = ordering{key: m.by.key.next(-1)}
		m.sort()
	case is(m.keys.reverse):
		m.by.reversed = !m.by.reversed
		m.sort()
	}
}

// pause stops reading, or reads at once.
func (m *model) pause() tea.Cmd {
	m.paused = !m.paused
	if m.paused {
		m.ticket++
		return nil
	}
	return m.read()
}

// widen shows all services, or the watched ones again.
func (m *model) widen() tea.Cmd {
	m.all = !m.all
	m.notice = "the services that a rule watches"
	if m.all {
		m.notice = "all services"
	}
	m.sort()
	if m.paused {
		return nil
	}
	return m.read()
}

// paces are the intervals that + and - step through.
var paces = [...]time.Duration{
	500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute,
}

// pace changes the interval. The next reading is one new interval away.
func (m *model) pace(direction int) tea.Cmd {
	i, exact := slices.BinarySearch(paces[:], m.interval)
	if direction < 0 || exact {
		i += direction
	}
	if pace := paces[max(0, min(i, len(paces)-1))]; (pace > m.interval) == (direction > 0) {
		m.interval = pace
	}
	m.notice = fmt.Sprintf("reading every %s", units.Interval(m.interval))
	if m.reading || m.paused {
		return nil
	}
	return m.wait(0)
}
