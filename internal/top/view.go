package top

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/units"
)

// The smallest terminal in which the table says anything.
const (
	minWidth  = 60
	minHeight = 10
)

// airy is the height from which empty lines set the parts apart, tall the one from which
// the details have a third line: a verdict with its caveats takes 250 characters.
const (
	airy = 20
	tall = 30
)

// View draws the screen.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.screen(), "\n"))
	v.AltScreen = true
	if m.filter.editing && !m.help && !m.tooSmall() {
		v.Cursor = tea.NewCursor(ansi.StringWidth(filterPrompt+tail(m.filter.text, m.width/2)), m.height-1)
		v.Cursor.Blink = false
	}
	return v
}

func (m *model) tooSmall() bool { return m.width < minWidth || m.height < minHeight }

// screen is exactly as many lines as the terminal has, none wider than it.
func (m *model) screen() []string {
	switch {
	case m.tooSmall():
		return []string{cut(fmt.Sprintf("zol0 top needs %d × %d; this is %d × %d", minWidth, minHeight, m.width, m.height), m.width)}
	case m.help:
		return m.helpScreen()
	}
	lines := m.header()
	if m.height >= airy {
		lines = slices.Insert(lines, headLines, "")
		lines = append(lines, "")
	}
	lines = append(lines, m.table()...)
	for len(lines) < m.height-m.footerLines() {
		lines = append(lines, "")
	}
	if m.height >= airy {
		lines = append(lines, "")
	}
	lines = append(lines, m.detailLines()...)
	return append(lines, m.footer())
}

// footerLines are the details and the keys, with an empty line above and more for the
// details where there is room.
func (m *model) footerLines() int {
	switch {
	case m.height >= tall:
		return 5
	case m.height >= airy:
		return 4
	}
	return 2
}

// bodyHeight is how many rows of the table fit.
func (m *model) bodyHeight() int {
	used := headerLines + 1 + m.footerLines() // one for the heads
	if m.height >= airy {
		used += 2
	}
	return max(1, m.height-used)
}

// table is the heads and the rows on the screen; what is beyond it costs nothing.
func (m *model) table() []string {
	l := &m.list
	chosen := layout(m.width, m.by.key, m.longestName())
	height := m.bodyHeight()
	out := make([]string, 0, height+1)
	out = append(out, m.heads(chosen))
	for i := l.cursor.top; i < len(l.lines) && i < l.cursor.top+height; i++ {
		out = append(out, m.row(chosen, l.lines[i], i == l.cursor.at))
	}
	if len(l.lines) == 0 && !m.last.at.IsZero() {
		out = append(out, m.styles.faint.Render("  "+cut(m.emptyWords(), m.width-2)))
	}
	return out
}

// emptyWords say why the table is empty and what to do.
func (m *model) emptyWords() string {
	if m.filter.pattern != nil {
		return "no service fits the filter; Esc clears it"
	}
	return "no rule of the configuration fits a process; press a to see all services"
}

func (m *model) longestName() int {
	longest := 0
	for _, x := range m.list.lines {
		longest = max(longest, ansi.StringWidth(nameCell(m, x, 0)))
	}
	return longest
}

// heads marks the column that the table is sorted by.
func (m *model) heads(chosen []column) string {
	var out strings.Builder
	out.WriteString(strings.Repeat(" ", markWidth(m.width)))
	for i := range chosen {
		c := &chosen[i]
		text, look, before := c.head, m.styles.faint, gap
		if text == "LAST" {
			text += " " + spanWord(m.histories.span())
		}
		if i == 0 {
			before = 0
		}
		if c.sorts && c.key == m.by.key {
			look = m.styles.strong
			if c.right { // the arrow may stand in the gap
				text = m.arrow() + text
			} else {
				text += m.arrow()
			}
		}
		out.WriteString(look.Render(padHead(text, c, before)))
	}
	return out.String()
}

// padHead puts a head over its column, into the gap before it where it is too wide.
func padHead(text string, c *column, before int) string {
	if c.right {
		return pad(text, c.width+before, true)
	}
	return strings.Repeat(" ", before) + pad(text, c.width, false)
}

// spanWord is a span by one unit, cut down to it.
func spanWord(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// arrow points the way the values fall.
func (m *model) arrow() string {
	if m.by.reversed != (m.by.key == ByName) {
		return "▴"
	}
	return "▾"
}

// row draws one line. That under the cursor is reversed as a whole, which shows without
// colour too, and so has no other looks.
func (m *model) row(chosen []column, l line, current bool) string {
	var out strings.Builder
	out.WriteString(m.mark(l, current))
	for i := range chosen {
		c := &chosen[i]
		text := pad(c.cells(m, l, c.width), c.width, c.right)
		if i > 0 {
			out.WriteString(strings.Repeat(" ", gap))
		}
		switch {
		case current:
			out.WriteString(text)
		case l.service.gone:
			out.WriteString(m.styles.faint.Render(text))
		case c.look != nil:
			out.WriteString(c.look(&m.styles, l).Render(text))
		default:
			out.WriteString(text)
		}
	}
	if !current {
		return out.String()
	}
	return m.styles.cursor.Render(pad(out.String(), m.width, false))
}

// mark is the cursor's and, for a service, whether it is open.
func (m *model) mark(l line, current bool) string {
	mark := " "
	if current {
		mark = "›"
	}
	_, open := m.list.expanded[l.service.name]
	switch {
	case l.instance != nil || l.service.gone:
		mark += " "
	case open:
		mark += "▾"
	default:
		mark += "▸"
	}
	return pad(mark, markWidth(m.width), false)
}

// pad makes text exactly width cells wide. Names are the processes' own words: their width
// is measured, not counted.
func pad(text string, width int, right bool) string {
	used := ansi.StringWidth(text)
	if used > width {
		text = ansi.Truncate(text, width, "…")
		used = ansi.StringWidth(text)
	}
	if right {
		return strings.Repeat(" ", width-used) + text
	}
	return text + strings.Repeat(" ", width-used)
}

// detailLines are the line under the cursor in full, on as many lines as there are for it.
func (m *model) detailLines() []string {
	lines := make([]string, m.footerLines()-1)
	if m.height >= airy {
		lines = lines[1:] // the empty one stands above
	}
	x := m.list.current()
	if x.service == nil {
		return lines
	}
	parts := strings.Split(ansi.Wordwrap(x.details(), m.width, ""), "\n")
	for i := range min(len(lines), len(parts)) {
		part := parts[i]
		if i == len(lines)-1 {
			part = strings.Join(parts[i:], " ")
		}
		lines[i] = m.styles.faint.Render(cut(part, m.width))
	}
	return lines
}

const filterPrompt = "filter: "

// footer is the filter, what went wrong, or the keys.
func (m *model) footer() string {
	var left string
	right, look := m.position(), m.styles.faint
	switch {
	case m.filter.editing || m.filter.text != "":
		left, look = filterPrompt+tail(m.filter.text, m.width/2), m.styles.plain
		if m.filter.mistake != "" {
			left += "  " + m.filter.mistake + ": the filter before holds"
			look = m.styles.amber
		} else if !m.filter.editing {
			left += "  (Esc clears)"
		}
	case m.failure != nil:
		words := strings.Join(strings.Fields(m.failure.Error()), " ") // on one line
		left, look = words+"; trying again every "+units.Interval(m.interval), m.styles.amber
	case m.notice != "":
		left = m.notice
	default:
		left = m.hints(m.width - ansi.StringWidth(right) - 2)
	}
	left = cut(left, m.width-ansi.StringWidth(right)-2)
	gap := max(0, m.width-ansi.StringWidth(left)-ansi.StringWidth(right))
	return look.Render(left) + strings.Repeat(" ", gap) + m.styles.faint.Render(right)
}

// tail is the end of a text that is too wide: what is being typed must be seen.
func tail(text string, width int) string {
	if over := ansi.StringWidth(text) - width; over > 0 {
		return ansi.TruncateLeft(text, over+1, "…")
	}
	return text
}

func (m *model) hints(width int) string {
	return fit([]string{"? help", "q quit", "s sort: " + m.by.key.String(), "/ filter", "Enter open", "a all", "p pause", "+ - interval"}, width)
}

// position says which rows are on the screen where not all are.
func (m *model) position() string {
	l := &m.list
	height := m.bodyHeight()
	if len(l.lines) <= height {
		return ""
	}
	return fmt.Sprintf("%d–%d of %d", l.cursor.top+1, min(len(l.lines), l.cursor.top+height), len(l.lines))
}
