package top

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/zol0/zol0/internal/trend"
	"github.com/zol0/zol0/internal/units"
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
		if f.oldest == nil || s.verdict.span > f.oldest.verdict.span {
			f.oldest = s
		}
		if s.verdict.state == trend.Learning {
			f.learning++
			continue
		}
		f.judged++
		if !s.verdict.grows() {
			continue
		}
		if s.verdict.state == trend.Filling {
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
	return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(a.rate.PerHour, b.rate.PerHour)) > 0
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
		out := sentence{worst: f.worst, text: fmt.Sprintf(" is %s: %s", v.state, rateWords(v.rate)), caveat: caveatOf(v)}
		out.more = f.others()
		return out
	case f.judged == 0:
		out := sentence{text: "Too early to say whether anything grows", caveat: "nothing was judged yet"}
		if f.oldest != nil {
			out.caveat = f.oldest.verdict.caveat
		}
		return out
	}
	return sentence{
		text:   "Nothing grows beyond its noise since " + clockOf(m.calm, m.last.at),
		caveat: fmt.Sprintf("seen over %s; growth too slow for that span hides in the noise%s", units.Duration(f.oldest.verdict.span), f.rest()),
	}
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

// caveatOf is the caveat of a verdict of growth: there always is one.
func caveatOf(v *verdict) string {
	text := v.caveat
	if text == "" {
		text = fmt.Sprintf("seen over %s; neither load nor season is taken into account", units.Duration(v.span))
		if v.state == trend.Filling {
			text = fmt.Sprintf("it is levelling off, seen over %s: a cache or a warm-up looks so", units.Duration(v.span))
		}
	}
	if v.rated < v.living {
		text += fmt.Sprintf("; the rate holds %d of %d processes", v.rated, v.living)
	}
	return text
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

// details is what the line under the cursor has no room for: the whole name, and what to
// bear in mind with its verdict.
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
		return name + ": not judged yet, or not among the 100 largest and fastest growing processes"
	case v.state == trend.Learning || math.IsNaN(v.rate.PerHour):
		return name + ": " + v.caveat
	}
	text := fmt.Sprintf("%s: no growth beyond its noise, seen over %s", name, units.Duration(v.span))
	if v.grows() {
		text = name + ": " + caveatOf(v)
	} else if v.rated < v.living {
		text += fmt.Sprintf("; the rate holds %d of %d processes", v.rated, v.living)
	}
	if l.instance != nil && l.instance.passed > 0 {
		text += fmt.Sprintf("; %s: above %s", l.instance.status, l.instance.passed)
	}
	return text
}
