package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/units"
)

// serviceTable shows services, and with trees or processes their instances, one per row.
type serviceTable struct {
	ink      ink
	width    int
	snapshot *sampler.Snapshot
	shared   *shares // nil: PSS was not asked for

	table table
	words []string // the status word of each row
}

// services shows one row per service.
func (t *serviceTable) services(chosen []sampler.Service) {
	t.columns("SERVICE", "PIDS")
	for k := range chosen {
		t.service(&chosen[k])
	}
}

// processes shows one row per process, in the order of the services.
func (t *serviceTable) processes(chosen []sampler.Service) {
	t.columns("SERVICE", "PID")
	for k := range chosen {
		v := &chosen[k]
		for i := range v.Instances {
			t.instance(v.Name, &v.Instances[i])
		}
	}
}

// trees shows each service and below it its processes, children under their parents.
func (t *serviceTable) trees(chosen []sampler.Service) {
	t.columns("SERVICE", "PIDS")
	for k := range chosen {
		v := &chosen[k]
		t.service(v)
		children := make(map[int32][]*sampler.Instance)
		members := make(map[int32]bool, len(v.Instances))
		for i := range v.Instances {
			members[v.Instances[i].Sample.ID.PID] = true
		}
		const roots = 0 // PID 0 is nobody's
		for i := range v.Instances {
			x := &v.Instances[i]
			parent := x.Sample.Parent
			if !members[parent] || parent == x.Sample.ID.PID {
				parent = roots
			}
			children[parent] = append(children[parent], x)
		}
		t.branch(children, roots, "")
	}
}

// branch shows the children of one process. An instance is taken off the map when it is
// shown, so that a cycle of parents, which a torn scan could make, ends.
func (t *serviceTable) branch(children map[int32][]*sampler.Instance, parent int32, indent string) {
	list := children[parent]
	delete(children, parent)
	for i, x := range list {
		joint, below := "├─ ", "│  "
		if i == len(list)-1 {
			joint, below = "└─ ", "   "
		}
		t.instance(indent+joint+x.Sample.Name, x)
		t.branch(children, x.Sample.ID.PID, indent+below)
	}
}

func (t *serviceTable) columns(first, second string) {
	t.table.width = t.width
	t.table.columns = []column{
		{head: first, shrink: true}, {head: second, shrink: true},
		{head: "PRIVATE MB", right: true}, {head: "RSS MB", right: true, spare: 6}, {head: "SWAP MB", right: true, spare: 3},
	}
	if t.shared != nil {
		t.table.columns = append(t.table.columns, column{head: "PSS MB", right: true}, column{head: "USS MB", right: true})
	}
	t.table.columns = append(t.table.columns,
		column{head: "CPU %", right: true, spare: 4}, column{head: "THREADS", right: true, spare: 1}, column{head: "FDS", right: true, spare: 2},
		column{head: "UPTIME", right: true, spare: 5}, column{head: "STATUS"})
}

func (t *serviceTable) service(v *sampler.Service) {
	row := append([]string{v.Name, pids(v.Instances)}, memoryCells(&v.Total)...)
	if t.shared != nil {
		pss, uss := t.shared.ofService(v)
		row = append(row, pss, uss)
	}
	t.row(append(row, percentCell(v.CPU), numberCell(&v.Total, memory.Threads), numberCell(&v.Total, memory.FDs), units.Duration(v.Age), v.Status.String()))
}

func (t *serviceTable) instance(label string, x *sampler.Instance) {
	row := append([]string{label, strconv.Itoa(int(x.Sample.ID.PID))}, memoryCells(x.Sample)...)
	if t.shared != nil {
		pss, uss := t.shared.of(x.ID())
		row = append(row, pss, uss)
	}
	t.row(append(row, percentCell(x.CPU), numberCell(x.Sample, memory.Threads), numberCell(x.Sample, memory.FDs), units.Duration(x.Sample.Age), x.Status.String()))
}

func (t *serviceTable) row(cells []string) {
	t.table.add(cells...)
	t.words = append(t.words, cells[len(cells)-1])
}

func (t *serviceTable) write(w io.Writer) error {
	last := len(t.table.columns) - 1
	return t.table.write(w, func(row, column int, cell string) string {
		switch {
		case row < 0:
			return t.ink.paint(faint, cell)
		case column == last:
			return t.ink.paint(colourOf(t.words[row]), cell)
		}
		return cell
	})
}

// figures are what a sample and the sum of a service's samples have in common.
type figures interface {
	Get(m memory.Metric) (uint64, bool)
}

func memoryCells(f figures) []string {
	return []string{bytesCell(f, memory.Private), bytesCell(f, memory.RSS), bytesCell(f, memory.Swap)}
}

func bytesCell(f figures, m memory.Metric) string {
	v, ok := f.Get(m)
	if !ok {
		return units.UnknownFigure
	}
	return units.Megabytes(float64(v))
}

func numberCell(f figures, m memory.Metric) string {
	v, ok := f.Get(m)
	if !ok {
		return units.Unknown
	}
	return strconv.FormatUint(v, 10)
}

func percentCell(v float64) string {
	if math.IsNaN(v) {
		return units.Unknown
	}
	return decimal(v, 1)
}

// shownPIDs is how many PIDs of a service a row lists; the rest is counted.
const shownPIDs = 3

// pids lists the PIDs of a service, those with the most memory first.
func pids(instances []sampler.Instance) string {
	var out strings.Builder
	for i := range instances {
		if i == shownPIDs {
			fmt.Fprintf(&out, " +%d", len(instances)-i)
			break
		}
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(strconv.Itoa(int(instances[i].Sample.ID.PID)))
	}
	return out.String()
}
