package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/service"
)

func (a *app) services() *cobra.Command {
	var f servicesFlags
	c := &cobra.Command{
		Use:   "services",
		Short: "Show the services of the running daemon, the worst first",
		Long: `services asks the running daemon for what it thinks of every service and shows them in
one table, the worst verdict first: private memory, the rate of its growth with the 95 %
interval, and the time until it reaches the limit that binds first. "–" is what is not
known, or not foreseen.

A service is what a person calls it: a name that survives restarts. Every process
belongs to one; which rule gave it its name says: zol0 services explain PID.

Exit codes: 0 it answered, 1 nobody did, 2 wrong usage or configuration.`,
		Example: `  zol0 services
  zol0 services --state leaking,suspect
  zol0 services --filter bot --sort private
  zol0 services --json | jq -r '.services[] | select(.state == "leaking").name'
  zol0 services explain 812`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runServices(c.Context(), &f) },
	}
	a.askFlags(c, &f.url)
	f.flags(c)
	c.AddCommand(a.explain())
	return c
}

func (a *app) explain() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain PID [PID …]",
		Short: "Say which rule decided about a process, and why",
		Long: `explain goes through the steps that give a process its service, in their order: the
rules of the configuration, the systemd unit, the container, the script behind an
interpreter, the listening port, the program's name, the parent. It says what each
step saw and which one decided. Secrets in command lines are replaced by ***.`,
		Example: `  zol0 services explain 812
  zol0 services explain 812 --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.runExplain(args, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON, a list with one entry per PID")
	return c
}

func (a *app) runExplain(args []string, asJSON bool) error {
	var pids []int32
	for _, arg := range args {
		pid, err := strconv.ParseInt(arg, 10, 32)
		if err != nil || pid < 1 {
			return usageError("find PIDs with: zol0 quick --all", "%q is no PID", arg)
		}
		pids = append(pids, int32(pid))
	}
	m, err := a.open(scansOnce)
	if err != nil {
		return err
	}
	defer m.reader.Close() //nolint:errcheck // nothing was written
	if _, err := m.sampler.Take(a.Now()); err != nil {
		return failure(procfsHint, err)
	}
	var all []service.Explanation
	for _, pid := range pids {
		e, err := m.resolver.Explain(pid, m.reader)
		if err != nil {
			return failure("find PIDs with: zol0 quick --all", err)
		}
		all = append(all, e)
	}
	if asJSON {
		return a.json(all)
	}
	for i := range all {
		if i > 0 {
			if err := a.print("\n"); err != nil {
				return err
			}
		}
		if err := a.print("%s", explanationText(a.ink(), &all[i])); err != nil {
			return err
		}
	}
	return nil
}

func explanationText(pen ink, e *service.Explanation) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n", pen.paint(strong, e.Why))
	line := func(key, format string, args ...any) {
		fmt.Fprintf(&out, "%-9s %s\n", key, fmt.Sprintf(format, args...))
	}
	line("process", "%d (%s)", e.PID, e.Name)
	if e.Command != "" {
		line("command", "%s", e.Command)
	}
	for _, p := range e.Parents {
		line("below", "%d (%s), service %s", p.PID, p.Name, p.Service)
	}
	watched := "not watched: no rule names it"
	if e.Watched {
		watched = "watched"
	}
	if e.Kind != "" {
		watched = "kind " + e.Kind + ", " + watched
	}
	line("service", "%s (%s)", e.Service, watched)
	out.WriteString("\n")
	for _, n := range e.Steps {
		mark := "  "
		if n.Step == e.DecidedBy {
			mark = "→ "
		}
		fmt.Fprintf(&out, "%s%-10s %s: %s\n", mark, n.Step, n.Saw, n.Outcome)
	}
	for _, w := range e.Withheld {
		fmt.Fprintf(&out, "withheld   %s\n", w)
	}
	return out.String()
}
