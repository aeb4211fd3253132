// Package exposition writes what the daemon knows in the text format that Prometheus
// scrapes: its own cost and state, the machine, services and, where wanted, process
// instances, under the names of docs/series.md and docs/metrics.md.
//
// The daemon's own figures go through client_golang. The series of services do not: of
// hundreds of services that library would make thousands of objects for each answer; here
// they are written as they come. Nothing is kept from one answer to the next.
package exposition

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// ContentType is that of what Write writes.
const ContentType = string(expfmt.FmtText)

// pieceBytes are handed on at a time: what compresses them does so piece by piece.
const pieceBytes = 64 << 10

// Owner is the present of the machine, a service or a process instance.
type Owner struct {
	Kind   store.Kind
	Labels []store.Label // in no order; none twice
	// Values are by code; NaN is what it has not.
	Values [1 << 5]float64
}

// Input is what one answer is made of. Write does not change it, but for the order of Owners.
type Input struct {
	Self wire.Self
	// Store is what is cheap to know of it.
	Store  StoreCounts
	Owners []Owner
}

// StoreCounts are of the store since the daemon started, but for its sizes, in bytes, and who
// is in it.
type StoreCounts struct {
	FileBytes, LogBytes                              *uint64 // nil where they cannot be seen
	CapBytes                                         uint64
	Appends, Samples, Refused, Failed, Left, Asides  uint64
	RecordedServices, RecordedInstances, RestMembers int
}

// Write writes one answer.
func Write(w io.Writer, in *Input) error {
	out := bufio.NewWriterSize(w, pieceBytes)
	if err := writeOwn(out, in); err != nil {
		return fmt.Errorf("cannot write the daemon's own metrics: %w", err)
	}
	var line []byte
	for _, kind := range []store.Kind{store.Host, store.Service, store.Process} {
		owners := named(in.Owners, kind)
		for _, m := range store.Metrics(kind) {
			line = appendFamily(line[:0], &m, owners)
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// of is an owner with its labels as they are written.
type of struct {
	labels string
	values *[1 << 5]float64
}

// named are the owners of a kind in the order of their labels. Names that would be written
// alike, as can happen to bytes that are no text, are written once: two lines with the same
// labels would make Prometheus refuse all.
func named(all []Owner, k store.Kind) []of {
	var out []of
	for i := range all {
		if all[i].Kind == k {
			out = append(out, of{braced(all[i].Labels), &all[i].Values})
		}
	}
	slices.SortStableFunc(out, func(a, b of) int { return cmp.Compare(a.labels, b.labels) })
	return slices.CompactFunc(out, func(a, b of) bool { return a.labels == b.labels })
}

// escape is what a value of a label may not have as it is.
var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// braced writes labels. Their names are ours, their values anybody's.
func braced(labels []store.Label) string {
	if len(labels) == 0 {
		return ""
	}
	sorted := slices.SortedFunc(slices.Values(labels), func(a, b store.Label) int { return cmp.Compare(a.Name, b.Name) })
	var out strings.Builder
	for i, l := range sorted {
		out.WriteByte("{,"[min(i, 1)])
		out.WriteString(l.Name)
		out.WriteString(`="`)
		// Bytes that are no text stand in the store's labels as the same mark.
		out.WriteString(escape.Replace(strings.ToValidUTF8(l.Value, "\uFFFD")))
		out.WriteByte('"')
	}
	out.WriteByte('}')
	return out.String()
}

// appendFamily adds all values of a metric; nothing where nobody has one.
func appendFamily(b []byte, m *store.Metric, owners []of) []byte {
	headed := false
	for i := range owners {
		v := owners[i].values[m.Code]
		if math.IsNaN(v) {
			continue
		}
		if !headed {
			headed = true
			kind := "gauge"
			if m.Cumulative {
				kind = "counter"
			}
			b = append(b, "# HELP "+m.Name+" "+help.Replace(m.Meaning)+"\n# TYPE "+m.Name+" "+kind+"\n"...)
		}
		b = append(append(b, m.Name...), owners[i].labels...)
		b = strconv.AppendFloat(append(b, ' '), v, 'g', -1, 64)
		b = append(b, '\n')
	}
	return b
}

// help is what a description may not have as it is.
var help = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
