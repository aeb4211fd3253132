// Package transfer brings recordings into a store and series out of it, as the files that
// other tools write and read: lines of JSON as VictoriaMetrics has them, CSV, and the
// recordings of package trace. It works in memory that does not grow with their length.
package transfer

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/store"
)

// Selection is which series to export, and of which time.
type Selection struct {
	Kind   store.Kind    // 0 is all
	Metric string        // name of a metric; empty is all
	Match  []store.Label // labels that a series must have
	// From and To are milliseconds since 1970, both included. The zero value of To is the
	// end of time.
	From, To int64
}

// Exported says what was written.
type Exported struct {
	Series, Points int64
	// LeftOut are series that the format has no place for.
	LeftOut int64
}

// page is how many owners are read at a time.
const page = 256

// owners calls each for the owners that a selection may be about.
func (sel *Selection) owners(ctx context.Context, s *store.Store, each func(*store.Owner) error) error {
	if sel.To == 0 {
		sel.To = math.MaxInt64
	}
	for after := store.OwnerID(0); ; {
		all, err := s.OwnersAfter(ctx, after, page)
		if err != nil {
			return err
		}
		for i := range all {
			o := &all[i]
			after = o.ID
			if o.Last < sel.From || o.First > sel.To || sel.Kind != 0 && o.Kind != sel.Kind || !sel.fits(o.Labels) {
				continue
			}
			if err := each(o); err != nil {
				return err
			}
		}
		if len(all) < page {
			return nil
		}
	}
}

func (sel *Selection) fits(labels store.Labels) bool {
	for _, m := range sel.Match {
		if !slices.Contains(labels, m) {
			return false
		}
	}
	return true
}

// series are the metrics of an owner that are selected, under their names.
func (sel *Selection) series(o *store.Owner) []named {
	if o.Kind == store.Gauge {
		name := store.NameOf(o.Kind, 0, o.Labels)
		if sel.Metric != "" && sel.Metric != name {
			return nil
		}
		return []named{{name, store.SeriesOf(o.ID, 0)}}
	}
	var out []named
	for _, m := range store.Metrics(o.Kind) {
		if sel.Metric == "" || sel.Metric == m.Name {
			out = append(out, named{m.Name, store.SeriesOf(o.ID, m.Code)})
		}
	}
	return out
}

// named is a series with the name of its metric.
type named struct {
	name   string
	series store.Series
}

// written names what could not be written.
func written(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write the export: %w", err)
	}
	return nil
}

// output keeps the first error of a writer.
type output struct {
	io.Writer
	err error
}

func (o *output) write(b []byte) {
	if o.err == nil {
		_, o.err = o.Write(b)
	}
}
