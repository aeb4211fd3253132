package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

const (
	// settleStep is how many pieces are written in one transaction: a few milliseconds, for
	// which Append may have to wait.
	settleStep = 16
	// settleSteps is how many such steps follow a request: the turn of an hour of 4,000 series
	// is over after 64 requests.
	settleSteps = 4
	// idleMillis is how long a piece of an hour that is over waits for more.
	idleMillis = 2 * minuteMillis
	// applyStep is how many pieces are added to while readers wait.
	applyStep = 512
)

// applyPlan takes into memory what is in the log.
func (s *Store) applyPlan(now int64) error {
	in := &s.inflow
	for rest := in.plan.intakes; len(rest) > 0; {
		n := min(applyStep, len(rest))
		s.mu.Lock()
		for i := range rest[:n] {
			if err := in.take(&rest[i], in.plan.first, now); err != nil {
				s.mu.Unlock()
				return err
			}
		}
		s.mu.Unlock()
		rest = rest[n:]
	}
	return nil
}

// take adds to a piece, or begins one. The caller holds the store's mu.
func (in *inflow) take(x *intake, row, now int64) error {
	p := x.piece
	if p == nil {
		h, err := newHead()
		if err != nil {
			return err
		}
		p = &piece{head: *h, owner: x.owner, code: x.code, hour: hourOf(x.points[0].T), since: row}
		series := x.owner.find(x.code)
		p.next, series.pieces = series.pieces, p
		in.pieces = append(in.pieces, p)
	}
	if x.rebuilt != nil {
		p.head = *x.rebuilt
	} else {
		for _, point := range x.points {
			p.add(point.T, point.Value)
		}
	}
	p.touched, x.owner.touched = now, now
	x.owner.seen = max(x.owner.seen, p.t1)
	return nil
}

// settle writes some of the hours that are over, deletes what of the log is not needed any
// more, and forgets who has sent nothing for long.
func (s *Store) settle(now int64, steps int) error {
	for range steps {
		if len(s.inflow.due) == 0 && !s.inflow.findDue(now, false) {
			break
		}
		if err := s.settleStep(now, false); err != nil {
			return err
		}
	}
	return errors.Join(s.truncateLog(), s.forget(now))
}

// findDue lists the pieces that are to be written: those whose hour is over and which got
// nothing for a while; where the log is too long, or force is set, those that hold it the
// longest.
func (in *inflow) findDue(now int64, force bool) bool {
	in.due = in.due[:0]
	hour := hourOf(now)
	for _, p := range in.pieces {
		if p.hour < hour && p.touched < now-idleMillis {
			in.due = append(in.due, p)
		}
	}
	if len(in.due) == 0 && (force || in.logBytes > maxLog && in.held()) {
		in.due = append(in.due, in.pieces...)
		slices.SortFunc(in.due, func(a, b *piece) int { return cmp.Compare(a.since, b.since) })
		in.due = in.due[:(len(in.due)+1)/2]
	}
	return len(in.due) > 0
}

// held reports whether a piece needs the first half of the log: otherwise it is about to be
// deleted.
func (in *inflow) held() bool {
	if len(in.rows) == 0 {
		return false
	}
	middle := in.rows[len(in.rows)/2].id
	return slices.ContainsFunc(in.pieces, func(p *piece) bool { return p.since < middle })
}

// settleStep writes some pieces into the file.
func (s *Store) settleStep(now int64, force bool) error {
	in := &s.inflow
	if len(in.due) == 0 && !in.findDue(now, force) {
		return nil
	}
	n := min(settleStep, len(in.due))
	if err := s.writePieces(now, in.due[:n]); err != nil {
		return err
	}
	s.mu.Lock()
	for _, p := range in.due[:n] {
		p.done = true
		series := p.owner.find(p.code)
		for at := &series.pieces; *at != nil; at = &(*at).next {
			if *at == p {
				*at = p.next
				break
			}
		}
	}
	s.mu.Unlock()
	clear(in.due[:n])
	if in.due = in.due[n:]; len(in.due) == 0 || len(in.pieces) > maxInflows {
		in.pieces = slices.DeleteFunc(in.pieces, func(p *piece) bool { return p.done })
	}
	return nil
}

// writePieces joins pieces with what the file has of their hours.
func (s *Store) writePieces(now int64, all []*piece) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.connected(); err != nil {
		return err
	}
	m := &Import{s: s, limits: s.options.ages(now)}
	err := s.w.transaction(func() error {
		for _, p := range all {
			x := &past{key: keyOf(p.hour, SeriesOf(p.owner.ID, p.code)), parts: [][]byte{p.data.Bytes()}}
			if err := m.write(x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.replaceBroken(err)
	}
	s.inflow.totals.Dense += m.counts.Lost
	return nil
}

// forget ends owners of which nothing came for long. They are looked for once a minute.
func (s *Store) forget(now int64) error {
	in := &s.inflow
	if now >= in.looked && now < in.looked+minuteMillis {
		return nil
	}
	var ended []*incomer
	for _, o := range in.byID {
		idle := o.touched < now-forgetReceived.Milliseconds()
		if idle && !slices.ContainsFunc(o.series, func(x incoming) bool { return x.pieces != nil }) {
			if ended = append(ended, o); len(ended) == ownerStep {
				break
			}
		}
	}
	if len(ended) < ownerStep {
		in.looked = now
	}
	if len(ended) == 0 {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.connected(); err != nil {
		return err
	}
	err := s.w.transaction(func() error {
		for _, o := range ended {
			first, last := o.First, o.seen
			if last == noTime { // not a sample of it was taken in
				first, last = 0, 0
			}
			if err := run(s.w.putOwner, int64(o.ID), int64(o.Kind), o.Labels.text(), first, last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.replaceBroken(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range ended {
		in.drop(o)
	}
	return nil
}

// tidyInflow is the part of Tidy for what is received. While a request is taken in, that
// does it.
func (s *Store) tidyInflow(now int64) error {
	in := &s.inflow
	if !in.mu.TryLock() {
		return nil
	}
	defer in.mu.Unlock()
	if len(in.byID) == 0 && len(in.rows) == 0 && in.trouble == nil {
		return nil
	}
	if err := s.restoreInflow(now); err != nil {
		return err
	}
	err := errors.Join(in.trouble, s.settle(now, 1))
	in.trouble = nil
	return err
}

// restoreInflow brings into a file that was begun anew what it must have: the owners, and
// what was received of the hours in memory.
func (s *Store) restoreInflow(now int64) error {
	in := &s.inflow
	s.writing.Lock()
	replaced := in.replaced
	if replaced {
		err := s.connected()
		if err == nil {
			err = s.w.transaction(func() error {
				for _, o := range in.byID {
					if err := run(s.w.putOwner, int64(o.ID), int64(o.Kind), o.Labels.text(), min(o.First, stillOpen-1), o.Last); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			s.writing.Unlock()
			return err
		}
	}
	s.writing.Unlock()
	if !replaced {
		return nil
	}
	in.rows, in.logBytes = nil, 0
	for len(in.pieces) > 0 {
		if err := s.settleStep(now, true); err != nil {
			return err
		}
	}
	s.writing.Lock()
	in.replaced = false
	s.writing.Unlock()
	return nil
}

// Ends are the times from one to another at which a received series was seen to end (its
// sender wrote a stale marker), in order. A later sample begins it again.
func (s *Store) Ends(ctx context.Context, series Series, from, to int64) (out []int64, err error) {
	err = s.read(ctx, func(r *reader) error {
		out, err = r.ends(series, from, to)
		return err
	})
	return out, err
}

func (r *reader) ends(series Series, from, to int64) (out []int64, err error) {
	if r.endsAt == nil {
		return nil, nil // an older file
	}
	for i, v := range []int64{int64(series), from, to} {
		if err := r.endsAt.BindInt64(i+1, v); err != nil {
			return nil, err
		}
	}
	err = r.each(r.endsAt, func(row *sqlite3.Stmt) error { out = append(out, row.ColumnInt64(0)); return nil })
	return out, err
}
