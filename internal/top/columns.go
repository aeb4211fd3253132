package top

import (
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/units"
)

// column is one column of the table.
type column struct {
	head, short string // short where the terminal is narrow; empty means the same
	width, slim int    // in cells, in a wide and in a narrow terminal
	key         Key    // that sorts by it
	sorts       bool
	right       bool
	// need says which columns go first when there is not enough room: the higher, the
	// sooner. 0 never goes.
	need  int
	cells func(m *model, l line, width int) string
	look  func(s *styles, l line) lipgloss.Style
}

// Terminals narrower than this take the slim widths: at 80 cells the history and the
// status still fit.
const narrow = 100

// columns are all columns in their order on the screen. A verdict never stands without its
// rate and interval, so these three never go.
func columns() []column {
	return []column{
		{head: "SERVICE", width: 18, slim: 12, key: ByName, sorts: true, cells: nameCell},
		{head: "VERDICT", width: 10, slim: 10, cells: func(_ *model, l line, _ int) string { return l.word() }, look: verdictLook},
		{head: "PRIVATE MB", short: "MB", width: 10, slim: 6, key: ByPrivate, sorts: true, right: true, need: 1, cells: func(_ *model, l line, w int) string { return amountCell(l.usage().private, w) }},
		{head: "RSS MB", short: "RSS", width: 8, slim: 6, key: ByRSS, sorts: true, right: true, need: 11, cells: func(_ *model, l line, w int) string { return amountCell(l.usage().rss, w) }},
		{head: "SWAP MB", short: "SWAP", width: 8, slim: 6, key: BySwap, sorts: true, right: true, need: 10, cells: func(_ *model, l line, w int) string { return amountCell(l.usage().swap, w) }},
		{head: "GROWTH MB", short: "GROWTH", width: 9, slim: 6, key: ByGrowth, sorts: true, right: true, need: 2, cells: growthCell},
		{head: "RATE MB/H", short: "MB/H", width: 9, slim: 6, right: true, cells: rateCell},
		{head: "95 % INTERVAL", short: "INTERVAL", width: 14, slim: 13, cells: rateIntervalCell},
		{head: "LAST", width: 9, slim: 9, right: true, need: 3, cells: historyCell, look: historyLook},
		{head: "CPU %", width: 6, slim: 5, key: ByCPU, sorts: true, right: true, need: 5, cells: func(_ *model, l line, _ int) string { return percentCell(l.usage().cpu) }},
		{head: "THREADS", short: "THR", width: 7, slim: 5, key: ByThreads, sorts: true, right: true, need: 7, cells: func(_ *model, l line, _ int) string { return numberCell(l.usage().threads) }},
		{head: "FDS", width: 6, slim: 5, key: ByFDs, sorts: true, right: true, need: 9, cells: func(_ *model, l line, _ int) string { return numberCell(l.usage().fds) }},
		{head: "PROCS", width: 5, slim: 5, right: true, need: 6, cells: processesCell},
		{head: "UPTIME", width: 7, slim: 7, key: ByUptime, sorts: true, right: true, need: 8, cells: func(_ *model, l line, _ int) string { return units.Duration(l.usage().age) }},
		{head: "STATUS", width: 11, slim: 8, key: ByStatus, sorts: true, need: 4, cells: func(_ *model, l line, _ int) string { return l.statusWord() }, look: statusLook},
	}
}

// markWidth is that of the cursor's mark and the sign of a service that opens.
func markWidth(width int) int {
	if width < narrow {
		return 2
	}
	return 3
}

// Widths up to which the columns of text and of history take what room is left. Columns of
// little need come only where the history has become goodHistory wide.
const (
	maxName     = 40
	goodHistory = 24
	maxHistory  = 60
	littleNeed  = 10
)

// layout chooses the columns that fit into width and shares the rest out. The column that
// the table is sorted by is always among them.
func layout(width int, by Key, longestName int) []column {
	all := columns()
	slim := width < narrow
	left := width - markWidth(width)
	for i := range all {
		c := &all[i]
		if slim {
			c.width = c.slim
			if c.short != "" {
				c.head = c.short
			}
		}
		if c.sorts && c.key == by {
			c.need = 0
		}
		if c.need == 0 {
			left -= c.width + gap
		}
	}
	left += gap // none before the first
	taken := make([]bool, len(all))
	for need := range len(all) {
		for i := range all {
			room := left
			if need >= littleNeed {
				room -= goodHistory
			}
			if all[i].need != need || need > 0 && room < all[i].width+gap {
				continue
			}
			taken[i] = true
			if need > 0 {
				left -= all[i].width + gap
			}
		}
	}
	chosen := all[:0]
	for i := range all {
		if taken[i] {
			chosen = append(chosen, all[i])
		}
	}
	widen(chosen, left, longestName)
	return chosen
}

// gap stands between two columns.
const gap = 1

// widen gives the room that is left, which may be less than nothing, to the history and
// the name.
func widen(chosen []column, left, longestName int) {
	grow := func(head string, to int) {
		for i := range chosen {
			if c := &chosen[i]; c.head == head {
				more := min(left, max(0, to-c.width))
				c.width += more
				left -= more
			}
		}
	}
	if left > 0 {
		grow("LAST", goodHistory)
	}
	grow("SERVICE", min(maxName, longestName))
	grow("LAST", maxHistory)
}

// usage is what the line's service or instance uses.
func (l line) usage() *usage {
	if l.instance != nil {
		return &l.instance.usage
	}
	return &l.service.usage
}

func (l line) verdict() *verdict {
	if l.instance != nil {
		return &l.instance.verdict
	}
	return &l.service.verdict
}

func (l line) word() string {
	if l.service.gone {
		return "ended"
	}
	return stateWord(l.verdict())
}

func (l line) statusWord() string {
	switch {
	case l.service.gone:
		return ""
	case l.instance != nil:
		return l.instance.status.String()
	}
	return l.service.status.String()
}

func verdictLook(s *styles, l line) lipgloss.Style { return s.state(l.verdict()) }

func statusLook(s *styles, l line) lipgloss.Style {
	if l.instance != nil {
		return s.status(l.instance.status)
	}
	return s.status(l.service.status)
}

func nameCell(_ *model, l line, _ int) string {
	if l.instance != nil {
		return "  " + strconv.Itoa(int(l.instance.id.PID)) + " " + l.instance.name
	}
	return l.service.name
}

func growthCell(_ *model, l line, width int) string {
	g := l.usage().growth
	return changeCell(g.value, g.known, width)
}

func rateCell(_ *model, l line, width int) string {
	return changeCell(l.verdict().rate.Value, true, width)
}

func rateIntervalCell(_ *model, l line, width int) string {
	return intervalCell(l.verdict().rate, width)
}

func processesCell(_ *model, l line, _ int) string {
	if l.instance != nil {
		return ""
	}
	return strconv.Itoa(len(l.service.instances))
}

// minCaveat is the width from which a caveat in place of a history says something.
const minCaveat = 24

// historyCell is the sparkline of a service. An instance has none: where it has the room,
// the caveats of its verdict stand there.
func historyCell(m *model, l line, width int) string {
	if l.instance == nil {
		of, count := m.histories.axis(width)
		return sparkline(m.histories.cells(l.service.name, of, count))
	}
	if width < minCaveat || !l.instance.verdict.given() {
		return ""
	}
	text := ansi.Truncate(caveatOf(&l.instance.verdict), width, "…")
	return text + strings.Repeat(" ", width-ansi.StringWidth(text))
}

func historyLook(s *styles, l line) lipgloss.Style {
	if l.instance != nil {
		return s.faint
	}
	if l.verdict().grows() {
		return s.state(l.verdict())
	}
	return s.plain
}
