package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/transfer"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// storage is one run of `zol0 store`.
type storage struct {
	*app
	data string
}

func (a *app) store() *cobra.Command {
	s := &storage{app: a}
	c := &cobra.Command{
		Use:   "store",
		Short: "Look into, back up, export and import what the daemon keeps",
		Long: `The daemon keeps what it measured in one file, zol0.db, in its directory of data. info,
verify, backup and export work while it runs; compact and import need it stopped.`,
		Example: `  zol0 store info
  zol0 store backup /mnt/backup/zol0.db
  zol0 store export --match service=bot --from 24h > bot.jsonl
  zol0 store import memory_monitoring_20260101.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&s.data, "data", "", "`DIRECTORY` of the daemon's data (default: daemon.data of the configuration, else the system's place for it)")
	c.AddCommand(s.info(), s.verify(), s.backup(), s.compact(), s.export(), s.imports())
	return c
}

// options are where the store is and how much it may keep.
func (s *storage) options() (store.Options, error) {
	c, err := s.load()
	if err != nil {
		return store.Options{}, err
	}
	dir := s.data
	if dir == "" {
		if dir, err = c.DataDir(); err != nil {
			return store.Options{}, err
		}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return store.Options{}, usageError("name a directory that exists", "cannot use --data: %w", err)
	}
	return store.Options{Dir: dir, Raw: c.Store.Raw, Minutes: c.Store.Minutes, Hours: c.Store.Hours, Size: int64(c.Store.Size), Now: s.Now()}, nil
}

// reader opens the store for reading, also beside a daemon.
func (s *storage) reader() (*store.Store, store.Options, error) {
	o, err := s.options()
	if err != nil {
		return nil, o, err
	}
	st, err := store.OpenReader(o.Dir)
	return st, o, explained(err)
}

// writer opens the store alone.
func (s *storage) writer() (*store.Store, error) {
	o, err := s.options()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(o)
	if err != nil {
		return nil, explained(err)
	}
	for _, x := range st.Asides() {
		s.report(fmt.Errorf("the store could not be read and was set aside as %s: %w", shownPath(x.Path), x.Why))
	}
	return st, nil
}

// explained adds the next step to an error of the store.
func explained(err error) error {
	var e *store.Error
	if errors.As(err, &e) {
		return failure(e.Hint, fmt.Errorf("%s", shownPath(err.Error())))
	}
	return err
}

func (s *storage) info() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "info",
		Short: "Say what the store holds, how fine, since when, and when it is full",
		Long: `info reads every row of the store, also while a daemon writes it, and says what there is.
A sample's bytes are those of whole hours, with what the columns take.`,
		Example: `  zol0 store info
  zol0 store info --data /var/lib/zol0 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			st, o, err := s.reader()
			if err != nil {
				return err
			}
			defer st.Close() //nolint:errcheck // it wrote nothing
			i, err := st.Info(ctx)
			if err != nil {
				return explained(err)
			}
			w := transfer.State(st.Path(), &i, o, s.Now())
			if asJSON {
				return s.json(w)
			}
			_, never, _ := i.UntilCap(o)
			return s.infoText(&w, never)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON, as /api/store gives it")
	return c
}

func (s *storage) infoText(w *wire.StoreState, never bool) error {
	var out strings.Builder
	line := func(key, format string, args ...any) {
		fmt.Fprintf(&out, "%-10s %s\n", key, fmt.Sprintf(format, args...))
	}
	size := func(n uint64) string { return units.Bytes(n).String() }
	line("file", "%s (schema %d)", shownPath(w.Path), w.SchemaVersion)
	line("size", "%s, %s used, %s free; log %s", size(w.FileBytes), size(w.UsedBytes), size(w.FreeBytes), size(w.LogBytes))
	full := "not known yet"
	switch {
	case never:
		full = "not reached at the present rate"
	case w.DaysUntilCap != nil && *w.DaysUntilCap == 0:
		full = "reached: the oldest goes"
	case w.DaysUntilCap != nil:
		full = "reached in " + units.Duration(time.Duration(*w.DaysUntilCap*24*float64(time.Hour)))
	}
	line("cap", "%s, %s", size(w.CapBytes), full)
	line("series", "%s, %d in the open hour (at most %d)", grouped(uint64(w.Series)), w.OpenSeries, w.MaxOpenSeries)
	for _, o := range w.Owners {
		line(o.Kind, "%s, %s with samples lately", grouped(o.All), grouped(o.Open))
	}
	if w.BytesPerSample != nil {
		line("a sample", "%s bytes", decimal(*w.BytesPerSample, 2))
	}
	line("journal", "%s", units.Count(int(w.Events), "event", "events"))
	line("detectors", "%d saved", w.Detectors)
	out.WriteString("\n")
	t := table{width: widthOf(s.Out), columns: []column{{head: "TIER"}, {head: "KEPT", right: true}, {head: "SAMPLES", right: true}, {head: "SIZE", right: true}, {head: "OLDEST"}, {head: "NEWEST"}}}
	for _, x := range w.Tiers {
		t.add(x.Name, units.Duration(time.Duration(x.RetentionSeconds)*time.Second), grouped(x.Samples), size(x.Bytes), dated(x.Oldest), dated(x.Newest))
	}
	if err := t.write(&out, func(_, _ int, cell string) string { return cell }); err != nil {
		return err
	}
	for _, x := range w.Asides {
		fmt.Fprintf(&out, "\nset aside  %s: %s\n", shownPath(x.Path), shownPath(x.Reason))
	}
	return s.print("%s", out.String())
}

// dated is a moment in the table, to the second.
func dated(t *time.Time) string {
	if t == nil {
		return units.Unknown
	}
	return t.UTC().Format(time.RFC3339)
}

// grouped is a count with a comma between thousands.
func grouped(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// instant reads a time as a person gives it: RFC 3339, a date, seconds since 1970, or how
// long ago. The zero time is the default.
func (s *storage) instant(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v >= 0 && v < 1e11 {
		return time.UnixMilli(int64(v * 1000)), nil
	}
	d, err := units.ParseDuration(text)
	if err != nil {
		return time.Time{}, usageError("write 2026-01-31T12:00:00Z, seconds since 1970, or how long ago: 24h, 7d", "%s %q is no time", flag, text)
	}
	return s.Now().Add(-d), nil
}

// pair reads NAME=VALUE.
func pair(flag, text string) (store.Label, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return store.Label{}, usageError("for example "+flag+" service=bot", "%s %q has no name and value", flag, text)
	}
	return store.Label{Name: name, Value: value}, nil
}

// newFile creates a file that must not exist.
func newFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f, nil
	}
	hint := "choose another place"
	if errors.Is(err, os.ErrExist) {
		hint = "zol0 overwrites nothing: move the file away or choose another name"
	}
	return nil, failure(hint, fmt.Errorf("cannot create %s: %w", shownPath(path), cause(err)))
}
