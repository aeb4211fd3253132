package top

import (
	"charm.land/lipgloss/v2"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/leak"
)

// styles are the looks of the view. A colour has one meaning on every screen, and a word
// or a shape beside it says the same.
type styles struct {
	plain, faint, strong lipgloss.Style
	red                  lipgloss.Style // leaking, HIGH
	amber                lipgloss.Style // suspect, ELEVATED, INVESTIGATE, REVIEW
	blue                 lipgloss.Style // filling
	cursor               lipgloss.Style
}

func newStyles() styles {
	s := lipgloss.NewStyle
	return styles{
		plain: s(), faint: s().Faint(true), strong: s().Bold(true), cursor: s().Reverse(true),
		red: s().Foreground(lipgloss.Red), amber: s().Foreground(lipgloss.Yellow), blue: s().Foreground(lipgloss.Blue),
	}
}

// state is the look of a verdict.
func (s *styles) state(v *verdict) lipgloss.Style {
	if !v.given() {
		return s.faint
	}
	switch v.state {
	case leak.Leaking:
		return s.red
	case leak.Suspect:
		return s.amber
	case leak.Filling:
		return s.blue
	}
	return s.faint
}

// status is the look of a status word.
func (s *styles) status(v sampler.Status) lipgloss.Style {
	switch v {
	case sampler.High:
		return s.red
	case sampler.Elevated, sampler.Investigate:
		return s.amber
	}
	return s.faint
}

// shapes tell the states apart without colour and from afar: the more is filled, the worse.
var shapes = [...]string{leak.Learning: "◌", leak.Steady: "○", leak.Filling: "◐", leak.Suspect: "◆", leak.Leaking: "●"}

// stateWord is the shape and the word of a verdict. Where descriptors or threads do worse
// than memory, to which the rate beside it belongs, it names them instead.
func stateWord(v *verdict) string {
	switch {
	case !v.given():
		return unknown
	case v.metric == memory.FDs:
		return shapes[v.state] + " fds"
	case v.metric == memory.Threads:
		return shapes[v.state] + " threads"
	}
	return shapes[v.state] + " " + v.state.String()
}
