package daemon

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// news is what live clients are told at the end of the beat.
type news struct {
	events []wire.Event
}

// maxNews bounds what one beat tells: a restart of everything is no news item by item.
const maxNews = 100

// event notes that something happened: in the journal, for live clients, in the log.
func (d *Daemon) event(kind, subject, text string, detail map[string]any) {
	now := d.clock.Now()
	encoded := []byte("null")
	if detail != nil {
		var err error
		if encoded, err = json.Marshal(detail); err != nil {
			d.log.Warn("cannot encode the detail of an event", "kind", kind, "error", err)
			encoded = []byte("null")
		}
	}
	d.store.Record(store.Event{At: now.UnixMilli(), Kind: kind, Subject: subject, Text: text, Detail: string(encoded)})
	if len(d.news.events) < maxNews {
		d.news.events = append(d.news.events, wire.Event{Time: now.UTC().Truncate(time.Millisecond), Kind: kind, Subject: subject, Text: text, Detail: encoded})
	}
	d.log.Info(text, "kind", kind, "subject", subject)
}

// faults are what goes wrong now, so that it is said when it begins and when it is over,
// and not at every beat.
type faults struct {
	failing map[string]string
	asides  int
	lateAt  time.Duration
	lately  uint64
}

// fault notes how a part of the beat went.
func (d *Daemon) fault(part string, err error) {
	if d.noticed.failing == nil {
		d.noticed.failing = make(map[string]string)
	}
	before, failing := d.noticed.failing[part]
	switch {
	case err == nil && failing:
		delete(d.noticed.failing, part)
		d.log.Warn("works again", "part", part)
		d.event("recovered", part, fmt.Sprintf("The daemon can %s again; it could not: %s", part, before), nil)
	case err != nil && !failing:
		d.noticed.failing[part] = err.Error()
		d.log.Warn("a part of the beat fails", "part", part, "error", err)
		d.event("fault", part, fmt.Sprintf("The daemon cannot %s: %v", part, err), nil)
	}
}

// lateEvery is how often at most the journal is told of beats that were skipped.
const lateEvery = 10 * time.Minute

// late counts beats that were skipped.
func (d *Daemon) late(m moment, n uint64) {
	d.beats.late += n
	d.noticed.lately += n
	if d.noticed.lateAt != 0 && m.elapsed-d.noticed.lateAt < lateEvery {
		return
	}
	d.noticed.lateAt = m.elapsed
	d.event("late", "zol0", fmt.Sprintf("%s skipped: the machine was too busy, or this process was stopped.", units.Count(int(min(d.noticed.lately, math.MaxInt32)), "beat was", "beats were")), map[string]any{"beats": d.noticed.lately})
	d.noticed.lately = 0
}

// recordName is under which name what was learnt is saved: the boot tells apart lives of
// one PID.
func recordName(boot string, id process.ID) string {
	return fmt.Sprintf("%s/%d/%d", boot, id.PID, id.Start)
}

// saveNext saves what was learnt of some instances, in rotation.
func (d *Daemon) saveNext(m moment) error {
	return d.tally.SaveNext(func(r *tally.Record) error {
		d.save(r, m)
		return nil
	})
}

// saveAll saves everything, at the end.
func (d *Daemon) saveAll() error {
	d.present.Lock()
	defer d.present.Unlock()
	m := d.moment()
	return d.tally.Saved(func(r *tally.Record) error {
		d.save(r, m)
		return nil
	})
}

func (d *Daemon) save(r *tally.Record, m moment) {
	x := store.Detector{Owner: recordName(d.boot, r.ID), At: m.wall.UnixMilli()}
	if r.Blob != nil {
		x.Data = append([]byte(nil), r.Blob...)
	}
	d.store.SaveDetector(x)
}

// restore takes up what was learnt before the daemon was started anew. What cannot be taken
// up is learnt again.
func (d *Daemon) restore() {
	host, err := d.machine.Host()
	if err != nil {
		return // the first beat says so
	}
	d.boot = host.BootID
	now := tally.Resumption{Elapsed: d.clock.Elapsed(), Wall: d.clock.Now()}
	d.recall(now.Wall.Add(-host.Uptime))
	resumed := 0
	err = d.store.Detectors(func(x store.Detector) error {
		boot := bootOf(x.Owner)
		now.Rebooted = boot != d.boot
		if err := d.tally.Restore(x.Data, now); err != nil {
			d.log.Info("what was learnt of a process is dropped", "process", x.Owner, "why", err)
			d.store.SaveDetector(store.Detector{Owner: x.Owner})
			return nil
		}
		if now.Rebooted {
			d.store.SaveDetector(store.Detector{Owner: x.Owner})
		}
		resumed++
		return nil
	})
	d.fault("take up what was learnt", err)
	if resumed > 0 {
		d.log.Info("goes on with what was learnt", "processes", resumed)
	}
}

// bootOf is the boot in a record's name.
func bootOf(name string) string {
	for range 2 {
		name = name[:max(0, strings.LastIndexByte(name, '/'))]
	}
	return name
}
