package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/units"
)

func (a *app) config() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Write, check and show the configuration",
		Long: `zol0 works without any configuration. A file names services, says which are
watched, changes thresholds, and says how the daemon runs and how much it keeps. Environment
variables go over the file, flags over both:

` + variablesText(),
		Example: `  zol0 config init --profile zol0
  zol0 config check
  zol0 config show`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.configInit(), a.configCheck(), a.configShow())
	return c
}

func variablesText() string {
	var out strings.Builder
	for _, v := range config.Variables() {
		fmt.Fprintf(&out, "  %-30s %s\n", v[0], v[1])
	}
	return out.String()
}

func (a *app) configInit() *cobra.Command {
	var profile string
	var stdout bool
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file",
		Long: `init writes a configuration file with a comment for every key, by default where zol0
looks for it first. It overwrites nothing. Profiles: default changes nothing; zol0 names
the services of the ZoL0 trading system.`,
		Example: `  zol0 config init
  zol0 config init --profile zol0 /etc/zol0/zol0.yaml
  zol0 config init --stdout | less`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := config.Template(profile)
			if err != nil {
				return usageError("use --profile default or --profile zol0", "%w", err)
			}
			if stdout {
				return a.print("%s", text)
			}
			places := config.SearchPaths(a.Env)
			switch {
			case len(args) > 0:
				places = args
			case len(places) == 0:
				return usageError("for example: zol0 config init zol0.yaml", "this system has no place for configurations: name a file")
			}
			path := places[0]
			if err := create(path, text); err != nil {
				return err
			}
			return a.print("Wrote %s. Edit it, then test it with: zol0 config check%s\n", path, a.flagFor(path))
		},
	}
	c.Flags().StringVar(&profile, "profile", config.DefaultProfile, "which `PROFILE`: "+strings.Join(config.Profiles(), ", "))
	c.Flags().BoolVar(&stdout, "stdout", false, "print it instead")
	return c
}

// flagFor is the --config a person must add when zol0 would not find the file by itself.
func (a *app) flagFor(path string) string {
	if slices.Index(config.SearchPaths(a.Env), path) == 0 {
		return ""
	}
	return " --config " + path
}

// create writes a new file with its directory and overwrites nothing.
func create(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return failure("choose another place: zol0 config init FILE", fmt.Errorf("cannot create %s: %w", filepath.Dir(path), cause(err)))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		hint := "choose another place: zol0 config init FILE"
		if errors.Is(err, os.ErrExist) {
			hint = "zol0 overwrites nothing: move the file away, choose another name, or print with --stdout"
		}
		return failure(hint, fmt.Errorf("cannot create %s: %w", path, cause(err)))
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return writeError(path, err)
}

func (a *app) configCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Read the configuration and say whether it is right",
		Long: `check reads the configuration as every command would and names the first mistake with
file, line and next step. What differs from the defaults is listed with where it comes
from. Exit codes: 0 right, 2 wrong.`,
		Example: `  zol0 config check
  zol0 config check --config ./zol0.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			said := "No configuration file: the defaults hold. Write one with: zol0 config init\n"
			if c.Path != "" {
				said = fmt.Sprintf("%s is right: %s\n", c.Path, units.Count(len(c.Rules), "way to recognise a service", "ways to recognise services"))
				if n := len(c.Sources) + len(c.Logs); n > 0 {
					said = strings.TrimSuffix(said, "\n") + fmt.Sprintf(", %s, %s\n", units.Count(len(c.Sources), "source", "sources"), units.Count(len(c.Logs), "log", "logs"))
				}
			}
			changed := slices.DeleteFunc(settings(c), func(s config.Setting) bool { return !s.Changed })
			return a.print("%s%s", said, settingsText(changed))
		},
	}
}

func (a *app) configShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Show what holds: defaults, file, environment and flags together",
		Long: `show prints every key with its value and where the value comes from: default, file and
line, environment variable, or flag.`,
		Example: `  zol0 config show
  zol0 config show --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if asJSON {
				return a.json(c.Wire())
			}
			return a.print("%s", configText(c, settings(c)))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// settings are the keys with their values and origins; procfs has its default from load.
func settings(c *config.Config) []config.Setting {
	all := c.Settings()
	for i := range all {
		if all[i].Key == "proc_root" {
			all[i].Changed = c.ProcRoot != probe.DefaultRoot
		}
	}
	if e := &c.Store.Engine; e.Write == "" && e.Read == "" {
		// Ten lines about what is not used would hide what is.
		all = slices.DeleteFunc(all, func(s config.Setting) bool { return strings.HasPrefix(s.Key, "store.engine.") })
	}
	return all
}

func configText(c *config.Config, settings []config.Setting) string {
	var out strings.Builder
	from := c.Path
	if from == "" {
		from = "none: the defaults hold"
	}
	fmt.Fprintf(&out, "%-*s  %s\n%s", keyWidth, "file", from, settingsText(settings))
	if len(c.Rules) == 0 {
		fmt.Fprintf(&out, "%-*s  every service is watched: no rule names one\n", keyWidth, "services")
		return out.String()
	}
	fmt.Fprintf(&out, "%-*s  watched are those that a rule names; the first that fits decides\n", keyWidth, "services")
	for i := range c.Rules {
		fmt.Fprintf(&out, "  %-28s %s (%s)\n", c.Rules[i].Name, config.MatchText(&c.Rules[i].Match), c.Rules[i].Source)
	}
	return out.String()
}

// keyWidth is the length of thresholds.watched_total, the longest key.
const keyWidth = 24

// settingsText is a line for each setting: key, value, origin.
func settingsText(settings []config.Setting) string {
	width := 0
	for i := range settings {
		if settings[i].Value == "" {
			settings[i].Value = units.Unknown
		}
		width = max(width, utf8.RuneCountInString(settings[i].Value))
	}
	var out strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&out, "%-*s  %-*s  %s\n", keyWidth, s.Key, width, s.Value, s.Origin)
	}
	return out.String()
}
