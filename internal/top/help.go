package top

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// helpWord is one word with what it means.
type helpWord struct{ word, meaning string }

// helpWidth is that of the words.
const helpWidth = 12

// helpLines is the help as text, wrapped to the terminal.
func (m *model) helpLines() []string {
	var lines []string
	head := func(text string) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, m.styles.strong.Render(cut(text, m.width)), "")
	}
	head("Keys")
	for _, b := range m.keys.listed() {
		lines = m.explain(lines, helpWord{b.Help().Key, b.Help().Desc}, m.styles.plain)
	}
	head("Verdicts, on each process's memory, descriptors and threads")
	for _, s := range []struct {
		state   leak.State
		meaning string
	}{
		{leak.Learning, fmt.Sprintf("too short to tell: %d readings are needed", tally.MinSamples)},
		{leak.Steady, "no growth that stands out of the noise"},
		{leak.Filling, "growth that levels off"},
		{leak.Suspect, "growth that looks like a leak, not confirmed: a cache that fills looks the same"},
		{leak.Leaking, "growth that was confirmed as a leak"},
	} {
		v := verdict{state: s.state, judged: 1}
		lines = m.explain(lines, helpWord{stateWord(&v), s.meaning}, m.styles.state(&v))
	}
	lines = m.explain(lines, helpWord{"fds, threads", "in place of the word: it is they, not memory, that do so"}, m.styles.plain)
	head("The table")
	for _, w := range []helpWord{
		{"rows", fmt.Sprintf("stay where they are for %s, or until a key sorts them; until then who ended keeps the place, and who is new goes to the end", units.Duration(settled))},
		{"GROWTH", "since the watch began, of each process in its own life: one that begins is no growth; sorted by it, suspect and leaking come first"},
		{"PRIVATE", "memory that only the process itself can give back; MB is 10^6 bytes"},
		{"RATE", "growth of private memory since it began, with its 95 % interval"},
		{"LAST", "private memory over the whole watch, each row from its own least to its own most; noise below 1 % stays flat"},
		{"CPU", "percent of one core since the reading before"},
		{"– and ≥", "not given by the system or not judged; given by some processes only"},
	} {
		lines = m.explain(lines, w, m.styles.plain)
	}
	return lines
}

// explain adds a word and its meaning, which may take several lines.
func (m *model) explain(lines []string, w helpWord, look lipgloss.Style) []string {
	const indent = "  "
	word := look.Render(pad(w.word, helpWidth, false))
	for part := range strings.SplitSeq(ansi.Wordwrap(w.meaning, max(10, m.width-helpWidth-len(indent)-1), ""), "\n") {
		lines = append(lines, indent+word+" "+part)
		word = strings.Repeat(" ", helpWidth)
	}
	return lines
}

// helpScreen is the part of the help that fits, with a way on.
func (m *model) helpScreen() []string {
	all := m.helpLines()
	height := m.height - 1
	m.helpTop = max(0, min(m.helpTop, len(all)-height))
	lines := make([]string, 0, m.height)
	for _, text := range all[m.helpTop:min(len(all), m.helpTop+height)] {
		lines = append(lines, ansi.Truncate(text, m.width, "…"))
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	end := "any other key returns"
	if len(all) > height {
		end = "↑ ↓ scroll · " + end
	}
	return append(lines, m.styles.faint.Render(cut(strings.TrimSpace(end), m.width)))
}

// pressHelp scrolls the help or leaves it.
func (m *model) pressHelp(k tea.KeyPressMsg) {
	is := func(b ...key.Binding) bool { return key.Matches(k, b...) }
	page := max(1, m.height-2)
	switch {
	case is(m.keys.up):
		m.helpTop--
	case is(m.keys.down):
		m.helpTop++
	case is(m.keys.pageUp):
		m.helpTop -= page
	case is(m.keys.pageDown):
		m.helpTop += page
	case is(m.keys.home):
		m.helpTop = 0
	case is(m.keys.end):
		m.helpTop = len(m.helpLines())
	default:
		m.help = false
	}
}
