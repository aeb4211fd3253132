package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/transfer"
	"github.com/zol0/zol0/internal/units"
)

// exporting is one run of `zol0 store export`.
type exporting struct {
	*storage
	match                          []string
	metric, kind, from, to, format string
	out                            string
}

// kinds are the words of --kind.
var kinds = map[string]store.Kind{"": 0, "host": store.Host, "service": store.Service, "process": store.Process, "gauge": store.Gauge}

func (s *storage) export() *cobra.Command {
	e := &exporting{storage: s}
	c := &cobra.Command{
		Use:   "export",
		Short: "Write series as lines of JSON or as CSV",
		Long: fmt.Sprintf(`export writes what is stored, also while a daemon runs. Formats:

  jsonl  lines of {"metric":{…},"values":[…],"timestamps":[…]}, at most %d points each: what
         VictoriaMetrics imports (/api/v1/import), and zol0 store import
  csv    services, or with --kind process processes, in the columns of zol0 monitor: what
         zol0 analyze reads. The machine and gauges have no place there

Of what was thinned to minutes or hours it has the last sample of each. Times: 2026-01-31T12:00:00Z,
2026-01-31 (local), seconds since 1970, or how long ago (24h, 7d).`, transfer.MaxLine),
		Example: `  zol0 store export > everything.jsonl
  zol0 store export --match service=bot --metric zol0_service_private_bytes --from 24h
  zol0 store export --format csv --from 7d | zol0 analyze -
  zol0 store export | curl -T - http://victoriametrics:8428/api/v1/import`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return e.run(c.Context()) },
	}
	f := c.Flags()
	f.StringArrayVar(&e.match, "match", nil, "only series with this label, `NAME=VALUE`; repeat it for more that must fit")
	f.StringVar(&e.metric, "metric", "", "only series of this `NAME`, like zol0_service_private_bytes")
	f.StringVar(&e.kind, "kind", "", "only series of this `KIND`: host, service, process, gauge")
	f.StringVar(&e.from, "from", "", "from this `TIME` on")
	f.StringVar(&e.to, "to", "", "up to this `TIME`, included")
	f.StringVar(&e.format, "format", "jsonl", "`FORMAT`: jsonl or csv")
	f.StringVar(&e.out, "out", "", "write into this new `FILE` instead of standard output")
	err := errors.Join(
		c.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions([]string{"host", "service", "process", "gauge"}, cobra.ShellCompDirectiveNoFileComp)),
		c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"jsonl", "csv"}, cobra.ShellCompDirectiveNoFileComp)))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return c
}

// selection checks the words.
func (e *exporting) selection() (sel transfer.Selection, err error) {
	var ok bool
	if sel.Kind, ok = kinds[e.kind]; !ok {
		return sel, usageError("use host, service, process or gauge", "there is no kind %q", e.kind)
	}
	switch {
	case e.format != "jsonl" && e.format != "csv":
		return sel, usageError("use jsonl or csv", "there is no format %q", e.format)
	case e.format == "csv" && (sel.Kind == store.Host || sel.Kind == store.Gauge):
		return sel, usageError("use --format jsonl", "CSV holds services and processes, no %s", e.kind)
	}
	sel.Metric = e.metric
	for _, text := range e.match {
		l, err := pair("--match", text)
		if err != nil {
			return sel, err
		}
		sel.Match = append(sel.Match, l)
	}
	from, err := e.instant("--from", e.from)
	if err != nil {
		return sel, err
	}
	to, err := e.instant("--to", e.to)
	if err != nil {
		return sel, err
	}
	if !to.IsZero() && to.Before(from) {
		return sel, usageError("name the earlier time with --from", "--to %s is before --from %s", to.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339))
	}
	if !from.IsZero() {
		sel.From = from.UnixMilli()
	}
	if !to.IsZero() {
		sel.To = max(1, to.UnixMilli())
	}
	return sel, nil
}

func (e *exporting) run(ctx context.Context) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	sel, err := e.selection()
	if err != nil {
		return err
	}
	st, _, err := e.reader()
	if err != nil {
		return err
	}
	defer st.Close() //nolint:errcheck // it wrote nothing
	var f *os.File
	to := e.Out
	if e.out != "" {
		if f, err = newFile(e.out); err != nil {
			return err
		}
		to = f
	}
	done, err := e.write(ctx, st, sel, to)
	if f != nil {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return explained(err)
	}
	if done.LeftOut > 0 {
		e.report(failure("export them with --format jsonl", fmt.Errorf("left out: CSV has no place for %s", units.Count(int(done.LeftOut), "series", "series"))))
	}
	if e.out == "" {
		return nil
	}
	return e.print("Wrote %s: %s samples of %s series.\n", shownPath(e.out), grouped(uint64(done.Points)), grouped(uint64(done.Series)))
}

func (e *exporting) write(ctx context.Context, st *store.Store, sel transfer.Selection, to io.Writer) (transfer.Exported, error) {
	buffered := bufio.NewWriterSize(to, 64<<10)
	export := transfer.JSONLines
	if e.format == "csv" {
		export = transfer.CSV
	}
	done, err := export(ctx, st, sel, buffered)
	if err == nil {
		err = writeError("the export", buffered.Flush())
	}
	return done, err
}
