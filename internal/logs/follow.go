package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/zol0/zol0/internal/logline"
	"github.com/zol0/zol0/internal/tail"
)

// Options are one source as the configuration has it: a file, Docker's file of a container,
// a unit of the journal, or the kernel's messages in it.
type Options struct {
	Name    string // empty: what is followed
	Service string
	// File is the path of a log, or Docker of the file that Docker's driver json-file writes.
	File, Docker string
	// Unit is that of the journal; Kernel takes the kernel's messages.
	Unit   string
	Kernel bool
	// Zone is that of times without one; nil: the machine's.
	Zone *time.Location
}

// Title is what the source is called.
func (o *Options) Title() string {
	switch {
	case o.Name != "":
		return o.Name
	case o.File != "":
		return o.File
	case o.Docker != "":
		return o.Docker
	case o.Kernel:
		return "kernel"
	}
	return o.Unit
}

const (
	// stepEvery and stepBytes bound what is read of a file: 4 MB/s, which is a twentieth of a
	// core. A program that writes more is known by its first and last lines.
	stepEvery = 250 * time.Millisecond
	stepBytes = 1 << 20
	// keepUnread is how much of what was not read is read nevertheless, from its end.
	keepUnread = 64 << 10
	// backlog is what is read of a file that is there already: some lines to show.
	backlog = 16 << 10
	// lookEvery is how often a file that is not there is looked for, and how long a journal
	// that ended is left alone.
	lookEvery = 5 * time.Second
)

// Out is an entry that tells of memory that ran out.
type Out struct {
	Service, Source string
	Of              string // python, java, node, kernel, go, native
	Text            string
	Time            time.Time
}

// Follower follows one source into a ring.
type Follower struct {
	options Options
	ring    *Ring
	joiner  *logline.Joiner
	file    *tail.File
	program string // journalctl
	args    []string
	out     func(Out)
	partial []byte // of a line of a container
}

// Follow follows a source into a ring. out is told of memory that ran out; it may be nil.
func Follow(o Options, ring *Ring, out func(Out)) *Follower {
	zone := o.Zone
	if zone == nil {
		zone = time.Local
	}
	return &Follower{options: o, ring: ring, joiner: logline.NewJoiner(zone), out: out}
}

// Close ends the following of a file.
func (f *Follower) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Round follows for a while and says how long to wait until the next time: of a file it reads
// what is new, of the journal all that comes until ctx ends. now is the clock.
func (f *Follower) Round(ctx context.Context, now func() time.Time) time.Duration {
	if f.options.Unit != "" || f.options.Kernel {
		f.journal(ctx, now)
		return lookEvery
	}
	return f.Step(now())
}

// Step reads what is new of a file and says how long to wait until the next time.
func (f *Follower) Step(now time.Time) time.Duration {
	if f.file == nil {
		path := f.options.File
		if path == "" {
			path = f.options.Docker
		}
		f.file = tail.NewFile(tail.Options{Path: path, Backlog: backlog})
	}
	_, more, err := f.file.Step(stepBytes, func(line []byte) { f.line(line, now) })
	f.joiner.Flush(now, func(e logline.Entry) { f.keep(&e, now, "") })
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("it is not there yet: %w", err)
		}
		f.ring.failed(err)
		return lookEvery
	}
	f.ring.failed(nil)
	if more {
		dropped, err := f.file.Skip(keepUnread)
		f.ring.left(dropped)
		f.ring.failed(err)
	}
	return stepEvery
}

// maxPartial bounds a line of a container that comes in parts.
const maxPartial = 64 << 10

// line takes in a raw line of a file.
func (f *Follower) line(line []byte, now time.Time) {
	if f.options.Docker == "" {
		f.joiner.Add(line, now, func(e logline.Entry) { f.keep(&e, now, "") })
		return
	}
	text, _, partial, ok := tail.Docker(line)
	if !ok {
		text = line
	}
	if room := maxPartial - len(f.partial); len(text) > room {
		text = text[:max(0, room)]
	}
	if f.partial = append(f.partial, text...); partial {
		return
	}
	f.joiner.Add(f.partial, now, func(e logline.Entry) { f.keep(&e, now, "") })
	f.partial = f.partial[:0]
}

// journal follows the journal until ctx or journalctl ends.
func (f *Follower) journal(ctx context.Context, now func() time.Time) {
	o := tail.JournalOptions{Program: f.program, Args: f.args}
	if f.options.Unit != "" {
		o.Units = []string{f.options.Unit}
	} else if o.Args == nil {
		o.Args = []string{"--follow", "--lines=0", "--dmesg"}
	}
	f.ring.failed(nil)
	err := tail.Journal(ctx, o, func(e tail.JournalEntry) {
		at := now()
		if !e.Time.IsZero() {
			at = e.Time
		}
		// An entry of the journal is whole: it is not joined with others.
		j := logline.NewJoiner(nil)
		take := func(x logline.Entry) {
			x.Time = at
			f.keep(&x, at, priority(e.Priority))
		}
		j.Add([]byte(e.Message), at, take)
		j.Flush(at.Add(2*logline.IdleEntry), take)
	})
	if err == nil && ctx.Err() == nil && f.args == nil {
		err = errors.New("journalctl ended")
	}
	f.ring.failed(err)
}

// priority is a level of ours for one of syslog; empty where it tells none.
func priority(p int) string {
	switch {
	case p < 0:
		return ""
	case p <= 2:
		return "critical"
	case p == 3:
		return "error"
	case p == 4:
		return "warning"
	case p == 7:
		return "debug"
	}
	return "info"
}

// keep puts an entry into the ring. What names no level has that which is given, else info:
// most lines that name none are words of a program about its work.
func (f *Follower) keep(e *logline.Entry, now time.Time, level string) {
	rank := uint8(1)
	switch {
	case e.Level != logline.Unknown:
		rank = uint8(e.Level) - 1
	case e.OOM != "":
		rank = 4
	case level != "":
		for i, word := range Levels {
			if word == level {
				rank = uint8(i)
			}
		}
	}
	at := e.Time
	if at.IsZero() {
		at = now
	}
	f.ring.add(at, rank, e.Text)
	if e.OOM != "" && f.out != nil {
		f.out(Out{Service: f.ring.service, Source: f.ring.source, Of: e.OOM, Text: e.Text, Time: at})
	}
}

// Take puts lines that somebody else read into the ring.
func (r *Ring) Take(at time.Time, level, text string) {
	rank := uint8(1)
	for i, word := range Levels {
		if word == level || word == "warning" && level == "warn" {
			rank = uint8(i)
		}
	}
	text = printable(text, MaxLineBytes)
	if text != "" {
		r.add(at, rank, text)
	}
}
