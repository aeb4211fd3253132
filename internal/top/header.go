package top

import (
	"fmt"
	"math"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/units"
)

// The header is the sentence and its caveat, then two bars and the facts.
const (
	headLines   = 2
	headerLines = headLines + 3
)

// header is what stands above the table.
func (m *model) header() []string {
	lines := make([]string, 0, headerLines)
	lines = append(lines, m.headline()...)
	if m.last.at.IsZero() {
		return append(lines, "", "", m.facts())
	}
	return append(lines, m.memoryLine(), m.watchedLine(), m.facts())
}

// headline is the sentence and the caveat. A long name gives way before the figures do.
func (m *model) headline() []string {
	s := m.sentence()
	subject, look := "", m.styles.strong
	if s.worst != nil {
		subject = shapes[s.worst.verdict.state] + " " + s.worst.name
		look = m.styles.state(&s.worst.verdict).Bold(true)
	}
	if ansi.StringWidth(subject)+ansi.StringWidth(s.text)+ansi.StringWidth(s.more) <= m.width {
		s.text += s.more
	}
	room := max(10, m.width-ansi.StringWidth(s.text))
	head := look.Render(ansi.Truncate(subject, room, "…")) + m.styles.strong.Render(s.text)
	return []string{cut(head, m.width), m.styles.faint.Render(cut(s.caveat, m.width))}
}

// memoryLine is the machine's own memory.
func (m *model) memoryLine() string {
	h := &m.last.host
	total := units.Bytes(h.TotalBytes)
	words := []string{total.String() + " of memory"}
	share := math.NaN()
	if used, ok := h.UsedBytes().Get(); ok && h.TotalBytes > 0 {
		share = float64(used) / float64(h.TotalBytes)
		available, _ := h.AvailableBytes.Get()
		words = []string{fmt.Sprintf("%s of %s used", units.Bytes(used), total), units.Bytes(available).String() + " available"}
	}
	return m.barLine("memory", share, m.styles.plain, append(words, swapWords(h)))
}

func swapWords(h *memory.Host) string {
	size, ok := h.SwapTotalBytes.Get()
	if ok && size == 0 {
		return "no swap"
	}
	if free, known := h.SwapFreeBytes.Get(); ok && known && free <= size {
		return fmt.Sprintf("%s of %s swap used", units.Bytes(size-free), units.Bytes(size))
	}
	return "swap unknown"
}

// watchedLine is the private memory of all watched services against their limit.
func (m *model) watchedLine() string {
	r := &m.last
	services, processes := 0, 0
	for _, s := range m.list.rows {
		if s.watched && !s.kernel && !s.gone {
			services++
			processes += len(s.instances)
		}
	}
	look := m.styles.plain
	words := []string{r.watched.String()}
	share := math.NaN()
	if r.watchedLimit > 0 {
		share = float64(r.watched) / float64(r.watchedLimit)
		words = []string{fmt.Sprintf("%s of %s private", r.watched, r.watchedLimit)}
	}
	if r.over {
		look = m.styles.amber
		words[0] += ", REVIEW"
	}
	words = append(words, units.Count(services, "service", "services"), units.Count(processes, "process", "processes"))
	return m.barLine("watched", share, look, words)
}

// labelWidth is that of "watched".
const labelWidth = 7

// barLine is a label, a bar, the share and as many words as fit.
func (m *model) barLine(label string, share float64, look lipgloss.Style, words []string) string {
	percent := unknown
	if !math.IsNaN(share) {
		percent = units.Percent(100 * share)
	}
	width := max(10, min(30, m.width/4))
	line := fmt.Sprintf("%-*s %s %8s  ", labelWidth, label, m.bar(share, width, look), percent)
	return line + look.Render(fit(words, m.width-ansi.StringWidth(line)))
}

// bar fills by whole cells; a share that is not nothing shows at least one.
func (m *model) bar(share float64, width int, look lipgloss.Style) string {
	full := 0
	if share > 0 {
		full = max(1, min(width, int(math.Round(share*float64(width)))))
	}
	return look.Render(strings.Repeat("█", full)) + m.styles.faint.Render(strings.Repeat("░", width-full))
}

// facts is one line on what was read, when and how.
func (m *model) facts() string {
	r := &m.last
	right := "every " + units.Interval(m.interval)
	if !r.at.IsZero() {
		right = r.at.Format(time.TimeOnly) + "  " + right
	}
	look := m.styles.faint
	switch {
	case m.paused:
		right = "PAUSED at " + r.at.Format(time.TimeOnly)
		look = m.styles.strong
	case m.failure != nil && !r.at.IsZero():
		right = "STALE since " + r.at.Format(time.TimeOnly)
		look = m.styles.amber
	}
	right = cut(right, m.width)
	var words []string
	if !r.at.IsZero() {
		words = m.factWords()
	}
	left := fit(words, m.width-ansi.StringWidth(right)-2)
	gap := max(0, m.width-ansi.StringWidth(left)-ansi.StringWidth(right))
	return m.styles.faint.Render(left) + strings.Repeat(" ", gap) + look.Render(right)
}

// factWords are the facts, those that change how the figures are to be read first.
func (m *model) factWords() []string {
	r := &m.last
	name := r.host.Name
	if name == "" {
		name = "this machine"
	}
	words := []string{fmt.Sprintf("%s, %s by %s", name, units.Count(r.processes, "process", "processes"), r.source)}
	if r.denied > 0 {
		words = append(words, fmt.Sprintf("%d not readable by this user", r.denied))
	}
	if r.hidden {
		words = append(words, "others hidden by the system")
	}
	if r.left > 0 {
		words = append(words, fmt.Sprintf("%s not shown", units.Count(r.left, "more service", "more services")))
	}
	if r.untracked {
		words = append(words, "services after the first 1,000 not judged")
	}
	if load, ok := r.host.Load1.Get(); ok {
		words = append(words, fmt.Sprintf("load %.2f on %s", load, units.Count(r.host.CPUs, "CPU", "CPUs")))
	}
	return append(words, "up "+units.Duration(r.host.Uptime.Truncate(time.Second)))
}

// fit joins as many words as there is room for, the first in any case.
func fit(words []string, width int) string {
	const between = " · "
	line := ""
	for i, word := range words {
		if i == 0 {
			line = cut(word, width)
			continue
		}
		if ansi.StringWidth(line)+ansi.StringWidth(between)+ansi.StringWidth(word) > width {
			break
		}
		line += between + word
	}
	return line
}

// cut shortens a line that is too wide.
func cut(text string, width int) string { return ansi.Truncate(text, max(0, width), "…") }
