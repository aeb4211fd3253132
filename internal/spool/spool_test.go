package spool

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

func open(t testing.TB, dir string, size int64) *Spool {
	t.Helper()
	s, err := Open(Options{Dir: dir, MaxBytes: size})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// next takes the oldest record.
func next(t testing.TB, s *Spool) (string, bool) {
	t.Helper()
	record, ok, err := s.Next(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return "", false
	}
	if err := s.Done(); err != nil {
		t.Fatal(err)
	}
	return string(record), true
}

// TestAnyCourse puts, takes and reopens in any order, beside a queue in memory.
func TestAnyCourse(t *testing.T) {
	dir := t.TempDir()
	turn := 0
	rapid.Check(t, func(r *rapid.T) {
		turn++
		at := filepath.Join(dir, fmt.Sprint(turn))
		s := open(t, at, 1<<20)
		defer func() { _ = s.Close() }() // its directory goes as well
		var want []string
		count := 0
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0, 1:
				count++
				record := fmt.Sprintf("%d ", count) + string(bytes.Repeat([]byte{byte(count)}, rapid.IntRange(0, 20_000).Draw(r, "size")))
				if err := s.Put([]byte(record)); err != nil {
					r.Fatal(err)
				}
				want = append(want, record)
			case 2, 3:
				got, ok := next(t, s)
				if ok != (len(want) > 0) || ok && got != want[0] {
					r.Fatalf("took %.20q, %t; %d wait", got, ok, len(want))
				}
				if ok {
					want = want[1:]
				}
			case 4:
				if err := s.Close(); err != nil {
					r.Fatal(err)
				}
				s = open(t, at, 1<<20)
			}
			// 60 records of 20 KB fill more than the bound: then the oldest go.
			if c := s.Counts(); c.Dropped > 0 {
				want = want[len(want)-int(c.Records):]
				s.counts.Dropped = 0
			} else if c.Records != int64(len(want)) || c.Damaged != 0 {
				r.Fatalf("%+v, want %d records", c, len(want))
			}
		}
	})
}

func TestTheOldestGoesWhereThereIsNoRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 256<<10)
	record := make([]byte, 1000)
	for i := range 1000 {
		copy(record, fmt.Sprintf("%04d", i))
		if err := s.Put(record); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	c := s.Counts()
	if size > 256<<10+cursorBytes || c.Dropped < 700 || c.Dropped+c.Records != 1000 {
		t.Errorf("%d bytes on disk, %+v", size, c)
	}
	first, _ := next(t, s)
	if first[:4] != fmt.Sprintf("%04d", c.Dropped) {
		t.Errorf("the oldest is %s, after %d were dropped", first[:4], c.Dropped)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAnEmptiedSpoolTakesNoRoom: what was taken is deleted while the spool goes on.
func TestAnEmptiedSpoolTakesNoRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<30)
	record := make([]byte, 10_000)
	for range 2000 {
		if err := s.Put(record); err != nil {
			t.Fatal(err)
		}
		if _, ok := next(t, s); !ok {
			t.Fatal("a record is gone")
		}
	}
	if n := s.sum(); n > minSegment {
		t.Errorf("%d bytes on disk of nothing", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsDamaged is left out and counted; what is behind it is there.
func TestWhatIsDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 2<<20)
	for i := range 200 {
		if err := s.Put(bytes.Repeat([]byte{byte(i)}, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	first := s.path(s.all[0].number)
	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	text[20_500] ^= 1
	if err := os.WriteFile(first, text, 0o600); err != nil {
		t.Fatal(err)
	}
	last := s.path(s.all[len(s.all)-1].number)
	if err := os.Truncate(last, s.all[len(s.all)-1].bytes-5); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, 2<<20)
	taken := 0
	for {
		record, ok := next(t, s)
		if !ok {
			break
		}
		if len(record) != 1000 {
			t.Fatalf("a record of %d bytes", len(record))
		}
		taken++
	}
	c := s.Counts()
	if taken == 0 || int64(taken)+c.Damaged != 200 || c.Records != 0 || c.Bytes != 0 {
		t.Errorf("%d taken, %+v", taken, c)
	}
	if err := errors.Join(s.Put([]byte("x")), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestKill puts in a process that is killed: every record that it said was put is there.
func TestKill(t *testing.T) {
	if dir := os.Getenv("ZOL0_SPOOL_CHILD"); dir != "" {
		s := open(t, dir, 1<<30)
		for i := 0; ; i++ {
			if err := s.Put([]byte(fmt.Sprintf("%d %s", i, bytes.Repeat([]byte("x"), i%3000)))); err != nil {
				t.Fatal(err)
			}
			fmt.Println(i)
		}
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), "ZOL0_SPOOL_CHILD="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := -1
	for said < 2000 {
		if _, err := fmt.Fscanln(out, &said); err != nil {
			t.Fatal(err)
		}
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := fmt.Fscanln(out, &said); err != nil {
			break
		}
	}
	_ = child.Wait() // it was killed
	s := open(t, dir, 1<<30)
	for i := 0; i <= said; i++ {
		record, ok := next(t, s)
		if want := fmt.Sprintf("%d %s", i, bytes.Repeat([]byte("x"), i%3000)); !ok || record != want {
			t.Fatalf("record %d of %d is %.20q", i, said, record)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSpoolsThatCannotBe(t *testing.T) {
	if _, err := Open(Options{Dir: t.TempDir(), MaxBytes: 10}); err == nil {
		t.Error("a spool of ten bytes")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: file, MaxBytes: 1 << 20}); err == nil {
		t.Error("a spool in a file")
	}
	s := open(t, t.TempDir(), 1<<20)
	if s.Put(nil) == nil || s.Put(make([]byte, MaxRecord+1)) == nil {
		t.Error("records that cannot be kept were taken")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Put([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("put into a closed one: %v", err)
	}
}

// FuzzSegments opens whatever stands in the files.
func FuzzSegments(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x"), []byte{})
	f.Add([]byte{}, make([]byte, cursorBytes))
	f.Fuzz(func(t *testing.T, segment, cursor []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"000000000001.spool": segment, "000000000002.spool": segment, cursorName: cursor} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, dir, 1<<20)
		for range len(segment) + 2 {
			if _, ok := next(t, s); !ok {
				break
			}
		}
		if err := s.Put([]byte("after")); err != nil {
			t.Fatal(err)
		}
		if record, ok := next(t, s); !ok || record != "after" {
			t.Fatalf("%q after what was there", record)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
