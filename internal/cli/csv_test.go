package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
)

// disk is a file on a disk with so much space left.
type disk struct {
	bytes.Buffer
	space int
}

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.space)
	d.space -= n
	d.Buffer.Write(b[:n])
	if n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (d *disk) Close() error { return nil }

// onDisk returns a record whose file is d, and a way to add n rows.
func onDisk(t *testing.T, d *disk) (*record, func(n int) error) {
	t.Helper()
	r := &record{path: "out.csv", file: d}
	r.rows = csv.NewWriter(&r.pending)
	if err := r.rows.Write(csvHead(nil)); err != nil {
		t.Fatal(err)
	}
	next := int32(1)
	return r, func(n int) error {
		v := sampler.Service{Name: "bot"}
		for range n {
			x := &memory.Sample{ID: process.ID{PID: next, Start: 1}, Name: "bot"}
			x.Set(memory.Private, 50e6)
			v.Instances = append(v.Instances, sampler.Instance{Sample: x, Identity: &service.Identity{}})
			next++
		}
		return r.add(&sampler.Snapshot{Time: time.Unix(1e9, 0)}, []sampler.Service{v})
	}
}

// A full disk that becomes free again loses no row and tears none.
func TestFullDisk(t *testing.T) {
	d := &disk{space: 1000}
	r, add := onDisk(t, d)
	failed := 0
	for range 20 {
		if err := add(5); errors.Is(err, syscall.ENOSPC) {
			failed++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if failed == 0 {
		t.Fatal("the disk was never full")
	}
	d.space = 1 << 20
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&d.Buffer).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		if row[4] != fmt.Sprint(i+1) {
			t.Fatalf("row %d is of PID %s", i+1, row[4])
		}
	}
	if len(rows) != 101 {
		t.Errorf("%d rows, want 100 and the head", len(rows))
	}
}

// A disk that stays full costs bounded memory, and what is missing is counted.
func TestDiskThatStaysFull(t *testing.T) {
	r, add := onDisk(t, &disk{space: 500})
	for range 100 {
		if err := add(1000); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("error %v", err)
		}
	}
	if r.pending.Len() > maxPending+1000 || r.Dropped == 0 {
		t.Errorf("%d bytes are kept back, %d rows dropped", r.pending.Len(), r.Dropped)
	}
	lost := bytes.Count(r.pending.Bytes(), []byte("\n")) + r.Dropped
	err := r.close()
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("the last %d rows are missing", lost)) || !strings.Contains(err.Error(), "out.csv") {
		t.Errorf("closing says %v; %d rows are lost", err, lost)
	}
}

func TestFormulasAreInert(t *testing.T) {
	for in, want := range map[string]string{"bot": "bot", "": "", "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "@x": "'@x", "-1": "'-1", "+1": "'+1", "a=b": "a=b"} {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRecordOverwritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	r, err := openRecord(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openRecord(path, nil); err == nil || !strings.Contains(hintOf(err), "overwrites nothing") {
		t.Errorf("a second record in the same file: %v", err)
	}
}
