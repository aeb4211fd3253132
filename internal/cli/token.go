package cli

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

func (a *app) token() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens that the daemon asks for",
		Long: `A token is a secret with a name and a role, viewer or operator. Viewers may read, refresh
and clear caches; operators may change things too. The file of tokens, daemon.tokens of the
configuration, holds only what a token is recognised by, not the token itself.

A running daemon reads the file again when it gets SIGHUP (systemctl reload zol0).`,
		Example: `  zol0 token new grafana --role viewer
  zol0 token list
  zol0 token revoke grafana`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&file, "file", "", "`FILE` of tokens (default: daemon.tokens of the configuration)")
	c.AddCommand(a.tokenNew(&file), a.tokenList(&file), a.tokenRevoke(&file))
	return c
}

// tokenPath is the file that a command is about.
func (a *app) tokenPath(file string) (string, error) {
	if file != "" {
		path, err := filepath.Abs(file)
		if err != nil {
			return "", usageError("name a file in a directory that exists", "cannot use --file: %w", err)
		}
		return path, nil
	}
	c, err := a.load()
	if err != nil {
		return "", err
	}
	if c.Daemon.Tokens == "" {
		return "", usageError("name a file with --file, such as /etc/zol0/tokens, and set daemon.tokens to it", "the configuration names no file of tokens")
	}
	return c.Daemon.Tokens, nil
}

func (a *app) tokenNew(file *string) *cobra.Command {
	var role string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a token, print it once and keep what it is recognised by",
		Long: `new makes a token of 256 random bits and writes it to standard output, once. What the
file gets is its name, its role and its SHA-256.

Exit codes: 0 made, 1 the file cannot be written, 2 wrong usage, or a file that others can
reach or that has a mistake.`,
		Example: `  zol0 token new grafana --role viewer
  zol0 token new anna --role operator --file /etc/zol0/tokens`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := access.CheckName(args[0]); err != nil {
				return usageError("name who is to use it, such as grafana or anna", "%w", err)
			}
			r, err := access.ParseRole(role)
			if err != nil {
				return usageError("use --role viewer or --role operator", "%w", err)
			}
			path, err := a.tokenPath(*file)
			if err != nil {
				return err
			}
			secret, err := access.Add(path, args[0], r)
			if err != nil {
				return tokenError(err)
			}
			fmt.Fprintf(a.Err, "zol0: %q is %s in %s; this is the only time that its token is shown. A running daemon takes it after a reload (SIGHUP).\n", args[0], r, path) //nolint:errcheck // nowhere to say it
			return a.print("%s\n", secret)
		},
	}
	c.Flags().StringVar(&role, "role", access.Viewer.String(), "`ROLE`: viewer or operator")
	if err := c.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"viewer", "operator"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("BUG: " + err.Error())
	}
	return c
}

// shownDigits of a digest tell tokens apart, and are of no use to anybody.
const shownDigits = 12

func (a *app) tokenList(file *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List names and roles of the tokens",
		Long: `list shows the name and the role of every token, and the beginning of its SHA-256, by which
two are told apart. Tokens themselves are kept nowhere.`,
		Example: `  zol0 token list
  zol0 token list --file /etc/zol0/tokens --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, err := a.tokenPath(*file)
			if err != nil {
				return err
			}
			b, err := access.Open(path)
			if err != nil {
				return tokenError(err)
			}
			rows := make([]wire.TokenRow, 0, len(b.Tokens()))
			t := &table{width: widthOf(a.Out), columns: []column{{head: "NAME"}, {head: "ROLE"}, {head: "SHA-256"}}}
			for _, x := range b.Tokens() {
				digits := hex.EncodeToString(x.Digest[:])[:shownDigits]
				rows = append(rows, wire.TokenRow{Name: x.Name, Role: x.Role.String(), Digest: digits})
				t.add(x.Name, x.Role.String(), digits+"…")
			}
			if asJSON {
				return a.json(wire.TokenList{Path: path, Tokens: rows})
			}
			if len(rows) > 0 {
				if err := writeError("standard output", t.write(a.Out, func(_, _ int, cell string) string { return cell })); err != nil {
					return err
				}
			}
			return a.print("\n%s in %s\n", units.Count(len(rows), "token", "tokens"), shownPath(path))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func (a *app) tokenRevoke(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke NAME",
		Short: "Take a token out of the file",
		Long: `revoke takes a token out of the file. A running daemon takes it until it reads the file
again (SIGHUP, systemctl reload zol0); browsers that logged in with it are logged out then.`,
		Example: `  zol0 token revoke grafana && systemctl reload zol0`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := a.tokenPath(*file)
			if err != nil {
				return err
			}
			var e *access.Error
			if err := access.Revoke(path, args[0]); errors.As(err, &e) {
				return failure(e.Hint, err)
			} else if err != nil {
				return err
			}
			return a.print("%s is revoked in %s; a running daemon takes it until its next reload (SIGHUP)\n", args[0], shownPath(path))
		},
	}
}
