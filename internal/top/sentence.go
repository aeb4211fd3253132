package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// finding is what the sentence on top is about.
type finding struct {
	worst    *service // that grows most alarmingly; nil where none grows
	oldest   *service // judged the longest
	growing  int      // suspect or leaking
	filling  int      // levelling off
	learning int
	judged   int
	blind    int // without any verdict
	services int
	// smallest is the growth of memory per hour that would have been seen in every process
	// that was judged.
	smallest float64
}

// find looks through the services the person wants to watch, also those that the filter
// hides: a filter must not make a machine look healthy.
func (m *model) find() finding {
	var f finding
	for _, name := range m.list.order {
		s := m.list.rows[name]
		if s.gone || s.kernel || !m.inScope(s) {
			continue
		}
		f.services++
		if !s.verdict.given() {
			f.blind++
			continue
		}
		if f.oldest == nil || s.verdict.span() > f.oldest.verdict.span() {
			f.oldest = s
		}
		if s.verdict.state == leak.Learning {
			f.learning++
			continue
		}
		f.judged++
		f.smallest = max(f.smallest, s.verdict.smallest)
		if !s.verdict.grows() {
			continue
		}
		if s.verdict.state == leak.Filling {
			f.filling++
		} else {
			f.growing++
		}
		if f.worst == nil || worse(&s.verdict, &f.worst.verdict) {
			f.worst = s
		}
	}
	return f
}

func worse(a, b *verdict) bool {
	return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(a.rate.Value, b.rate.Value)) > 0
}

// sentence answers the one question.
type sentence struct {
	worst  *service // what it is about; nil where nothing grows
	text   string   // follows the name of worst
	more   string   // left out first where there is no room
	caveat string   // what to bear in mind with the answer
}

func (m *model) sentence() sentence {
	if m.last.at.IsZero() {
		return sentence{text: "Reading the machine for the first time"}
	}
	f := m.find()
	switch {
	case f.services == 0:
		return sentence{text: "No service is watched", caveat: "no rule of the configuration fits a process; press a to see all services"}
	case f.worst != nil:
		v := &f.worst.verdict
		out := sentence{worst: f.worst, text: growthWords(v), caveat: cmp.Or(caveatOf(v), "seen over "+units.Duration(v.span()))}
		out.more = f.others()
		return out
	case f.judged == 0:
		out := sentence{text: "Too early to say whether anything grows", caveat: "nothing was judged yet"}
		if f.oldest != nil {
			out.caveat = learningWords(&f.oldest.verdict)
		}
		return out
	}
	return sentence{
		text:   "Nothing grows beyond its noise since " + clockOf(m.calm, m.last.at),
		caveat: fmt.Sprintf("seen over %s; growth under %s/h in a process would go unseen%s", units.Duration(f.oldest.verdict.span()), tally.Amount(memory.Private, f.smallest), f.rest()),
	}
}

// growthWords follow the name of a service that grows. The rate is that of the service
// for memory, that of the worst process for things it does not add up.
func growthWords(v *verdict) string {
	text, rate := " is "+v.state.String(), v.rate
	if v.metric != memory.Private {
		text += " in " + tally.Thing(v.metric)
		rate = v.judgement().Rate
	}
	if !rate.Known() {
		return text
	}
	return text + ": " + rateWords(rate, v.metric)
}

// learningWords say how far a verdict is from being one.
func learningWords(v *verdict) string {
	return fmt.Sprintf("%s over %s; %s", units.Count(v.worst.Samples, "sample", "samples"), units.Duration(v.span()), v.worst.Missing())
}

// others counts what grows beside the worst one.
func (f *finding) others() string {
	growing, filling, text := f.growing, f.filling, ""
	if growing > 0 {
		growing--
	} else {
		filling--
	}
	switch {
	case growing == 1:
		text = "; 1 more grows"
	case growing > 1:
		text = fmt.Sprintf("; %d more grow", growing)
	}
	switch {
	case filling == 1:
		text += "; 1 is levelling off"
	case filling > 1:
		text += fmt.Sprintf("; %d are levelling off", filling)
	}
	return text
}

// caveatOf is what to bear in mind with a verdict; empty where that is nothing.
func caveatOf(v *verdict) string {
	if v.state == leak.Learning {
		return learningWords(v)
	}
	words := v.judgement().Caveats
	if v.rated < v.living {
		words = append(slices.Clone(words), fmt.Sprintf("the rate holds %d of %d processes", v.rated, v.living))
	}
	return strings.Join(words, "; ")
}

// rest says what the all-clear does not cover.
func (f *finding) rest() string {
	text := ""
	if f.learning > 0 {
		text += fmt.Sprintf("; %d of %s still learning", f.learning, units.Count(f.services, "service", "services"))
	}
	if f.blind > 0 {
		text += fmt.Sprintf("; %d not judged", f.blind)
	}
	return text
}

// clockOf is the time of day, with its date where that is another day.
func clockOf(t, now time.Time) string {
	if y, m, d := t.Date(); now.Day() != d || now.Month() != m || now.Year() != y {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("15:04")
}

// details is what the line under the cursor has no room for: the whole name, the verdict
// as a sentence, and what to bear in mind with it.
func (l line) details() string {
	name := l.service.name
	v := &l.service.verdict
	if l.instance != nil {
		name = fmt.Sprintf("%s, %s (PID %d)", name, l.instance.name, l.instance.id.PID)
		v = &l.instance.verdict
	} else if l.service.kind != "" {
		name += " (" + l.service.kind + ")"
	}
	switch {
	case l.service.gone:
		return name + ": ended"
	case l.service.kernel:
		return name + ": threads of the kernel, which have no memory of their own"
	case !v.given():
		return fmt.Sprintf("%s: not judged yet, or not among the %d largest and fastest growing processes", name, tally.MaxJudged)
	case v.state == leak.Learning:
		return name + ": " + caveatOf(v)
	}
	if l.instance == nil && v.living > 1 {
		name += fmt.Sprintf(", PID %d", v.worst.ID.PID)
	}
	text := name + ": " + v.judgement().Words()
	if l.instance != nil && l.instance.passed > 0 {
		text += fmt.Sprintf(" %s: above %s.", l.instance.status, l.instance.passed)
	}
	if caveat := caveatOf(v); caveat != "" {
		text += " Bear in mind: " + caveat + "."
	}
	return text
}
