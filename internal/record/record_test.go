package record

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// kept is a store in memory that remembers the last moment.
type kept struct {
	owners map[string]store.OwnerID
	kinds  map[store.OwnerID]string
	last   map[store.Series]float64
	minute bool
	fail   error
	// tolerant says that owners that are known, and appends, do not fail.
	tolerant bool
}

func newKept() *kept {
	return &kept{owners: map[string]store.OwnerID{}, kinds: map[store.OwnerID]string{}}
}

func (k *kept) OwnerOf(kind store.Kind, labels store.Labels, _ int64) (store.OwnerID, error) {
	name := fmt.Sprint(kind, labels)
	if k.tolerant && k.owners[name] != 0 {
		return k.owners[name], nil
	}
	if k.tolerant {
		return 0, k.fail
	}
	if k.owners[name] == 0 {
		k.owners[name] = store.OwnerID(len(k.owners) + 1)
		k.kinds[k.owners[name]] = kind.String()
	}
	return k.owners[name], k.fail
}

func (k *kept) Append(_ time.Time, beat, minute []store.Sample) error {
	k.last, k.minute = make(map[store.Series]float64), len(minute) > 0
	for _, x := range append(append([]store.Sample{}, beat...), minute...) {
		if _, twice := k.last[x.Series]; twice {
			return errors.New("a series twice at one moment")
		}
		k.last[x.Series] = x.Value
	}
	if k.tolerant {
		return nil
	}
	return k.fail
}

// total adds up a metric over all owners of a kind.
func (k *kept) total(kind string, m memory.Metric) float64 {
	sum := 0.0
	for x, v := range k.last {
		if x.Code() == store.Code(m) && k.kinds[x.Owner()] == kind {
			sum += v
		}
	}
	return sum
}

// owned counts the owners of a kind with samples at the last moment.
func (k *kept) owned(kind string) int {
	n := map[store.OwnerID]bool{}
	for x := range k.last {
		if k.kinds[x.Owner()] == kind {
			n[x.Owner()] = true
		}
	}
	return len(n)
}

// proc is a process of the tests.
type proc struct {
	pid     int32
	service string
	private uint64
	cpu     time.Duration
	age     time.Duration
	rule    bool
}

var aRule = &service.Rule{Name: "ruled"}

func snapshot(procs []proc) *sampler.Snapshot {
	s := &sampler.Snapshot{Host: memory.Host{CPUs: 2, TotalBytes: 1 << 30, BootID: "0123456789ab"}, Processes: len(procs)}
	index := map[string]int{}
	for _, p := range procs {
		i, ok := index[p.service]
		if !ok {
			i = len(s.Services)
			index[p.service] = i
			s.Services = append(s.Services, sampler.Service{Name: p.service})
		}
		x := &memory.Sample{ID: process.ID{PID: p.pid, Start: uint64(p.pid) * 10}, Age: p.age, Name: p.service}
		x.Set(memory.Private, p.private)
		x.Set(memory.RSS, p.private+4096)
		x.Set(memory.CPUTime, uint64(p.cpu))
		id := &service.Identity{Service: p.service, Watched: true}
		if p.rule {
			id.Rule = aRule
		}
		s.Services[i].Instances = append(s.Services[i].Instances, sampler.Instance{Sample: x, Identity: id})
		s.Services[i].Total.Add(x)
		s.Services[i].Age = max(s.Services[i].Age, p.age)
	}
	return s
}

func record(t *testing.T, r *Recorder, at time.Time, procs []proc) {
	t.Helper()
	if err := r.Record(at, snapshot(procs), nil); err != nil {
		t.Fatal(err)
	}
}

func TestTotalsAddUpWhateverHasSeriesOfItsOwn(t *testing.T) {
	k := newKept()
	r := New(k)
	var procs []proc
	want := 0.0
	for i := range 1000 {
		p := proc{pid: int32(i + 1), service: fmt.Sprintf("s%d", i%400), private: uint64(i) * 4096, age: time.Hour}
		procs = append(procs, p)
		want += float64(p.private)
	}
	record(t, r, noon, procs)
	for _, kind := range []string{"service", "process"} {
		if got := k.total(kind, memory.Private); got != want {
			t.Errorf("the %s series add up to %v, want %v", kind, got, want)
		}
	}
	if got := k.owned("service"); got != MaxServices+1 {
		t.Errorf("%d services have series, want %d and one for the rest", got, MaxServices)
	}
	if got := k.owned("process"); got != MaxRanked/2+1 { // nothing grew yet
		t.Errorf("%d instances have series, want the largest %d and one for the rest", got, MaxRanked/2)
	}
	c := r.Counts()
	if c.Services != MaxServices || c.OtherServices != 100 || c.Instances != MaxRanked/2 || c.Rest != 1000-MaxRanked/2 {
		t.Errorf("counts are %+v", c)
	}
	// What grows gets the other places.
	for i := range procs {
		if i < 100 {
			procs[i].private += 1 << 20
		}
	}
	record(t, r, noon.Add(time.Minute), procs)
	if got := k.owned("process"); got != MaxRanked+1 {
		t.Errorf("%d instances have series, want %d and the rest", got, MaxRanked)
	}
	// Services alone.
	r.SetServicesOnly(true)
	record(t, r, noon.Add(2*time.Minute), procs)
	if got := k.owned("process"); got != 1 {
		t.Errorf("%d instances have series, want the rest alone", got)
	}
	if a, b := k.total("process", memory.Private), k.total("service", memory.Private); a != b {
		t.Errorf("the rest is %v, want %v", a, b)
	}
}

func TestInstancesWithARuleAlwaysHaveSeries(t *testing.T) {
	k := newKept()
	r := New(k)
	var procs []proc
	for i := range 150 {
		procs = append(procs, proc{pid: int32(i + 1), service: "bot", private: 4096, age: time.Hour, rule: true})
	}
	procs = append(procs, proc{pid: 900, service: "young", private: 1 << 30, age: time.Second, rule: true})
	record(t, r, noon, procs)
	if got := k.owned("process"); got != 151 {
		t.Errorf("%d instances have series, want the 150 that have settled and the rest", got)
	}
	if r.Tracked(process.ID{PID: 900, Start: 9000}) {
		t.Error("an instance of one second has series")
	}
}

func TestAFloodOfProcessesBeginsFewSeries(t *testing.T) {
	k := newKept()
	r := New(k)
	pid := int32(0)
	for beat := range 720 {
		var procs []proc
		for range 200 { // short-lived: another PID at every beat
			pid++
			procs = append(procs, proc{pid: pid, service: "fork", private: 1 << 24, age: time.Second})
		}
		for i := range 100 { // long enough to settle, another one every two minutes
			procs = append(procs, proc{pid: int32(1_000_000 + beat/24*100 + i), service: "restart", private: 1 << 25, age: time.Duration(beat%24) * 5 * time.Second, rule: true})
		}
		record(t, r, noon.Add(time.Duration(beat)*5*time.Second), procs)
	}
	processes := 0
	for _, kind := range k.kinds {
		if kind == "process" {
			processes++
		}
	}
	if processes > MaxNewPerHour+1 {
		t.Errorf("%d owners in an hour, want %d at most", processes, MaxNewPerHour+1)
	}
	if r.Counts().Refused == 0 {
		t.Error("nobody was refused")
	}
	if len(r.instances) != 300 || len(r.services) != 1 { // what forks never settles
		t.Errorf("%d instances and %d services are remembered", len(r.instances), len(r.services))
	}
}

func TestCountersOfServicesNeverFall(t *testing.T) {
	k := newKept()
	r := New(k)
	cpu := func() float64 { return k.total("service", memory.CPUTime) }
	record(t, r, noon, []proc{{1, "a", 1, 100 * time.Second, time.Hour, false}, {2, "a", 1, 50 * time.Second, time.Hour, false}})
	if cpu() != 0 {
		t.Errorf("what was done before the first look counts: %v", cpu())
	}
	record(t, r, noon.Add(5*time.Second), []proc{{1, "a", 1, 101 * time.Second, time.Hour, false}, {2, "a", 1, 52 * time.Second, time.Hour, false}})
	if cpu() != 3 {
		t.Errorf("counter is %v, want 3", cpu())
	}
	// One ends, one begins and has worked 2 s already, one was there before but hidden.
	record(t, r, noon.Add(10*time.Second), []proc{{2, "a", 1, 53 * time.Second, time.Hour, false}, {3, "a", 1, 2 * time.Second, 3 * time.Second, false}, {4, "a", 1, time.Hour, 2 * time.Hour, false}})
	if cpu() != 6 {
		t.Errorf("counter is %v, want 6", cpu())
	}
	if a, b := cpu(), k.total("process", memory.CPUTime); math.IsNaN(b) || a < 0 {
		t.Errorf("%v, %v", a, b)
	}
}

func TestSlowMetricsAreStoredEveryMinute(t *testing.T) {
	k := newKept()
	r := New(k)
	n := 0
	for i := range 60 {
		record(t, r, noon.Add(time.Duration(i)*5*time.Second), []proc{{1, "a", 1, 0, time.Hour, false}})
		if k.minute {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d of 60 beats have the metrics of the minute, want 5", n)
	}
}

func TestRecordingAllocatesNothingInTheSteadyState(t *testing.T) {
	r := New(discard{})
	var procs []proc
	for i := range 200 {
		procs = append(procs, proc{pid: int32(i + 1), service: fmt.Sprintf("s%d", i%20), private: uint64(i) * 4096, age: time.Hour})
	}
	s := snapshot(procs)
	at := noon
	beat := func() {
		at = at.Add(time.Second)
		for k := range s.Services { // the recorder lets go of samples, not of instances
			for i := range s.Services[k].Instances {
				s.Services[k].Instances[i].Sample.Age += time.Second
			}
		}
		if err := r.Record(at, s, nil); err != nil {
			t.Fatal(err)
		}
	}
	for range 61 {
		beat()
	}
	// The ranking of a minute may allocate; the beats between may not.
	if n := testing.AllocsPerRun(30, beat); n > 0 {
		t.Errorf("%v allocations a beat", n)
	}
}

type discard struct{}

func (discard) OwnerOf(store.Kind, store.Labels, int64) (store.OwnerID, error) { return 1, nil }
func (discard) Append(time.Time, []store.Sample, []store.Sample) error         { return nil }

func TestWhatTheStoreRefusesIsSaid(t *testing.T) {
	k := newKept()
	k.fail = errors.New("no room")
	if err := New(k).Record(noon, snapshot([]proc{{1, "a", 1, 0, time.Hour, false}}), nil); !errors.Is(err, k.fail) {
		t.Errorf("the error is %v", err)
	}
}

func TestAServiceThatARuleNamesFindsAPlace(t *testing.T) {
	k := newKept()
	r := New(k)
	var procs []proc
	for i := range MaxServices {
		procs = append(procs, proc{pid: int32(i + 1), service: fmt.Sprintf("s%d", i), private: uint64(i+10) << 20, age: time.Hour})
	}
	record(t, r, noon, procs)
	procs = append(procs, proc{pid: 900, service: "late", private: 1 << 20, age: time.Hour}, proc{pid: 901, service: "ruled", private: 1 << 20, rule: true})
	for i := range 3 {
		record(t, r, noon.Add(time.Duration(i+1)*5*time.Second), procs)
		if a, b := k.total("process", memory.Private), k.total("service", memory.Private); a != b {
			t.Errorf("processes have %v, services %v", a, b)
		}
	}
	if r.services["ruled"] == nil || r.services["late"] != nil || r.services["s0"] != nil || len(r.services) != MaxServices {
		t.Errorf("ruled: %v, late: %v, the smallest: %v", r.services["ruled"], r.services["late"], r.services["s0"])
	}
}

// TestAnotherProgramHasOtherSeries lets a process become another program (exec).
func TestAnotherProgramHasOtherSeries(t *testing.T) {
	k := newKept()
	r := New(k)
	record(t, r, noon, []proc{{1, "shell", 1 << 20, 0, time.Hour, false}})
	before := r.instances[process.ID{PID: 1, Start: 10}].owner
	for i := range 13 {
		record(t, r, noon.Add(time.Duration(i+1)*5*time.Second), []proc{{1, "server", 5 << 20, 0, time.Hour, false}})
		if _, there := k.last[store.SeriesOf(before, store.Code(memory.Private))]; there {
			t.Fatalf("moment %d stands under the old name", i)
		}
		if a, b := k.total("process", memory.Private), k.total("service", memory.Private); a != 5<<20 || a != b {
			t.Errorf("processes have %v, services %v", a, b)
		}
	}
	if after := r.instances[process.ID{PID: 1, Start: 10}].owner; after == before || after == 0 {
		t.Errorf("a minute later its owner is %v, it was %v", after, before)
	}
}

func TestRulesKeepTheirInstancesWhileMemoryIsShort(t *testing.T) {
	k := newKept()
	r := New(k)
	procs := []proc{{1, "bot", 1 << 20, 0, time.Hour, true}, {2, "other", 5 << 20, 0, time.Hour, false}}
	record(t, r, noon, procs)
	r.SetServicesOnly(true)
	record(t, r, noon.Add(5*time.Second), procs)
	if !r.Tracked(process.ID{PID: 1, Start: 10}) || r.Tracked(process.ID{PID: 2, Start: 20}) {
		t.Error("want series of the instance that a rule names, and of no other")
	}
	r.SetServicesOnly(false)
	record(t, r, noon.Add(10*time.Second), procs)
	if !r.Tracked(process.ID{PID: 2, Start: 20}) {
		t.Error("the other has no series again")
	}
}

// TestAStoreWithoutRoomGetsTheRest has a store that takes no more owners.
func TestAStoreWithoutRoomGetsTheRest(t *testing.T) {
	k := newKept()
	r := New(k)
	procs := []proc{{pid: 1, service: "first", private: 4096, age: time.Hour, rule: true}}
	record(t, r, noon, procs)
	for i := range 5 {
		procs = append(procs, proc{pid: int32(2 + i), service: fmt.Sprintf("later-%d", i), private: 4096, age: time.Hour, rule: true})
	}
	record(t, r, noon.Add(time.Second), append(procs, proc{pid: 50, service: "young", private: 1, age: time.Second})) // makes the rest
	k.fail = fmt.Errorf("%w: no more owners", store.ErrCrowded)
	procs = append(procs, proc{pid: 99, service: "last", private: 4096, age: time.Hour, rule: true})
	k.tolerant = true
	record(t, r, noon.Add(2*time.Minute), procs)
	if got, want := k.total("service", memory.Private), k.total("process", memory.Private); got != 7*4096 || want != got {
		t.Errorf("the totals are %v and %v, want %d", got, want, 7*4096)
	}
	if r.Counts().Refused == 0 {
		t.Error("nobody was counted as refused")
	}
}
