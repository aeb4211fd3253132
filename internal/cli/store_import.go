package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/internal/transfer"
)

// importing is one run of `zol0 store import`.
type importing struct {
	*storage
	columns     trace.Options
	service     string
	labels      []string
	start, zone string
	failed      int
}

// importGarbage lets garbage grow to a fifth of what is in use: the import of a large file
// then stays below 40 MB in all.
const importGarbage = 20

func (s *storage) imports() *cobra.Command {
	m := &importing{storage: s}
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Take recordings, exports and other stores into the store",
		Long: fmt.Sprintf(`import reads, plain or compressed with gzip ("-" is standard input):

  lines of JSON of zol0 store export and VictoriaMetrics, answers of Prometheus
  the CSV of zol0 monitor and zol0 store export, memory_monitoring_*.csv of the trading system
  psrecord, mprof, leakbench, any CSV with a column t_s or with --time and --value
  a zol0.db: one that was set aside, a backup, one of another machine; every row that can
  be read of a damaged one

The daemon must be stopped. Series with names of ours (zol0_service_private_bytes …) go on
where those stood; other names become gauges. Services in recordings become services, one
sample per moment that adds up their processes. A recording that names no service becomes
gauges with the label source=FILE, or with --service NAME that service.

Samples older than what is kept raw become minutes or hours at once. What is there already
changes nothing. A row that cannot be taken in is named (the first %d of a file), the others
are taken in.

Exit codes: 0 everything is in, 1 something is not, 2 wrong usage.`, maxProblems),
		Example: `  zol0 store import export.jsonl
  zol0 store import memory_monitoring_20260101.csv --zone Europe/Warsaw
  zol0 store import --service bot --start 2026-01-31T12:00:00Z psrecord.log
  zol0 store import --label machine=b b/zol0_monitor.csv
  zol0 store import /var/lib/zol0/zol0.db.damaged-20260301-120000`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return m.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVar(&m.service, "service", "", "`NAME` of the service that a recording is of which names none")
	f.StringArrayVar(&m.labels, "label", nil, "give every series this label, `NAME=VALUE`; repeat it for more")
	f.StringVar(&m.start, "start", "", "`TIME` at which a recording began whose times count from there")
	f.StringVar(&m.zone, "zone", "Local", "`ZONE` of times without an offset, like UTC or Europe/Warsaw")
	f.StringVar(&m.columns.Time, "time", "", "`COLUMN` with the times of a CSV")
	f.StringVar(&m.columns.Value, "value", "", "`COLUMN` with the figures of a CSV")
	f.StringVar(&m.columns.Unit, "unit", "", "`UNIT` of --value: bytes, count, kB, MB, KiB, MiB, …")
	return c
}

func (m *importing) run(ctx context.Context, files []string) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(importGarbage))
	o, err := m.words(files)
	if err != nil {
		return err
	}
	for _, path := range files { // before a store is made for nothing
		if path == transfer.Stdin {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return failure("name files that exist, or - for standard input", fmt.Errorf("cannot import: %w", err))
		}
	}
	st, err := m.writer()
	if err != nil {
		return err
	}
	for _, path := range files {
		if err = m.file(ctx, st, path, o); err != nil {
			break
		}
	}
	if err = errors.Join(err, st.Close()); err != nil {
		return explained(err)
	}
	if m.failed > 0 {
		return exitStatus(exitFailure)
	}
	return nil
}

// words checks what stands on the command line.
func (m *importing) words(files []string) (transfer.Options, error) {
	o := transfer.Options{Now: m.Now(), Columns: m.columns, Service: m.service}
	if first := slices.Index(files, transfer.Stdin); first >= 0 && slices.Contains(files[first+1:], transfer.Stdin) {
		return o, usageError("name - once", "standard input can be read once only")
	}
	for _, text := range m.labels {
		l, err := pair("--label", text)
		if err != nil {
			return o, err
		}
		o.Labels = append(o.Labels, l)
	}
	zone, err := time.LoadLocation(m.zone)
	if err != nil {
		return o, usageError("use UTC, Local, or a name like Europe/Warsaw", "--zone %q is not known on this system", m.zone)
	}
	o.Zone = zone
	o.Start, err = m.instant("--start", m.start)
	return o, err
}

// file takes in one file and says what became of it.
func (m *importing) file(ctx context.Context, st *store.Store, path string, o transfer.Options) error {
	bad := 0
	o.Bad = func(err error) {
		if bad++; bad <= maxProblems {
			m.report(fmt.Errorf("%s", shownPath(err.Error())))
		}
	}
	r, err := transfer.Import(ctx, st, path, m.In, o)
	if bad > maxProblems {
		m.report(fmt.Errorf("%s: … and %s more", shownPath(path), grouped(uint64(bad-maxProblems))))
	}
	if bad > 0 || r.Lost > 0 {
		m.failed++
	}
	if err != nil {
		var wrong *trace.Error
		var other *store.Error
		if !errors.As(err, &wrong) && !errors.As(err, &other) || ctx.Err() != nil {
			return err // of this store: the next file would meet it, too
		}
		m.failed++
		m.report(explained(err))
	}
	return m.print("%s", m.said(path, &r))
}

// said is what became of a file, in words.
func (m *importing) said(path string, r *transfer.Report) string {
	text := fmt.Sprintf("%s: %s samples", shownPath(path), grouped(uint64(r.Points)))
	if v := r.Salvaged; v != nil {
		text += fmt.Sprintf(" of %s owners, %s events, %s detectors", grouped(uint64(v.Owners)), grouped(uint64(v.Events)), grouped(uint64(v.Detectors)))
	} else {
		text += fmt.Sprintf(" of %s series", grouped(uint64(r.Series)))
	}
	text += fmt.Sprintf(", %s of them new", grouped(uint64(r.New)))
	for _, x := range []struct {
		n    int64
		what string
	}{{r.BadRows, "rows could not be taken in"}, {r.TooOld, "samples are older than what is kept"}, {r.Lost, "samples had no room in their hour"}} {
		if x.n > 0 {
			text += fmt.Sprintf("; %s %s", grouped(uint64(x.n)), x.what)
		}
	}
	if v := r.Salvaged; v != nil {
		if v.Orphans > 0 {
			text += fmt.Sprintf("; %s rows belong to owners that could not be read", grouped(uint64(v.Orphans)))
		}
		if v.Ahead > 0 {
			text += fmt.Sprintf("; %s rows lie in the future", grouped(uint64(v.Ahead)))
		}
		if v.SetAside > 0 {
			text += fmt.Sprintf("; %s rows were out of the way in it, and stay there", grouped(uint64(v.SetAside)))
		}
	}
	return text + "\n"
}
