package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
)

// csvHead names the columns: one row is one process instance at one instant. A cell of a
// figure that nobody measured is empty. docs/formats.md describes them.
func csvHead(shared *shares) []string {
	head := []string{"time", "service", "kind", "watched", "pid", "start_time", "name", "status", "cpu_percent", "uptime_seconds"}
	for m := range memory.Count {
		head = append(head, m.String())
	}
	if shared != nil {
		head = append(head, "pss_bytes", "uss_bytes")
	}
	return head
}

func csvRow(s *sampler.Snapshot, v *sampler.Service, x *sampler.Instance, shared *shares) []string {
	row := []string{
		s.Time.UTC().Format("2006-01-02T15:04:05.000Z"), inert(v.Name), inert(v.Kind), strconv.FormatBool(v.Watched),
		strconv.Itoa(int(x.Sample.ID.PID)), s.Started(x).Format(time.RFC3339), inert(x.Sample.Name), x.Status.String(),
		decimal(x.CPU, 2), decimal(x.Sample.Age.Seconds(), 2),
	}
	for m := range memory.Count {
		row = append(row, csvFigure(x.Sample, m))
	}
	if shared != nil {
		row = append(row, shared.csv(x.ID())...)
	}
	return row
}

func csvFigure(x *memory.Sample, m memory.Metric) string {
	v, ok := x.Get(m)
	switch {
	case !ok:
		return ""
	case memory.Metrics[m].Unit == memory.Nanoseconds:
		return decimal(float64(v)/1e9, 2)
	}
	return strconv.FormatUint(v, 10)
}

// decimal is v with at most n decimals; empty for an unknown one.
func decimal(v float64, n int) string {
	if v != v { // NaN
		return ""
	}
	return strconv.FormatFloat(v, 'f', n, 64)
}

// inert keeps a spreadsheet from running a name as a formula: names come from processes,
// and anybody may name a process "=cmd|…". A leading apostrophe means text to all of them.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (a *app) quickCSV(s *sampler.Snapshot, chosen []sampler.Service, shared *shares) error {
	w := csv.NewWriter(a.Out)
	rows := [][]string{csvHead(shared)}
	for k := range chosen {
		for i := range chosen[k].Instances {
			rows = append(rows, csvRow(s, &chosen[k], &chosen[k].Instances[i], shared))
		}
	}
	return writeError("standard output", w.WriteAll(rows))
}

// record is the CSV file of a monitoring: rows reach the file at every interval, so that
// even a killed monitor leaves what it saw. On a full disk it keeps rows back, tries
// again at the next interval, and counts those it has to drop.
type record struct {
	path    string
	file    io.WriteCloser
	rows    *csv.Writer
	pending bytes.Buffer // whole rows that are not in the file yet, at most maxPending
	shared  *shares      // nil: PSS was not asked for
	Dropped int
	failed  error
}

// maxPending bounds what is kept back while the disk is full: about 25,000 rows.
const maxPending = 4 << 20

// openRecord creates the file before the monitoring starts. It overwrites nothing.
func openRecord(path string, shared *shares) (*record, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		hint := "choose another place with --out"
		if errors.Is(err, os.ErrExist) {
			hint = "zol0 overwrites nothing: remove the file or choose another name with --out"
		}
		return nil, failure(hint, fmt.Errorf("cannot create %s: %w", path, cause(err)))
	}
	r := &record{path: path, file: f, shared: shared}
	r.rows = csv.NewWriter(&r.pending)
	if err := r.rows.Write(csvHead(shared)); err != nil {
		return nil, err
	}
	return r, r.flush()
}

// add takes in the rows of one snapshot.
func (r *record) add(s *sampler.Snapshot, chosen []sampler.Service) error {
	for k := range chosen {
		for i := range chosen[k].Instances {
			x := &chosen[k].Instances[i]
			if r.pending.Len() > maxPending {
				r.Dropped++
				continue
			}
			if err := r.rows.Write(csvRow(s, &chosen[k], x, r.shared)); err != nil {
				return err
			}
			r.rows.Flush()
		}
	}
	return r.flush()
}

// flush writes what is pending. What could not be written stays, so that the next flush
// goes on at the very byte where this one ended.
func (r *record) flush() error {
	r.rows.Flush()
	n, err := r.file.Write(r.pending.Bytes())
	r.pending.Next(n)
	if err != nil {
		r.failed = fmt.Errorf("cannot write %s: %w", r.path, cause(err))
		return r.failed
	}
	r.failed = nil
	return nil
}

// close ends the file. Its error says what is missing in it.
func (r *record) close() error {
	if err := r.flush(); err != nil {
		lost := bytes.Count(r.pending.Bytes(), []byte("\n")) + r.Dropped
		return errors.Join(failure("free space and copy the summary above by hand", fmt.Errorf("%w; the last %d rows are missing in it", err, lost)), r.file.Close())
	}
	if err := r.file.Close(); err != nil {
		return fmt.Errorf("cannot write %s: %w", r.path, cause(err))
	}
	if r.Dropped > 0 {
		return failure("", fmt.Errorf("%d rows are missing in %s: the disk was full for too long", r.Dropped, r.path))
	}
	return nil
}

// cause is a file system error without the path, which the message names already.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
