package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
)

// interruptible ends with the first signal; a second one ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// maxProblems is how many lines of what is wrong a person reads.
const maxProblems = 20

func (s *storage) verify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Look at every page and row of the store, and say what is damaged",
		Long: fmt.Sprintf(`verify has SQLite check its structure, and decodes every chunk, day, frame, event and saved
detector. It works while a daemon writes, and changes nothing. Of what is wrong it shows
the first %d. Rows that were put out of the way earlier are no damage any more.

Exit codes: 0 sound, 1 damaged or not readable, 2 wrong usage.`, maxProblems),
		Example: `  zol0 store verify
  zol0 store verify --data /var/lib/zol0 && echo sound`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.runVerify(c.Context()) },
	}
}

func (s *storage) runVerify(ctx context.Context) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	o, err := s.options()
	if err != nil {
		return err
	}
	onTerminal := isTerminal(s.Err)
	// What cannot be drawn is no reason to end.
	show := func(text string) {
		if onTerminal {
			fmt.Fprint(s.Err, "\r\x1b[K"+text) //nolint:errcheck // see above
		}
	}
	var failed error
	told := 0
	v, err := store.Verify(ctx, o.Dir, store.Verification{
		Problem: func(p store.Problem) {
			if told++; told <= maxProblems && failed == nil {
				show("")
				failed = s.print("%s\n", shownPath(p.Error()))
			}
		},
		Progress: func(done, of int64) {
			if of == 0 {
				show("checking the structure …")
				return
			}
			show(fmt.Sprintf("%3d %% of %s rows", 100*done/of, grouped(uint64(of))))
		},
		Detector: func(d store.Detector) error {
			return tally.New().Restore(d.Data, tally.Resumption{Wall: o.Now, Rebooted: true})
		},
	})
	show("")
	if err = errors.Join(failed, explained(err)); err != nil {
		return err
	}
	if v.Problems > maxProblems {
		if err := s.print("… and %s more\n", grouped(uint64(v.Problems-maxProblems))); err != nil {
			return err
		}
	}
	counts := fmt.Sprintf("%s in %s, %s, %s, %s, %s, %s", units.Count(int(v.Samples), "sample", "samples"), units.Count(int(v.Chunks), "chunk", "chunks"),
		units.Count(int(v.Frames), "frame", "frames"), units.Count(int(v.Days), "day", "days"), units.Count(int(v.Owners), "owner", "owners"),
		units.Count(int(v.Events), "event", "events"), units.Count(int(v.Detectors), "detector", "detectors"))
	if v.Asides > 0 {
		counts += fmt.Sprintf("; %s out of the way", units.Count(int(v.Asides), "row", "rows"))
	}
	if v.Problems == 0 {
		return s.print("sound: %s\n", counts)
	}
	if err := s.print("damaged: %s in %s\n", units.Count(int(v.Problems), "place", "places"), counts); err != nil {
		return err
	}
	return failure("save what can be read: stop the daemon, move zol0.db away, then zol0 store import the file; or restore a backup",
		fmt.Errorf("the store in %s is damaged", shownPath(o.Dir)))
}

func (s *storage) backup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the store into a new file while the daemon runs",
		Long: `backup writes a consistent copy of the store, the open hour included, readable for its owner
alone, and checks that it can be opened. It overwrites nothing.

To restore: stop the daemon, move zol0.db with its -wal and -shm out of the directory of
data, move the copy there as zol0.db, start the daemon.`,
		Example: `  zol0 store backup /mnt/backup/zol0.db
  zol0 store backup "$(date +%F).db"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			st, _, err := s.reader()
			if err != nil {
				return err
			}
			defer st.Close() //nolint:errcheck // it wrote nothing to the store
			size, err := st.Backup(ctx, args[0])
			if err != nil {
				return explained(err)
			}
			return s.print("Wrote %s, %s. It opens and is sound.\n", shownPath(args[0]), units.Bytes(size))
		},
	}
}

func (s *storage) compact() *cobra.Command {
	return &cobra.Command{
		Use:   "compact",
		Short: "Give back the room that deleted rows left in the file",
		Long: `compact writes the file anew without free pages. The daemon gives pages back by itself, a few
at a time; this does it at once, after the cap was made smaller or much was imported. It
needs the daemon stopped, and room on the disk for two more copies of the file meanwhile.`,
		Example: `  systemctl stop zol0 && zol0 store compact && systemctl start zol0`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			r, o, err := s.reader() // nothing is made or set aside by a command that makes things smaller
			if err != nil {
				return err
			}
			if err := r.Close(); err != nil {
				return err
			}
			// SQLite's copy belongs beside the file: /tmp is in memory on many machines.
			if err := os.Setenv("SQLITE_TMPDIR", o.Dir); err != nil {
				return err
			}
			st, err := s.writer()
			if err != nil {
				return err
			}
			before, after, err := st.Compact(ctx)
			if err = errors.Join(err, st.Close()); err != nil {
				return explained(err)
			}
			return s.print("%s became %s.\n", strings.TrimSpace(units.Bytes(before).String()), units.Bytes(after))
		},
	}
}
