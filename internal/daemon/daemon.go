// Package daemon introduces everyone: it opens the machine, the store, the judges and the
// server, and lets one beat follow the other for months. It owns the clock; everything
// below it is told what time it is.
//
// The beat is the product: sample, store, judge, record, tell. Nothing in it waits for the
// network or for a client. A beat that comes late is skipped and counted, never queued.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/alert"
	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/record"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/tally"
)

// Machine is what is watched; *probe.Reader is one.
type Machine interface {
	sampler.Reader
	Load(dir string) (memory.Load, error)
}

// Options are what a daemon is started with.
type Options struct {
	Config *config.Config
	// Reload reads the configuration again; it is called for each value from Reloads.
	Reload  func() (*config.Config, error)
	Reloads <-chan os.Signal
	// Listener is where the API is served; nil serves none.
	Listener net.Listener
	// Tokens say who may ask it what; nil: there are none. They are read again with the
	// configuration.
	Tokens  *access.Book
	Version string
	// ConfigPath is shown, no more.
	ConfigPath string
	Log        *slog.Logger
	// Clock and Machine are replaced in tests; nil takes those of the system.
	Clock   Clock
	Machine Machine
	// Demo says on every page that what is shown is the demonstration.
	Demo bool
	// PID is the monitor's own on the machine; 0 takes it from procfs.
	PID int
}

// Daemon is a running monitor. Make it with Open, run it with Run.
type Daemon struct {
	options  Options
	config   *config.Config
	log      *slog.Logger
	clock    Clock
	machine  Machine
	reader   *probe.Reader // nil where the machine was given
	store    *store.Store
	recorder *record.Recorder
	budget   *budget.Budget
	cache    *cache.Cache
	sessions *session.Sessions
	server   *api.Server // nil without a listener
	queries  query.Source

	elsewhere elsewhere
	asking    asking
	notify    notifier
	rings     *logs.Rings
	lines     *logs.Ring // its own
	outside   outside
	past      past
	self      process.ID
	boot      string
	began     time.Time

	// present guards what a beat changes and a request looks at. A beat holds it while it
	// samples and judges, a request while it copies a table: milliseconds both.
	present  sync.RWMutex
	sampler  *sampler.Sampler
	tally    *tally.Tally
	snapshot *sampler.Snapshot // of the last beat; nil before the first
	chosen   []sampler.Service
	beats    beats
	costs    costs
	reloaded reloaded
	clients  bool // new live clients are let in
	load     memory.Load
	course   course
	news     news
	sweeping time.Time
	released time.Duration // when pages of the program were given back
	pages    programPages
	noticed  faults
	told     map[string]told // services as live clients know them
	said     said
	early    map[series]string // changes that came too early to be told, with their service
	looked   time.Duration     // when they were last looked at

	round      alert.Round // what the last beat looked at
	alerts     alert.Book
	alarms     []tally.Alarm
	bounds     bounds
	announced  announcements
	ownPrivate memory.Optional[uint64] // the monitor's own, at the last beat
}

// garbagePercent is how much garbage may gather before it is collected, in percent of
// what is alive: less than Go's usual 100, as a megabyte is worth more here than a
// hundredth of a millisecond.
const garbagePercent = 50

// Open opens everything and begins no beat yet.
func Open(o Options) (*Daemon, error) {
	d := &Daemon{options: o, config: o.Config, log: o.Log, clock: o.Clock, machine: o.Machine, clients: true, told: make(map[string]told), said: make(said), early: make(map[series]string), rings: logs.NewRings(len(o.Config.Logs) + len(o.Config.Sources) + 1)}
	d.lines = d.rings.Ring("zol0's own log", "zol0")
	if d.clock == nil {
		d.clock = systemClock{}
	}
	if o.PID == 0 {
		d.options.PID = probe.OwnPID(o.Config.ProcRoot)
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.log = slog.New(logs.Tee(d.log.Handler(), d.lines))
	d.notify = newNotifier(d.log)
	d.began = d.clock.Now()
	debug.SetGCPercent(garbagePercent)
	d.budget = budget.New(uint64(o.Config.Memory.Budget))
	debug.SetMemoryLimit(budget.MemoryLimit(uint64(o.Config.Memory.Budget)))
	if err := d.openMachine(); err != nil {
		return nil, err
	}
	if err := d.openStore(); err != nil {
		return nil, errors.Join(err, d.closeMachine())
	}
	if err := errors.Join(d.openRecorder(), d.openQueries()); err != nil {
		return nil, errors.Join(err, d.store.Close(), d.closeMachine())
	}
	d.recorder.SetVerdicts(d.verdictOf)
	if err := d.openOutside(); err != nil {
		return nil, errors.Join(err, d.store.Close(), d.closeMachine())
	}
	d.cache, d.sessions = cache.New(), session.New()
	d.tally = tally.New()
	d.tally.SetWork(d.workOf)
	d.configure(o.Config)
	d.restore()
	if o.Listener != nil {
		d.server = api.New(api.Options{Monitor: d, History: history{d}, Memory: d, Cache: d.cache, Sessions: d.sessions, Receiver: d.receiver(), Now: d.clock.Now, Log: d.log,
			Tokens: o.Tokens, WebConfig: o.Config.Daemon.WebConfig, Hosts: o.Config.Daemon.HostNames(), RateLimit: o.Config.Daemon.RateLimit,
			Query: d.queries, Figures: d, Version: o.Version})
	}
	return d, nil
}

func (d *Daemon) openMachine() error {
	if d.machine != nil {
		return nil
	}
	reader, err := probe.Open(probe.Options{Root: d.config.ProcRoot, Log: d.log})
	if err != nil {
		return err
	}
	d.reader, d.machine = reader, reader
	d.past.restarts.files.look = looker(d.config.ProcRoot)
	return nil
}

func (d *Daemon) closeMachine() error {
	if d.reader == nil {
		return nil
	}
	return d.reader.Close()
}

// openStore opens the store and says what had to be set aside.
func (d *Daemon) openStore() (err error) {
	c := &d.config.Store
	d.store, err = store.Open(store.Options{Dir: d.config.Daemon.Data, Raw: c.Raw, Minutes: c.Minutes, Hours: c.Hours, Size: int64(c.Size), Now: d.began})
	return err
}

// configure applies what can change while the daemon runs. The caller holds present, or
// is the only one yet.
func (d *Daemon) configure(c *config.Config) {
	resolver := service.New(service.Options{Rules: c.Rules, HostRoot: filepath.Dir(filepath.Clean(c.ProcRoot))})
	if d.config = c; d.sampler == nil {
		d.sampler = sampler.New(d.machine, resolver, c.Limits)
		return
	}
	d.sampler.Configure(resolver, c.Limits)
}

// Run beats until ctx ends, then closes everything in order. It is called once. A server
// that cannot serve any more ends it too: nobody would see what it knows.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var serving error
	var served chan struct{} // closed when the server has ended; nil without one
	if d.server != nil {
		served = make(chan struct{})
		go func() {
			defer close(served)
			serving = d.server.Serve(ctx, d.options.Listener)
		}()
	}
	sending := make(chan struct{}) // closed when nothing is sent to an engine any more
	go func() {
		defer close(sending)
		if d.elsewhere.writer != nil {
			d.send(ctx)
		}
	}()
	asking := d.askOutside(ctx)
	d.present.Lock()
	d.event("start", "zol0", fmt.Sprintf("zol0 %s began to watch", d.options.Version), nil)
	d.present.Unlock()
	err := d.pulse(ctx, served)
	d.notify.stopping()
	cancel()
	return errors.Join(err, d.close(func() error {
		if served != nil {
			<-served
		}
		<-sending
		return errors.Join(asking(), serving)
	}))
}

// closing is how long the end may take: what systemd kills after is 90 s by default, a
// person waits for less.
const closing = 5 * time.Second

// close ends in order: the server has been told by its context, what was learnt is saved,
// the store is closed.
func (d *Daemon) close(served func() error) error {
	done := make(chan error, 1)
	go func() {
		err := served()
		d.present.Lock()
		d.event("stop", "zol0", "zol0 ended", nil)
		d.present.Unlock()
		done <- errors.Join(err, d.saveAll(), d.closeElsewhere(), d.store.Flush(), d.store.Close(), d.closeMachine())
	}()
	timer := time.NewTimer(closing)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("the store or a client did not let go within %s; what was acknowledged is safe", closing)
	}
}
