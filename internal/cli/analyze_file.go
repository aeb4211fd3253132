package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/trace"
)

// stdin is what a person calls standard input.
const stdin = "-"

// file judges every series of a file that fits the filters. What cannot be read is
// remembered: the other files, and what stands before a broken row, are judged all the
// same. The error is one of writing.
func (n *analysis) file(path string) error {
	all, err := n.read(path)
	if err != nil {
		n.failed = append(n.failed, fileError{shownPath(path), err})
	}
	var changes []seriesChange
	for i := range all {
		s := &all[i]
		if !n.fits(s) {
			n.passed.add(nameOf(ownName(path, s.Name), s.Metric))
			continue
		}
		var each func(detect.Change)
		if n.events {
			each = func(c detect.Change) { changes = append(changes, seriesChange{s, c}) }
		}
		n.judged = append(n.judged, n.judge(path, *s, each))
		if err := n.keepPoints(); err != nil {
			return err
		}
	}
	if !n.events {
		return nil
	}
	slices.SortStableFunc(changes, func(a, b seriesChange) int { return cmp.Compare(a.T, b.T) })
	out := json.NewEncoder(n.Out)
	out.SetEscapeHTML(false)
	for _, c := range changes {
		if err := out.Encode(c.wire(path)); err != nil {
			return writeError("standard output", err)
		}
	}
	return nil
}

// seriesChange is a change of state of one of a file's series.
type seriesChange struct {
	series *trace.Series
	detect.Change
}

// read reads a file. A series without a name of its own gets the file's without folders;
// errors name it in full.
func (n *analysis) read(path string) ([]trace.Series, error) {
	o := n.columns
	o.Name = filepath.Base(path)
	var all []trace.Series
	var err error
	if path == stdin {
		o.Name = ""
		all, err = trace.Read(n.In, o)
	} else {
		if info, wrong := os.Stat(path); wrong == nil && info.IsDir() {
			err = failure("name the files in it, or score a folder of labelled traces with zol0 backtest", fmt.Errorf("%s is a directory", shownPath(path)))
			return nil, err
		}
		all, err = trace.Open(path, o)
	}
	var broken *trace.Error
	if errors.As(err, &broken) && path != stdin {
		broken.File = shownPath(path)
	}
	return all, err
}

// shownPath is a path as a terminal may show it: control characters, marks that reorder
// text and broken UTF-8 become "?".
func shownPath(path string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, path)
}

// ownName is the name of a series without that of the file, which trace puts in where the
// file tells none: empty, or "PID 812" of one among several.
func ownName(path, name string) string {
	of := shownPath(filepath.Base(path))
	if path == stdin {
		of = "standard input"
	}
	if own, found := strings.CutPrefix(name, of); found {
		return strings.TrimSpace(own)
	}
	return name
}

// nameOf names a series among those of one file.
func nameOf(own, metric string) string { return strings.TrimSpace(own + " " + metric) }

// label names a series, with its file where there are several.
func (j *judged) label(withFile bool) string {
	name := nameOf(j.own, j.series.Metric)
	if withFile {
		return j.file + " " + name
	}
	return name
}
