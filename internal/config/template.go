package config

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed templates/*.yaml
var templates embed.FS

// DefaultProfile is the configuration that changes nothing.
const DefaultProfile = "default"

// Profiles names the configurations that zol0 ships.
func Profiles() []string {
	entries, err := templates.ReadDir("templates")
	if err != nil {
		panic("BUG: the embedded templates are missing: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Template is the commented configuration file of a profile.
func Template(profile string) ([]byte, error) {
	if !slices.Contains(Profiles(), profile) {
		return nil, fmt.Errorf("there is no profile %q; there are: %s", profile, strings.Join(Profiles(), ", "))
	}
	return templates.ReadFile("templates/" + profile + ".yaml")
}
