package tally

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// recordsOf are those of one process that grows in everything, after some samples.
func recordsOf(t testing.TB, samples int) [][]byte {
	tally := New()
	for i := range samples {
		x := worker(812, "bot", 50e6+1e6*float64(i), 20+float64(i), 8+float64(i), time.Duration(i)*time.Second)
		x.Set(memory.Shmem, uint64(4096*i))
		at := time.Duration(i) * 5 * time.Second
		showing(tally, at, noon.Add(at), x)
	}
	var out [][]byte
	if err := tally.Saved(func(r *Record) error {
		if r.ID != (process.ID{PID: 812, Start: 812}) || r.Service != "bot" || r.Name != "bot" {
			t.Errorf("the record is of %s, %q, %q", r.ID, r.Service, r.Name)
		}
		out = append(out, bytes.Clone(r.Blob))
		return nil
	}); err != nil || len(out) != 1 {
		t.Fatalf("%d records, %v", len(out), err)
	}
	return out
}

// Bytes that were changed, cut or lengthened are refused and leave nothing behind.
func TestDamagedRecordsAreRefused(t *testing.T) {
	now := Resumption{Elapsed: time.Hour, Wall: noon.Add(time.Hour)}
	whole := recordsOf(t, 40)[0]
	if err := New().Restore(whole, now); err != nil {
		t.Fatal(err)
	}
	tally := New()
	refuse := func(what string, blob []byte, want string) {
		t.Helper()
		err := tally.Restore(blob, now)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "learnt anew") {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		refuse(fmt.Sprint("byte ", i), damaged, "")
	}
	for n := 0; n < len(whole); n += 37 {
		refuse(fmt.Sprint(n, " bytes"), whole[:n], "")
	}
	refuse("nothing", nil, "fewer than")
	refuse("one more", append(bytes.Clone(whole), 0), "damaged")
	refuse("too many", make([]byte, MaxRecord+1), "more than")
	refuse("words", []byte("whatever it may be"), "begins with")
	another := bytes.Clone(whole)
	another[len(recordMark)]++
	refuse("another version", another, "version 2, this program reads version 1")
	for _, c := range []struct {
		name    string
		offset  int // of a number of 8 bytes
		value   uint64
		message string
	}{
		{"PID", 0, math.MaxUint64, "ranges"},
		{"saved", 16, math.MaxUint64, "before its beginning"},
		{"saved before its last sample", 16, uint64(time.Second), "after it was saved"},
		{"samples", 32, 0, "0 samples"},
		{"more samples than an int", 32, math.MaxUint64, "ranges"},
		{"no private memory", 40, 0b1110, ""},
		{"no detectors", 40, 0, "left over"},
		{"more detectors", 40, 0b11111, "detectors are 11111"},
		{"first value", 58, math.Float64bits(math.NaN()), "want a number"},
		{"offset", 66, math.Float64bits(1e300), "ahead of the watch"},
		{"beginning", 74, math.Float64bits(math.Inf(1)), "want a number"},
		{"order", 74, math.Float64bits(1e9), "in this order"},
	} {
		changed := bytes.Clone(whole)
		binary.LittleEndian.PutUint64(changed[recordHead+c.offset:], c.value)
		refuse(c.name, signed(changed[:len(changed)-recordSum]), c.message)
	}
	if len(tally.restored)+len(tally.gone)+len(tally.clock.turns) > 0 {
		t.Error("a refused record left something behind")
	}
}

// signed is a record's bytes with their checksum.
func signed(b []byte) []byte {
	b = b[:len(b):len(b)]
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// The largest record there can be is within the bound: four detectors full of history.
func TestRecordsAreBounded(t *testing.T) {
	tally := New()
	for i := range 30_000 {
		x := worker(812, strings.Repeat("ä", 300), 50e6+1e5*float64(i%997), 20+float64(i%7), 8+float64(i%5), time.Duration(i)*time.Second)
		x.Set(memory.Shmem, uint64(4096*(i%11)))
		showing(tally, time.Duration(i)*5*time.Second, noon, x)
	}
	if err := tally.Saved(func(r *Record) error {
		t.Logf("%d bytes for %d detectors", len(r.Blob), len(Judged))
		if len(r.Blob) > MaxRecord || len(r.Blob) < 30_000 {
			t.Errorf("the record has %d bytes, the bound is %d", len(r.Blob), MaxRecord)
		}
		return New().Restore(r.Blob, Resumption{Elapsed: 50 * time.Hour, Wall: noon})
	}); err != nil {
		t.Error(err)
	}
}

// FuzzRestore gives it bytes with a right checksum: whatever they are, what is restored
// can be observed, asked and saved like any other.
func FuzzRestore(f *testing.F) {
	for _, samples := range []int{1, 30} {
		blob := recordsOf(f, samples)[0]
		f.Add(blob[:len(blob)-recordSum], int64(time.Hour), false)
		f.Add(blob[:len(blob)-recordSum], int64(0), true)
	}
	f.Add([]byte(recordMark+"\x01"), int64(0), false)
	f.Fuzz(func(t *testing.T, body []byte, elapsed int64, rebooted bool) {
		tally := New()
		now := Resumption{Elapsed: time.Duration(max(0, elapsed)), Wall: noon, Rebooted: rebooted}
		if err := tally.Restore(signed(body), now); err != nil {
			if len(tally.restored)+len(tally.gone) > 0 {
				t.Fatal("a refused record left something behind")
			}
			return
		}
		var id process.ID
		for _, r := range append(values(tally.restored), tally.gone...) {
			id = r.id
			again, err := r.append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parse(again); err != nil && math.Abs(r.judges.offset) <= mostSeconds && r.judges.seen() <= r.elapsed.Seconds() {
				t.Fatalf("what was restored cannot be saved: %v", err)
			}
		}
		for i := range 30 {
			x := worker(id.PID, "bot", 50e6+1e6*float64(i), 20+float64(i), 8, time.Duration(i)*time.Second)
			x.ID = id
			showing(tally, now.Elapsed+time.Duration(i)*time.Minute, now.Wall.Add(time.Duration(i)*time.Minute), x)
			tally.Instance(id)
		}
		for _, s := range tally.Summaries() {
			for _, x := range s.Instances {
				for k := range x.Verdicts {
					tally.Wall(x.Verdicts[k].Onset.Value)
					_ = x.Verdicts[k].Words() + x.Verdicts[k].Bearing()
				}
			}
		}
		if err := tally.Saved(func(*Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}
