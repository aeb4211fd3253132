package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/wire"
)

// Version is the release; the linker sets it (make build).
var Version = "0.1.0-dev"

func (a *app) version() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Show the version of zol0",
		Example: `  zol0 version
  zol0 version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := wire.Version{Version: Version, Go: runtime.Version(), OS: runtime.GOOS, Architecture: runtime.GOARCH, Revision: revision()}
			if asJSON {
				return a.json(v)
			}
			text := "zol0 " + v.Version
			if v.Revision != "" {
				text += " (" + v.Revision + ")"
			}
			return a.print("%s %s %s/%s\n", text, v.Go, v.OS, v.Architecture)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// revision is the commit the binary was built from, where the build recorded it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return ""
}
