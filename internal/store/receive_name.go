package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/zol0/zol0/internal/remote"
)

// Labels that tell hosts apart.
const (
	hostLabel     = "host"
	instanceLabel = "instance"
)

// IsReceived reports whether an owner with these labels is of another host. What this
// machine measures of itself has no label host; what it receives always has.
func IsReceived(l Labels) bool { return l.Get(hostLabel) != "" }

// metric is what a name in queries stands for.
type metric struct {
	kind Kind
	code Code
}

// metricsByName are all in the tables.
var metricsByName = func() map[string]metric {
	out := make(map[string]metric)
	for _, k := range []Kind{Host, Service, Process} {
		for _, m := range tables[k] {
			out[m.Name] = metric{k, m.Code}
		}
	}
	return out
}()

// nameIn is the name of the metric among the labels of a request.
func nameIn(labels []remote.Label) string {
	for i := range labels {
		if labels[i].Name == nameLabel {
			return labels[i].Value
		}
	}
	return ""
}

// resolve finds where each series goes. Owners that are not known yet begin here; they are
// in the plan's list fresh, and have no number before admitOwners.
func (s *Store) resolve(now int64, all []remote.Series, out *Receipt) []target {
	in := &s.inflow
	in.request++
	in.plan.targets = append(in.plan.targets[:0], make([]target, len(all))...)
	targets := in.plan.targets
	for i := range all {
		x := &all[i]
		to, err := s.targetOf(now, x.Labels)
		if err != nil {
			count := &out.Labels
			if errors.Is(err, ErrCrowded) {
				count = &out.Crowded
			}
			out.refuse(count, len(x.Samples), x.Labels, err)
			continue
		}
		series := to.owner.find(to.code)
		if series.request == in.request { // it stands in the request twice
			first := &all[series.at]
			first.Samples = append(slices.Clip(first.Samples), x.Samples...)
			continue
		}
		series.request, series.at = in.request, int32(i)
		targets[i] = to
	}
	return targets
}

// targetOf is where the samples of a series go.
func (s *Store) targetOf(now int64, labels []remote.Label) (target, error) {
	in := &s.inflow
	labels, err := completed(labels)
	if err != nil {
		return target{}, err
	}
	m, known := metricsByName[nameIn(labels)]
	if !known {
		m = metric{kind: Gauge}
	}
	hash := in.hash(m.kind, labels)
	o := in.byHash[hash]
	for o != nil && (o.Kind != m.kind || !o.has(labels)) {
		o = o.twin
	}
	if o != nil && o.find(m.code) != nil {
		return target{o, m.code}, nil
	}
	if in.series >= MaxReceived {
		return target{}, fmt.Errorf("%w: %d of other hosts are known; those without samples for an hour make room", ErrCrowded, MaxReceived)
	}
	if o == nil {
		if o, err = newIncomer(m.kind, labels); err != nil {
			return target{}, err
		}
		o.hash, o.touched = hash, now
		o.twin, in.byHash[hash] = in.byHash[hash], o
		in.plan.fresh = append(in.plan.fresh, o)
	}
	in.series++
	s.mu.Lock()
	o.series = append(o.series, incoming{code: m.code})
	s.mu.Unlock()
	return target{o, m.code}, nil
}

// completed are labels in order that say of which host they are.
func completed(labels []remote.Label) ([]remote.Label, error) {
	sorted, host, instance := true, "", ""
	for i := range labels {
		l := &labels[i]
		if i > 0 && l.Name <= labels[i-1].Name {
			sorted = false
		}
		switch l.Name {
		case hostLabel:
			host = l.Value
		case instanceLabel:
			instance = l.Value
		}
	}
	if sorted && host != "" {
		return labels, nil
	}
	labels = slices.Clone(labels)
	if host == "" {
		if host = instance; host == "" {
			return nil, ErrUnnamed
		}
		if name, _, err := net.SplitHostPort(instance); err == nil && name != "" {
			host = name
		}
		labels = slices.DeleteFunc(labels, func(l remote.Label) bool { return l.Name == hostLabel })
		labels = append(labels, remote.Label{Name: hostLabel, Value: host})
	}
	slices.SortFunc(labels, func(a, b remote.Label) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(labels); i++ {
		if labels[i].Name == labels[i-1].Name {
			return nil, fmt.Errorf("%w: %.40q is given twice", ErrLabels, labels[i].Name)
		}
	}
	return labels, nil
}

// owned reports whether a label is one of the owner of a series.
func owned(k Kind, l *remote.Label) bool {
	return l.Value != "" && (k == Gauge || l.Name != nameLabel)
}

// hash is that of the labels of an owner. The bytes between them are in no text.
func (in *inflow) hash(k Kind, labels []remote.Label) uint64 {
	var h maphash.Hash
	h.SetSeed(in.seed)
	h.WriteByte(byte(k))
	for i := range labels {
		if l := &labels[i]; owned(k, l) {
			h.WriteString(l.Name)
			h.WriteByte(0xff)
			h.WriteString(l.Value)
			h.WriteByte(0xfe)
		}
	}
	return h.Sum64()
}

// has reports whether these are the labels of an owner.
func (o *incomer) has(labels []remote.Label) bool {
	n := 0
	for i := range labels {
		l := &labels[i]
		if !owned(o.Kind, l) {
			continue
		}
		if n >= len(o.Labels) || o.Labels[n].Name != l.Name || o.Labels[n].Value != l.Value {
			return false
		}
		n++
	}
	return n == len(o.Labels)
}

// newIncomer checks labels and copies them.
func newIncomer(k Kind, labels []remote.Label) (*incomer, error) {
	var pairs []string
	for i := range labels {
		l := &labels[i]
		if !owned(k, l) {
			continue
		}
		if !utf8.ValidString(l.Name) || !utf8.ValidString(l.Value) {
			return nil, fmt.Errorf("%w: %.40q=%.40q is no UTF-8", ErrLabels, l.Name, l.Value)
		}
		pairs = append(pairs, strings.Clone(l.Name), strings.Clone(l.Value))
	}
	own, err := NewLabels(pairs...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLabels, err)
	}
	if k == Gauge && own.Get(nameLabel) == "" {
		return nil, fmt.Errorf("%w: there is no name (%s)", ErrLabels, nameLabel)
	}
	return &incomer{Owner: Owner{Kind: k, Labels: own, First: stillOpen, Last: stillOpen}, seen: noTime}, nil
}

// ownerStep is how many owners are looked up and begun in one transaction: a millisecond
// or two, for which Append may have to wait.
const ownerStep = 32

// admitOwners gives fresh owners their numbers. Those that get none are forgotten again.
func (s *Store) admitOwners() (err error) {
	in := &s.inflow
	fresh := in.plan.fresh
	for len(fresh) > 0 && err == nil {
		n := min(ownerStep, len(fresh))
		if err = s.beginOwners(fresh[:n]); err == nil {
			fresh = fresh[n:]
		}
	}
	for _, o := range fresh {
		in.drop(o)
	}
	return err
}

// beginOwners finds owners in the file, or begins them there.
func (s *Store) beginOwners(all []*incomer) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	in := &s.inflow
	if err := s.connected(); err != nil {
		return err
	}
	next, err := s.nextOwner()
	if err != nil {
		return s.replaceBroken(err)
	}
	err = s.w.transaction(func() error {
		stmt, _, err := s.w.db.Prepare("SELECT id, first, last FROM owner WHERE kind=? AND labels=?")
		if err != nil {
			return err
		}
		defer stmt.Close() //nolint:errcheck // its error is that of Step
		for _, o := range all {
			o.ID = 0
			text := o.Labels.text()
			if err := errors.Join(stmt.BindInt64(1, int64(o.Kind)), stmt.BindText(2, text)); err != nil {
				return err
			}
			if err := s.w.each(stmt, func(row *sqlite3.Stmt) error {
				o.ID, o.First = OwnerID(row.ColumnInt64(0)), row.ColumnInt64(1)
				if last := row.ColumnInt64(2); last != stillOpen {
					o.seen = last
				}
				return nil
			}); err != nil {
				return err
			}
			if o.ID == 0 {
				if next >= 1<<(32-codeBits)-1 {
					return fmt.Errorf("%w: all numbers of owners are used", ErrCrowded)
				}
				o.ID = next
				next++
			}
			if err := run(s.w.putOwner, int64(o.ID), int64(o.Kind), text, min(o.First, stillOpen-1), o.Last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.replaceBroken(err)
	}
	in.highest = max(in.highest, next-1)
	s.mu.Lock()
	for _, o := range all {
		in.byID[o.ID] = o
	}
	s.mu.Unlock()
	return nil
}

// replaceBroken begins a new file where an error means that the file is damaged. The
// caller holds writing.
func (s *Store) replaceBroken(err error) error {
	if !broken(err) {
		return err
	}
	return errors.Join(err, s.replace(err))
}

// know takes in an owner of a file. What came of it last may be in its hours already.
func (in *inflow) know(o Owner, newest int64) {
	labels := make([]remote.Label, len(o.Labels))
	for i, l := range o.Labels {
		labels[i] = remote.Label{Name: l.Name, Value: l.Value}
	}
	x := &incomer{Owner: o, hash: in.hash(o.Kind, labels), seen: o.First, touched: newest}
	if newest != noTime { // of another series: this one may have later samples in that hour
		x.seen = max(x.seen, (hourOf(newest)+1)*hourMillis-1)
	}
	if o.First == stillOpen-1 { // not a sample of it was taken in
		x.First, x.seen = stillOpen, noTime
	}
	x.twin, in.byHash[x.hash] = in.byHash[x.hash], x
	in.byID[o.ID] = x
}

// drop forgets an owner. The caller holds mu of the inflow, and of the store where others
// can see the owner already.
func (in *inflow) drop(o *incomer) {
	in.series -= len(o.series)
	delete(in.byID, o.ID)
	at := in.byHash[o.hash]
	if at == o {
		if o.twin == nil {
			delete(in.byHash, o.hash)
		} else {
			in.byHash[o.hash] = o.twin
		}
		return
	}
	for ; at != nil; at = at.twin {
		if at.twin == o {
			at.twin = o.twin
			return
		}
	}
}
