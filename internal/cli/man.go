package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) man() *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIRECTORY]",
		Short: "Print the manual page, or write one per command into a directory",
		Example: `  zol0 man | man -l -
  sudo zol0 man /usr/local/share/man/man1`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			header := &doc.GenManHeader{Title: "ZOL0", Section: "1", Source: "zol0 " + Version, Manual: "User Commands"}
			if len(args) == 0 {
				return writeError("standard output", doc.GenMan(c.Root(), header, a.Out))
			}
			if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
				return usageError("create it first: mkdir -p "+args[0], "%s is no directory", args[0])
			}
			if err := doc.GenManTree(c.Root(), header, args[0]); err != nil {
				return failure("name a directory you may write to", fmt.Errorf("cannot write manual pages: %w", err))
			}
			return nil
		},
	}
}
