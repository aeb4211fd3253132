package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zol0/zol0/internal/units"
)

// limits are what the memory of each file will hit first, in bytes.
type limits struct {
	all      float64            // of every file; 0 is none
	manifest string             // where byID comes from
	byID     map[string]float64 // as manifest.limits; nil: no manifest
}

// limitsOf reads --limit and --manifest, of which one at most is given.
func limitsOf(limit, manifest string) (*limits, error) {
	if manifest != "" {
		m, err := readManifest(manifest)
		if err != nil {
			return nil, err
		}
		return &limits{manifest: manifest, byID: m.limits}, nil
	}
	if limit == "" {
		return &limits{}, nil
	}
	size, err := units.ParseBytes(limit)
	if err == nil && size == 0 {
		err = errors.New("no memory has room for nothing")
	}
	if err != nil {
		return nil, usageError("for example: --limit 512MB", "--limit: %w", err)
	}
	return &limits{all: float64(size)}, nil
}

// of is the limit of a file.
func (l *limits) of(path string) float64 {
	switch {
	case l.byID == nil:
		return l.all
	case path == stdin: // it has no name to look for
		return 0
	}
	return l.byID[idOf(path)]
}

// lacks says which files the manifest does not list, nil where it lists them all.
func (l *limits) lacks(files []string) error {
	if l.byID == nil {
		return nil
	}
	var missing names
	for _, path := range files {
		if _, listed := l.byID[idOf(path)]; path == stdin || !listed {
			missing.add(shownPath(path))
		}
	}
	if missing.count == 0 {
		return nil
	}
	return failure("an id in a manifest is the file's name without .csv or .csv.gz; judge what is not listed on its own, with --limit", fmt.Errorf("judged without a limit, as %s does not list: %s", shownPath(l.manifest), missing.String()))
}

// idOf is the id of a trace by its file's name.
func idOf(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".csv")
}

// Bounds of a manifest: those of internal/backtest, which reads the rest of it.
const (
	maxManifestBytes = 16 << 20
	maxLimitKB       = 1e13
)

// manifest is what is taken from a manifest of labelled traces: nothing that is known
// about the traces but what an operator would know.
type manifest struct {
	set    string
	limits map[string]float64 // bytes by id: the name of a trace's file without its ending; 0 is none
}

func readManifest(path string) (*manifest, error) {
	const hint = "name the manifest.json of a folder of traces, like leakbench/dev/manifest.json"
	wrong := func(err error) error {
		return failure(hint, fmt.Errorf("cannot use the manifest %s: %w", shownPath(path), cause(err)))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong(err)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	text, err := io.ReadAll(io.LimitReader(file, maxManifestBytes+1))
	if err != nil {
		return nil, wrong(err)
	}
	if len(text) > maxManifestBytes {
		return nil, wrong(fmt.Errorf("it is larger than %d bytes", maxManifestBytes))
	}
	var written struct {
		Set    string `json:"set"`
		Traces []struct {
			ID      string   `json:"id"`
			LimitKB *float64 `json:"limit_kb"`
		} `json:"traces"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		return nil, wrong(err)
	}
	m := &manifest{set: written.Set, limits: make(map[string]float64, len(written.Traces))}
	for _, t := range written.Traces {
		if _, twice := m.limits[t.ID]; twice {
			return nil, wrong(fmt.Errorf("trace %q is there twice", t.ID))
		}
		m.limits[t.ID] = 0
		if t.LimitKB == nil || *t.LimitKB == 0 {
			continue
		}
		if !(*t.LimitKB > 0 && *t.LimitKB <= maxLimitKB) {
			return nil, wrong(fmt.Errorf("trace %q: limit_kb is %g, not between 0 and %g", t.ID, *t.LimitKB, maxLimitKB))
		}
		m.limits[t.ID] = *t.LimitKB * 1024
	}
	if len(m.limits) == 0 {
		return nil, wrong(errors.New("it lists no traces"))
	}
	return m, nil
}
