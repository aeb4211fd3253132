package leak

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	_ encoding.BinaryMarshaler   = (*Detector)(nil)
	_ encoding.BinaryAppender    = (*Detector)(nil)
	_ encoding.BinaryUnmarshaler = (*Detector)(nil)
)

func saved(t *testing.T, d *Detector) []byte {
	t.Helper()
	b, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A monitor that stops and starts again must go on as if it had never stopped.
func TestRestoredDetectorGoesOnTheSame(t *testing.T) {
	restored := map[State]int{}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		options := Options{Kind: Kind(seed % 4), Floor: float64(seed%3) * 1e5, Limit: float64(seed%2) * 1e9, Threshold: float64(seed%5) / 2}
		whole, stopped := New(options), New(options)
		whole.SetModel(eager())
		stopped.SetModel(eager())
		for i, e := range story(seed, 1500) {
			e.on(whole)
			e.on(stopped)
			if r.IntN(100) == 0 {
				next := new(Detector)
				next.SetModel(eager())
				if err := next.UnmarshalBinary(saved(t, stopped)); err != nil {
					t.Fatalf("seed %d, event %d: %v", seed, i, err)
				}
				if next.options != stopped.options {
					t.Fatalf("seed %d: options %+v came back as %+v", seed, stopped.options, next.options)
				}
				stopped = next
				restored[stopped.state]++
			}
			if i%50 == 0 && !same(whole.Verdict(), stopped.Verdict()) {
				t.Fatalf("seed %d, event %d:\nwent on  %+v\nrestored %+v", seed, i, whole.Verdict(), stopped.Verdict())
			}
		}
		whole.model = stopped.model // compared by what it says, not by where it is
		if a, b := pretty(whole), pretty(stopped); a != b {
			t.Fatalf("seed %d:\nwent on  %s\nrestored %s", seed, a, b)
		}
	}
	for state := Learning; state <= Leaking; state++ {
		if restored[state] == 0 {
			t.Errorf("no detector was restored while %v: %v", state, restored)
		}
	}
}

func TestSavedStateIsBounded(t *testing.T) {
	d := New(Memory())
	if n := len(saved(t, d)); n > 256 {
		t.Errorf("a new detector takes %d bytes, want at most 256", n)
	}
	most := 0
	for life := range 12 {
		for i := range 30 * 24 * 60 / (life + 1) {
			d.Observe(float64(i)*60, 1e8+float64(i%7)*1e4)
			if i%997 == 0 {
				most = max(most, len(saved(t, d)))
			}
		}
		most = max(most, len(saved(t, d)))
		d.Restart(0)
	}
	t.Logf("at most %d bytes", most)
	if most > maxSaved || most < 9000 {
		t.Errorf("at most %d bytes over twelve lives of up to 30 days, want 9,000 (a full history) to %d", most, maxSaved)
	}
	if n := testing.AllocsPerRun(10, func() { saved(t, d) }); n > 1+raceAllocations {
		t.Errorf("%v allocations to save, want the bytes only", n)
	}
}

func TestAppendBinaryKeepsWhatIsThere(t *testing.T) {
	d := watched(served(500, 60, 1), Memory())
	before := []byte("before")
	b, err := d.AppendBinary(before)
	if err != nil || !bytes.HasPrefix(b, before) || !bytes.Equal(b[len(before):], saved(t, d)) {
		t.Errorf("%d bytes behind %q, error %v; want the %d of MarshalBinary", len(b), before, err, len(saved(t, d)))
	}
}

// A format is a promise: whoever changes what is written raises savedVersion and writes
// down the new checksum. The series is short enough that no processor rounds it otherwise.
func TestFormatIsThatOfItsVersion(t *testing.T) {
	d := New(Options{Kind: Count, Floor: 2, Limit: 1024, Threshold: 3})
	for life := range 3 {
		for i := range 20 {
			d.ObserveSample(Sample{T: 1e9 + float64(64*i), Value: float64(i * life), Work: float64(i), Faults: math.NaN(), Beside: 7})
		}
		d.Observe(0, 0)
		if life < 2 {
			d.Restart(0)
		}
	}
	b := saved(t, d)
	const version, size, checksum = 1, 727, 0x73804666
	if sum := crc32.ChecksumIEEE(b); savedVersion != version || len(b) != size || sum != checksum {
		t.Errorf("version %d, %d bytes with checksum %#08x; version %d is %d bytes with %#08x", savedVersion, len(b), sum, version, size, checksum)
	}
}

// The model is the program's: bytes say nothing of it and must not take it away.
func TestModelStaysWhenRestored(t *testing.T) {
	m := eager()
	d := New(Memory())
	d.SetModel(m)
	if err := d.UnmarshalBinary(saved(t, New(Threads()))); err != nil {
		t.Fatal(err)
	}
	if d.model != m || d.options != Threads() {
		t.Errorf("model %p, options %+v; want %p, %+v", d.model, d.options, m, Threads())
	}
}

// Options that are no figures are as if they had not been given, and can be saved.
func TestOptionsThatAreNoFigures(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ given, want Options }{
		{Options{Kind: 9}, Options{Kind: Other}},
		{Options{Floor: inf, Limit: nan, Threshold: nan}, Options{}},
		{Options{Floor: -1, Limit: -1, Threshold: inf}, Options{Threshold: mostValue}},
		{Options{Floor: 1e300, Limit: inf, Threshold: -inf}, Options{Threshold: -mostValue}},
		{Options{Floor: nan, Limit: 1e300, Threshold: -3}, Options{Threshold: -3}},
		{Options{Kind: Count, Floor: 2, Limit: 1024, Threshold: 1}, Options{Kind: Count, Floor: 2, Limit: 1024, Threshold: 1}},
	} {
		d := watched(served(200, 60, 1), c.given)
		if d.options != c.want {
			t.Errorf("%+v are taken as %+v, want %+v", c.given, d.options, c.want)
		}
		saved(t, d)
	}
	d := New(Memory())
	for _, limit := range []float64{nan, inf, -inf, -5, 1e31} {
		if d.SetLimit(limit); d.options.Limit != 0 {
			t.Errorf("a limit of %v is taken as %v, want none", limit, d.options.Limit)
		}
	}
	if d.SetLimit(5); d.options.Limit != 5 {
		t.Errorf("a limit of 5 is taken as %v", d.options.Limit)
	}
}

// sealed puts a checksum behind bytes: hostile ones have a right one.
func sealed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b[:len(b):len(b)], crc32.Checksum(b, castagnoli))
}

func TestBytesThatAreNoSavedDetector(t *testing.T) {
	good := saved(t, watched(served(900, 60, 1), Memory()))
	body := good[:len(good)-checksumSize]
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 4
	other := bytes.Clone(body)
	other[len(savedMark)] = 99
	for want, b := range map[string][]byte{
		"0 bytes are fewer than the 9":      nil,
		"4 bytes are fewer than the 9":      []byte("leak"),
		"more than the 12288":               make([]byte, maxSaved+1),
		`it begins with "GIF8", want "leak`: append([]byte("GIF8"), good[4:]...),
		"it is of version 99, this program": sealed(other),
		"they are damaged":                  flipped,
		"bytes early":                       sealed(body[:len(body)-7]),
		"1 bytes are left over":             sealed(append(bytes.Clone(body), 0)),
	} {
		d := watched(served(100, 60, 2), Memory())
		before := pretty(d)
		err := d.UnmarshalBinary(b)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "start the series anew with New") {
			t.Errorf("error %v, want one with %q and the next step", err, want)
		}
		if pretty(d) != before {
			t.Errorf("%q: the detector was changed", want)
		}
	}
}

// States that no detector reaches must be named: they would panic or be blind later.
func TestStatesThatNoDetectorReaches(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good := watched(served(900, 60, 1), Memory())
	good.Restart(0)
	for _, s := range served(900, 60, 2) {
		good.ObserveSample(s)
	}
	for want, spoil := range map[string]func(*Detector){
		"options: {Kind:other Floor:+Inf":  func(d *Detector) { d.options.Kind, d.options.Floor = Other, inf },
		"Limit:NaN":                        func(d *Detector) { d.options.Limit = nan },
		"state: 5,":                        func(d *Detector) { d.state = 5 },
		"state: leaking after 10 samples":  func(d *Detector) { *d = *watched(served(10, 60, 1), Memory()); d.state = Leaking },
		"what counts beside: +Inf":         func(d *Detector) { d.beside = inf },
		"time of the next judgement: NaN":  func(d *Detector) { d.next = nan },
		"time of the next judgement: +Inf": func(d *Detector) { d.next = inf },
		"is over the threshold: 1e+12":     func(d *Detector) { d.since = 1e12 },
		"is under the threshold: -1":       func(d *Detector) { d.under = -1 },
		"level of the next alarm: +Inf":    func(d *Detector) { d.alarmed = inf },
		"samples: 3, want at least":        func(d *Detector) { d.samples = 3 },
		"ignored samples: ":                func(d *Detector) { d.ignored = -1 },
		"kept lives: 7 of 1 restarts":      func(d *Detector) { d.lives.n = 7 },
		"kept lives: 1 of ":                func(d *Detector) { d.restarts = -1 },
		"growing lives: 2,":                func(d *Detector) { d.lives.growing = 2 },
		"kept life 0: -1 s":                func(d *Detector) { d.lives.kept[0].Span = -1 },
		"kept life 0: ":                    func(d *Detector) { d.lives.kept[0].Rate = nan },
		"but it holds some":                func(d *Detector) { d.history.samples = 0 },
		"width of a bucket: 0 s":           func(d *Detector) { d.history.width = 0 },
		"width of a bucket: 3 s":           func(d *Detector) { d.history.width = 3 },
		"width of a bucket: +Inf s":        func(d *Detector) { d.history.width = inf },
		"span of the life: ":               func(d *Detector) { d.history.origin = 1e300; d.next = -inf },
		"first and newest value: NaN":      func(d *Detector) { d.history.base = nan },
		"first work and faults: +Inf":      func(d *Detector) { d.history.baseWork = inf },
		"no samples, want some":            func(d *Detector) { d.history.open.n = 0 },
		"at NaN s":                         func(d *Detector) { d.history.rings[3].at(0).at = float32(nan) },
		"bucket of level 3: at 1e+09":      func(d *Detector) { d.history.rings[3].at(0).at = 1e9 },
		"bucket of level 2: at 0":          func(d *Detector) { d.history.rings[2].at(1).at = 0 },
		"values +Inf and":                  func(d *Detector) { d.history.rings[2].at(1).low = float32(inf) },
		"values ":                          func(d *Detector) { d.history.rings[2].at(1).mean = 3e38 },
		"work +Inf and":                    func(d *Detector) { d.history.open.work = float32(inf) },
		"faults -Inf":                      func(d *Detector) { d.history.open.faults = float32(-inf) },
		"but its buckets hold":             func(d *Detector) { d.history.open.n = math.MaxUint32 },
	} {
		d := new(Detector)
		*d = *good
		spoil(d)
		if b, err := d.MarshalBinary(); err == nil || b != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: saved to %d bytes, error %v", want, len(b), err)
		}
		// What a hostile writer would have written instead.
		c := coder{bytes: append([]byte(savedMark), savedVersion)}
		c.fields(d)
		restored := New(Memory())
		if err := restored.UnmarshalBinary(sealed(c.bytes)); err == nil {
			t.Errorf("%q: restored to %s", want, pretty(restored))
		}
	}
}

func TestCountsThatAreTooLarge(t *testing.T) {
	body := saved(t, watched(served(900, 60, 1), Memory()))
	body = body[:len(body)-checksumSize]
	const afterFloats = len(savedMark) + 1 + 1 + 3*8 + 1 + 5*8
	huge := bytes.Clone(body)
	binary.LittleEndian.PutUint64(huge[afterFloats:], math.MaxUint64)
	if err := New(Memory()).UnmarshalBinary(sealed(huge)); err == nil || !strings.Contains(err.Error(), "samples: 18446744073709551615, want at most") {
		t.Errorf("2^64-1 samples: error %v", err)
	}
	kind := bytes.Clone(body)
	kind[len(savedMark)+1] = 77
	if err := New(Memory()).UnmarshalBinary(sealed(kind)); err == nil || !strings.Contains(err.Error(), "kind: 77, want at most 3") {
		t.Errorf("kind 77: error %v", err)
	}
}

// FuzzUnmarshal gives arbitrary bytes, under a right checksum too: they are refused, or
// make a detector that goes on without a panic and can be saved again.
func FuzzUnmarshal(f *testing.F) {
	fresh, err := New(Descriptors()).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	old := watched(served(900, 60, 1), Memory())
	old.Restart(0)
	full, err := old.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fresh, false)
	f.Add(full, false)
	f.Add(full[:len(full)-checksumSize], true)
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal {
			b = sealed(b)
		}
		d := new(Detector)
		if err := d.UnmarshalBinary(b); err != nil {
			if !strings.Contains(err.Error(), "leak: cannot restore a detector: ") {
				t.Fatal(err)
			}
			return
		}
		if again := saved(t, d); !bytes.Equal(again, b) {
			t.Fatalf("%d bytes came back as %d others", len(b), len(again))
		}
		d.SetModel(eager())
		checkVerdict(t, d, d.samples)
		last := d.history.last
		for i := range 100 {
			last += 60 * float64(i)
			d.Observe(last, 1e6*float64(i))
		}
		checkVerdict(t, d, d.samples)
		d.Restart(last)
		checkSaved(t, d)
	})
}

func ExampleDetector_MarshalBinary() {
	d := New(Memory())
	for minute := range 600 {
		d.Observe(float64(minute)*60, 100e6)
	}
	saved, err := d.MarshalBinary()
	if err != nil {
		fmt.Println(err)
		return
	}
	var restored Detector
	if err := restored.UnmarshalBinary(saved); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restored.Verdict().State)
	// Output: steady
}
