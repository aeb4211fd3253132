package transfer

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// window is how much of an owner's time is in memory at once: 14 metrics every five
// seconds are 15,000 points.
const window = int64(6 * time.Hour / time.Millisecond)

// ahead is more than what the store takes in lies in the future.
const ahead = 25 * int64(time.Hour/time.Millisecond)

// csvHead are the columns of zol0's own CSV (docs/formats.md) before the metrics.
var csvHead = []string{"time", "service", "kind", "watched", "pid", "start_time", "name", "status", "cpu_percent", "uptime_seconds"}

// Places in csvHead.
const (
	csvTime = iota
	csvService
	_
	_
	csvPID
	_
	csvName
)

// CSV writes services, or processes where the selection is of those, as the CSV of zol0
// monitor, which zol0 analyze reads. A service has no pid. Owner follows owner, each in
// order of time. Series of other kinds have no place in it and are counted as left out.
func CSV(ctx context.Context, s *store.Store, sel Selection, w io.Writer) (Exported, error) {
	kind := sel.Kind
	if kind == 0 {
		kind = store.Service
	}
	c := csvExport{store: s, sel: &sel, rows: csv.NewWriter(w)}
	head := slices.Clone(csvHead)
	for m := range memory.Count {
		head = append(head, m.String())
	}
	c.row = make([]string, len(head))
	if err := c.rows.Write(head); err != nil {
		return c.done, written(err)
	}
	err := sel.owners(ctx, s, func(o *store.Owner) error {
		if o.Kind != kind || kind != store.Service && kind != store.Process {
			c.done.LeftOut += int64(len(sel.series(o)))
			return nil
		}
		return c.owner(ctx, o)
	})
	c.rows.Flush()
	if err == nil {
		err = written(c.rows.Error())
	}
	return c.done, err
}

type csvExport struct {
	store *store.Store
	sel   *Selection
	rows  *csv.Writer
	row   []string
	cells []cell
	done  Exported
}

// cell is one figure at one time.
type cell struct {
	store.Point
	metric memory.Metric
}

// owner writes the rows of one owner.
func (c *csvExport) owner(ctx context.Context, o *store.Owner) error {
	all := slices.DeleteFunc(c.sel.series(o), func(x named) bool { return x.series.Code() >= store.Code(memory.Count) })
	found := make([]bool, len(all))
	clear(c.row)
	c.row[csvService], c.row[csvPID], c.row[csvName] = inert(o.Labels.Get("service")), o.Labels.Get("pid"), inert(o.Labels.Get("name"))
	from, to := max(c.sel.From, o.First), min(c.sel.To, o.Last)
	if last, ok := c.store.Last(); ok && o.Open() {
		to = min(to, max(last, from)+ahead) // imported samples may be later than all others
	}
	for begin := from; begin <= to; {
		end := to
		if to-begin >= window {
			end = begin + window - 1
		}
		c.cells = c.cells[:0]
		for i, x := range all {
			err := c.store.Points(ctx, x.series, begin, end, func(p store.Point) bool {
				c.cells = append(c.cells, cell{p, memory.Metric(x.series.Code())})
				found[i] = true
				return true
			})
			if err != nil {
				return err
			}
		}
		if err := c.write(); err != nil {
			return err
		}
		if end == math.MaxInt64 {
			break
		}
		begin = end + 1
	}
	for _, ok := range found {
		if ok {
			c.done.Series++
		}
	}
	return nil
}

// write makes rows of the cells, one a time.
func (c *csvExport) write() error {
	slices.SortFunc(c.cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(a.metric, b.metric)) })
	for i := 0; i < len(c.cells); {
		t := c.cells[i].T
		c.row[csvTime] = time.UnixMilli(t).UTC().Format("2006-01-02T15:04:05.000Z")
		clear(c.row[len(csvHead):])
		for ; i < len(c.cells) && c.cells[i].T == t; i++ {
			c.row[len(csvHead)+int(c.cells[i].metric)] = strconv.FormatFloat(c.cells[i].Value, 'f', -1, 64)
			c.done.Points++
		}
		if err := c.rows.Write(c.row); err != nil {
			return written(err)
		}
	}
	return nil
}

// inert keeps a spreadsheet from running a name as a formula: names come from processes.
// A leading apostrophe means text to all of them, and package trace takes it off again.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
