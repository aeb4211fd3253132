package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// shares are PSS and USS of processes, and what reading them cost those processes. A nil
// *shares means that nobody asked for them.
type shares struct {
	reader *probe.Reader
	// budget limits the stall of each process; nil where a person ordered one reading.
	budget *probe.StallBudget
	read   map[process.ID]probe.PSS

	reads   int
	stall   time.Duration
	longest time.Duration
	slowest string // the process that was stalled longest
	denied  int    // processes whose PSS this user may not read
	left    int    // readings that the budget left out
	// unsupported is the last refusal that is nobody's fault.
	unsupported error
}

// readShares reads PSS of every chosen instance because a person ordered it.
func readShares(reader *probe.Reader, chosen []sampler.Service) (*shares, error) {
	s := &shares{reader: reader}
	return s, s.take(time.Time{}, chosen)
}

// take reads PSS of the chosen instances as far as the budget allows.
func (s *shares) take(now time.Time, chosen []sampler.Service) error {
	s.read = make(map[process.ID]probe.PSS)
	for k := range chosen {
		for i := range chosen[k].Instances {
			x := chosen[k].Instances[i].Sample
			rss, ok := x.Get(memory.RSS)
			if !ok {
				continue // no memory of its own
			}
			if err := s.one(now, x.ID, chosen[k].Name, rss); err != nil {
				return err
			}
		}
	}
	if s.reads == 0 && s.unsupported != nil {
		return failure("leave --pss out: it needs Linux 4.14 or later", s.unsupported)
	}
	if s.budget != nil {
		alive := make(map[process.ID]bool)
		for k := range chosen {
			for i := range chosen[k].Instances {
				alive[chosen[k].Instances[i].ID()] = true
			}
		}
		s.budget.Keep(func(id process.ID) bool { return alive[id] })
	}
	return nil
}

func (s *shares) one(now time.Time, id process.ID, name string, rss uint64) error {
	var grant probe.Grant
	if s.budget != nil {
		if grant = s.budget.Ask(now, id, rss); !grant.OK {
			s.left++
			return nil
		}
	}
	pss, err := s.reader.PSS(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // it ended meanwhile
	case errors.Is(err, fs.ErrPermission):
		s.denied++
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		s.unsupported = err // a process that just became a zombie, or a kernel without PSS
		return nil
	case err != nil:
		return failure("leave --pss out", err)
	}
	if s.budget != nil {
		s.budget.Settle(now, id, grant, pss)
	}
	s.read[id] = pss
	s.reads++
	s.stall += pss.Stall
	if pss.Stall > s.longest {
		s.longest, s.slowest = pss.Stall, fmt.Sprintf("%s (PID %d)", name, id.PID)
	}
	return nil
}

// of gives the cells of one instance.
func (s *shares) of(id process.ID) (pss, uss string) {
	p, ok := s.read[id]
	if !ok {
		return units.UnknownFigure, units.UnknownFigure
	}
	return units.Megabytes(float64(p.PSSBytes)), units.Megabytes(float64(p.USSBytes))
}

// sum adds up the instances of a service; ok is false when one of them is unknown.
func (s *shares) sum(instances []sampler.Instance) (pss, uss uint64, ok bool) {
	ok = len(instances) > 0
	for i := range instances {
		p, known := s.read[instances[i].ID()]
		pss, uss, ok = pss+p.PSSBytes, uss+p.USSBytes, ok && known
	}
	return pss, uss, ok
}

func (s *shares) ofService(v *sampler.Service) (pss, uss string) {
	p, u, ok := s.sum(v.Instances)
	if !ok {
		return units.UnknownFigure, units.UnknownFigure
	}
	return units.Megabytes(float64(p)), units.Megabytes(float64(u))
}

func (s *shares) csv(id process.ID) []string {
	p, ok := s.read[id]
	if !ok {
		return []string{"", ""}
	}
	return []string{strconv.FormatUint(p.PSSBytes, 10), strconv.FormatUint(p.USSBytes, 10)}
}

// wire adds the figures to the services of a document that were made from chosen.
func (s *shares) wire(out *wire.Snapshot, chosen []sampler.Service) {
	if s == nil {
		return
	}
	stall := s.stall.Seconds()
	out.PSSStallSeconds = &stall
	for k := range out.Services {
		if pss, uss, ok := s.sum(chosen[k].Instances); ok {
			out.Services[k].PSSBytes, out.Services[k].USSBytes = &pss, &uss
		}
		for i := range out.Services[k].Instances {
			if p, ok := s.read[chosen[k].Instances[i].ID()]; ok {
				out.Services[k].Instances[i].PSSBytes, out.Services[k].Instances[i].USSBytes = &p.PSSBytes, &p.USSBytes
			}
		}
	}
}

// notes say what the readings cost the processes, and what is missing.
func (s *shares) notes() []string {
	if s == nil {
		return nil
	}
	var notes []string
	if s.reads > 0 {
		notes = append(notes, fmt.Sprintf("pss      %s held memory locks of the processes for %s in all; longest: %s, %s",
			units.Count(s.reads, "reading", "readings"), s.stall.Round(10*time.Microsecond), s.slowest, s.longest.Round(10*time.Microsecond)))
	}
	if s.left > 0 {
		notes = append(notes, fmt.Sprintf("pss      %s left out: each process is stalled for at most %s a minute", units.Count(s.left, "reading was", "readings were"), probe.StallAllowance))
	}
	if s.denied > 0 {
		notes = append(notes, fmt.Sprintf("note     PSS of %s was denied: run as root or with CAP_SYS_PTRACE", units.Count(s.denied, "process", "processes")))
	}
	return notes
}
