package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/zol0/zol0/internal/engine"
	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/record"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/wire"
)

// elsewhere is the way to an engine elsewhere. Its zero value is none.
type elsewhere struct {
	writer *engine.Writer
	tap    *engine.Tap
	host   string // the label of this machine there
	lost   int64  // messages dropped that were told of
}

// openQueries makes what answers PromQL: an engine elsewhere where one is to be read, else
// our own over the store.
func (d *Daemon) openQueries() (err error) {
	e := &d.config.Store.Engine
	if e.Read == "" {
		d.queries = query.New(d.store, query.Options{})
		return nil
	}
	if d.queries, err = engine.NewReader(e.Read, d.connection()); err != nil {
		return fmt.Errorf("store.engine.read: %w", err)
	}
	d.asking.host, err = d.hostLabel()
	return err
}

// hostLabel is the label host of this machine in an engine elsewhere.
func (d *Daemon) hostLabel() (string, error) {
	if host := d.config.Store.Engine.Host; host != "" {
		return host, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("this machine has no name: set store.engine.host: %w", err)
	}
	return name, nil
}

// connection is how the engine is reached.
func (d *Daemon) connection() fetch.Connection {
	e := &d.config.Store.Engine
	return fetch.Connection{TokenFile: e.TokenFile, Username: e.Username, PasswordFile: e.PasswordFile, CAFile: e.CAFile, Tenant: e.Tenant, Agent: "zol0/" + d.options.Version}
}

// openRecorder makes what writes to the store, and beside it to an engine where there is one.
func (d *Daemon) openRecorder() error {
	e := &d.config.Store.Engine
	if e.Write == "" {
		d.recorder = record.New(d.store)
		return nil
	}
	host, err := d.hostLabel()
	if err != nil {
		return err
	}
	instance := e.Instance
	if instance == "" {
		_, port, err := net.SplitHostPort(d.config.Daemon.Listen)
		if err != nil {
			return fmt.Errorf("daemon.listen %q: %w", d.config.Daemon.Listen, err)
		}
		instance = net.JoinHostPort(host, port)
	}
	w, err := engine.NewWriter(engine.WriterOptions{
		URL: e.Write, Connection: d.connection(), Host: host, Instance: instance, Log: d.log,
		Spool: spool.Options{Dir: filepath.Join(d.config.Daemon.Data, "spool"), MaxBytes: int64(e.Spool)},
	})
	if err != nil {
		return fmt.Errorf("store.engine.write: %w", err)
	}
	d.elsewhere = elsewhere{writer: w, tap: engine.NewTap(d.store, w), host: host}
	d.recorder = record.New(d.elsewhere.tap)
	return nil
}

// send sends what waits for the engine until ctx ends. It runs beside the beat.
func (d *Daemon) send(ctx context.Context) {
	w := d.elsewhere.writer
	for ctx.Err() == nil {
		wait := w.Step(ctx, d.clock.Now)
		wake := w.Wake()
		if w.Counts().Failed > 0 {
			wake = nil // a beat is no reason to try earlier than the engine asked for
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-wake:
		}
		timer.Stop()
	}
}

// sent says what went wrong on the way to the engine at this beat, or from it.
func (d *Daemon) sent() {
	if d.asking.host != "" {
		err, _, _ := d.asking.state()
		d.fault("ask the engine for the past, and shows that of its own store", err)
	}
	if d.elsewhere.writer == nil {
		return
	}
	d.fault("keep what the engine is to be told", d.elsewhere.tap.Fault())
	if dropped := d.elsewhere.writer.Counts().Dropped; dropped > d.elsewhere.lost {
		text := fmt.Sprintf("The engine could not be reached for so long that %d messages were dropped: there is no more room in store.engine.spool.", dropped-d.elsewhere.lost)
		d.elsewhere.lost = dropped
		d.log.Warn("messages for the engine were dropped", "dropped", dropped)
		d.event("store", "engine", text, map[string]any{"dropped": dropped})
	}
}

// lastWords are how long the engine may take to hear that everything ended. What it does not
// take waits in the spool for the next start.
const lastWords = time.Second

// closeElsewhere tells the engine that every series ended, and ends the way to it.
func (d *Daemon) closeElsewhere() error {
	w := d.elsewhere.writer
	if w == nil {
		return nil
	}
	err := w.End(d.clock.Now())
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	w.Step(ctx, d.clock.Now)
	return errors.Join(err, w.Close())
}

// engineState is how the way to an engine and from it is; nil where there is none.
func (d *Daemon) engineState() *wire.EngineState {
	e, w := &d.config.Store.Engine, d.elsewhere.writer
	if w == nil && d.asking.host == "" {
		return nil
	}
	out := &wire.EngineState{Host: d.asking.host, Write: w != nil, Read: d.asking.host != ""}
	if w != nil {
		c := w.Counts()
		out.Host = d.elsewhere.host
		out.WaitingRecords, out.WaitingBytes, out.SpoolBytes = uint64(c.Records), uint64(c.Bytes), uint64(e.Spool)
		out.DroppedRecords, out.DamagedRecords, out.RefusedRecords = uint64(c.Dropped), uint64(c.Damaged), uint64(c.Refused)
		out.SentRecords, out.SentBytes, out.FailedWrites = uint64(c.SentRecords), uint64(c.SentBytes), uint64(c.Failed)
		if c.Failed > 0 {
			out.WriteError = c.LastError
		}
		if !c.LastSuccess.IsZero() {
			out.WriteTime = truncated(c.LastSuccess)
		}
	}
	err, since, failed := d.asking.state()
	if out.FailedReads = uint64(failed); err != nil {
		out.ReadError, out.ReadErrorSince = err.Error(), truncated(since)
	}
	return out
}
