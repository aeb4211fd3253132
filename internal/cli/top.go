package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/top"
)

// topFlags are what a person asks of `zol0 top`.
type topFlags struct {
	interval time.Duration
	sort     string
	filter   string
	all      bool
}

func (a *app) top() *cobra.Command {
	var f topFlags
	c := &cobra.Command{
		Use:   "top",
		Short: "Watch services live in the terminal",
		Long: `top shows every service with its private memory, its growth since the watch began, the
verdict on it, and its history, and reads the machine anew at every interval. The first
line answers whether anything grows.

Rows stay where they are for 10 seconds, or until a key sorts them. Press ? for the keys
and the words. Growth and verdicts are those of 'zol0 monitor'; nothing is written to disk.

Watched services are those a rule of the configuration names, or all where it has no
rule. NO_COLOR is respected; with TERM=dumb each screen is printed below the one before.
Exit codes: 0 quit or ended by a signal, 1 failure, 2 wrong usage or configuration.`,
		Example: `  zol0 top
  zol0 top --interval 10s --sort private
  zol0 top --filter 'dashboard|api'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runTop(c.Context(), &f) },
	}
	c.Flags().DurationVar(&f.interval, "interval", top.DefaultInterval, "read the machine this often")
	c.Flags().StringVar(&f.sort, "sort", top.ByGrowth.String(), "order by `KEY`: "+strings.Join(top.KeyWords(), ", "))
	c.Flags().StringVar(&f.filter, "filter", "", "show only services whose name or kind fits this regular `EXPRESSION`, in any case")
	c.Flags().BoolVar(&f.all, "all", false, "show every service, watched or not, kernel threads too")
	err := c.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(top.KeyWords(), cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return c
}

func (a *app) runTop(ctx context.Context, f *topFlags) error {
	by, err := top.ParseKey(f.sort)
	if err != nil {
		return usageError("use one of: "+strings.Join(top.KeyWords(), ", "), "cannot sort by %q", f.sort)
	}
	pattern, err := regexp.Compile("(?i)" + f.filter)
	if err != nil {
		return usageError("see https://pkg.go.dev/regexp/syntax; a literal dot is \\.", "bad regular expression %q in --filter: %w", f.filter, err)
	}
	if f.interval < minInterval {
		return usageError("for example: zol0 top --interval 2s", "an interval of %s is too short: %s at least", f.interval, minInterval)
	}
	in, isFile := a.In.(*os.File)
	if !isFile || !isTerminal(in) || !isTerminal(a.Out) {
		return usageError("use zol0 quick for one table, or zol0 monitor for a report", "top needs a terminal")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(garbagePercent))
	ctx, stop := signal.NotifyContext(ctx, heeded()...)
	defer stop()
	held := &heldLog{to: a.Err}
	a.Err = held
	defer func() { a.Err = held.release() }()
	m, err := a.open(scansOften)
	if err != nil {
		return err
	}
	defer m.reader.Close() //nolint:errcheck // nothing was written
	held.hold()
	err = top.Run(ctx, top.Options{
		Machine: m.sampler, Source: m.reader.Source, Now: a.Now, Interval: f.interval, Sort: by, Filter: pattern, All: f.all,
		In: in, Out: a.Out.(*os.File), Env: a.Env,
	})
	if err != nil {
		return failure("", err)
	}
	return nil
}

// heldLog keeps what is logged while the view has the screen: a line in the middle of it
// would be overwritten, and the screen with it.
type heldLog struct {
	mu      sync.Mutex
	to      io.Writer
	holding bool
	kept    bytes.Buffer
	dropped int
}

// maxHeld is far more than the few lines that a reader logs.
const maxHeld = 64 << 10

// Write passes p on, or keeps it.
func (h *heldLog) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.holding {
		return h.to.Write(p)
	}
	if h.kept.Len()+len(p) > maxHeld {
		h.dropped++
		return len(p), nil
	}
	return h.kept.Write(p)
}

func (h *heldLog) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holding = true
}

// release writes out what was kept and returns the writer below.
func (h *heldLog) release() io.Writer {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holding = false
	h.to.Write(h.kept.Bytes()) //nolint:errcheck // the error stream is where an error would be told
	h.kept.Reset()
	if h.dropped > 0 {
		io.WriteString(h.to, "zol0: more was logged than could be kept while the view was shown\n") //nolint:errcheck // see above
	}
	return h.to
}
