package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	ids "github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
)

// How made-up processes move. Memory moves in pages, processor time in nanoseconds, as
// the kernel counts them. Of 100 processes
//
//	62 are idle: in 3 of 100 beats they run for 0.1 to 2 ms and 1 to 8 pages come or go
//	22 work: at every second beat memory wanders by up to 64 pages around its middle, and
//	   they run for 1 to 200 ms at every beat; descriptors come and go
//	10 collect garbage: memory rises by up to 400 pages a beat and falls back at 1.3 times
//	   its least
//	 3 move in steps: every four hours or so by a tenth, up or down
//	 3 leak 0.5 to 20 MB an hour, beside what they do as the working ones
//
// The whole machine restarts about 20 processes an hour, one at a time, evenly spread in
// chance; the new one has another PID, is as large as the old one was at its start, and
// behaves like it.
const (
	page            = 4096
	restartsPerHour = 20
)

type behaviour uint8

const (
	idle behaviour = iota
	working
	collecting
	stepping
	leaking
)

// behaviourOf spreads the shares above evenly over the processes.
func behaviourOf(i int) behaviour {
	switch k := i * 37 % 100; {
	case k < 62:
		return idle
	case k < 84:
		return working
	case k < 94:
		return collecting
	case k < 97:
		return stepping
	}
	return leaking
}

// life is one made-up process instance.
type life struct {
	behaviour behaviour
	begun     time.Time
	least     float64 // pages of private memory at the start
	pages     float64
	debt      float64 // leaked pages not whole yet
	rate      float64 // of a leak, pages an hour
	file      uint64  // pages of mapped files
	shmem     uint64  // pages
	cpu       uint64  // nanoseconds
	peak      uint64  // pages
	fds       int64
	threads   uint64
	minor     uint64
	major     uint64
	sample    memory.Sample
	identity  service.Identity
}

// population is every process of a made-up machine.
type population struct {
	random   *rand.Rand
	lives    []*life
	nextPID  int32
	began    time.Time
	last     time.Time
	snapshot sampler.Snapshot
	load     memory.Load
	busy     uint64
	read     uint64
	written  uint64
	stalled  uint64
	load1    float64
}

// ServiceName is the name of a made-up service. The idle programs of a living population
// have the same, so that a daemon goes on with these series.
func ServiceName(i int) string { return fmt.Sprintf("svc-%02d", i) }

func newPopulation(p Plan) *population {
	x := &population{random: rand.New(rand.NewPCG(p.Seed, 4)), nextPID: 1000, began: p.End.Add(-p.Span)}
	x.last = x.began
	x.snapshot.Host = memory.Host{Name: "made-up", BootID: "5eed5eed-0000", CPUs: 8, TotalBytes: 32 << 30, SwapTotalBytes: memory.Present[uint64](4 << 30)}
	for k := range p.Services {
		x.snapshot.Services = append(x.snapshot.Services, sampler.Service{Name: ServiceName(k), Kind: "program", Watched: true})
	}
	for i := range p.Processes {
		l := &life{behaviour: behaviourOf(i)}
		l.identity = service.Identity{Service: ServiceName(i % p.Services), Watched: true}
		l.least = math.Floor(256 * math.Exp(x.random.Float64()*math.Log(256))) // 1 to 256 MiB, even in logarithm
		l.rate = (0.5 + 19.5*x.random.Float64()) * 1e6 / page
		l.file = uint64(500 + x.random.IntN(3000))
		l.shmem = uint64(x.random.IntN(4) / 3 * x.random.IntN(2000)) // one in four has some
		x.start(l, x.began.Add(-time.Duration(x.random.IntN(30*24))*time.Hour))
		x.lives = append(x.lives, l)
	}
	return x
}

// start begins a life.
func (x *population) start(l *life, at time.Time) {
	x.nextPID++
	l.begun, l.pages, l.debt, l.cpu, l.minor, l.major = at, l.least, 0, uint64(x.random.IntN(3e8)), uint64(l.least), 3
	l.peak, l.fds, l.threads = 0, int64(8+x.random.IntN(60)), uint64(1+x.random.IntN(12))
	l.sample = memory.Sample{ID: ids.ID{PID: x.nextPID, Start: uint64(at.UnixMilli() / 10)}, Parent: 1, State: 'S', Name: l.identity.Service}
}

// between is an even chance of from to to, both included.
func (x *population) between(from, to int) int { return from + x.random.IntN(to-from+1) }

// next is the machine at a time later than before.
func (x *population) next(at time.Time) (*sampler.Snapshot, *memory.Load) {
	gone := at.Sub(x.last)
	x.last = at
	if x.random.Float64() < restartsPerHour*gone.Hours() {
		x.start(x.lives[x.random.IntN(len(x.lives))], at)
	}
	s := &x.snapshot
	for k := range s.Services {
		s.Services[k].Instances, s.Services[k].Total, s.Services[k].Age = s.Services[k].Instances[:0], memory.Sum{}, 0
	}
	private := uint64(0)
	for i, l := range x.lives {
		x.move(l, gone)
		private += l.fill(at)
		v := &s.Services[i%len(s.Services)]
		v.Instances = append(v.Instances, sampler.Instance{Sample: &l.sample, Identity: &l.identity})
		v.Total.Add(&l.sample)
		v.Age = max(v.Age, l.sample.Age)
	}
	s.Time, s.Processes = at, len(x.lives)
	x.moveHost(at, gone, private)
	return s, &x.load
}

// move lets a process live for one beat.
func (x *population) move(l *life, gone time.Duration) {
	before := l.pages
	switch l.behaviour {
	case idle:
		if x.random.IntN(100) < 3 {
			l.cpu += uint64(x.between(100_000, 2_000_000))
			l.pages = max(l.least, l.pages+float64(x.between(-8, 8)))
		}
	case leaking:
		l.debt += l.rate * gone.Hours()
		whole := math.Floor(l.debt)
		l.least, l.debt = l.least+whole, l.debt-whole
		fallthrough
	case working:
		x.work(l)
		if x.random.IntN(2) == 0 {
			pull := (l.least*1.1 - l.pages) / 50
			l.pages = max(l.least, math.Round(l.pages+pull)+float64(x.between(-64, 64)))
		}
	case collecting:
		x.work(l)
		l.pages += float64(x.between(0, 400))
		if l.pages > l.least*1.3+800 {
			l.pages = l.least + float64(x.between(0, 100))
		}
	case stepping:
		x.work(l)
		if x.random.Float64() < gone.Hours()/4 {
			l.pages = max(64, math.Round(l.pages*(0.9+0.2*x.random.Float64())))
		}
	}
	if l.pages > before {
		l.minor += uint64(l.pages - before)
	}
}

// work is what a process that does something does at every beat.
func (x *population) work(l *life) {
	l.cpu += uint64(x.between(1_000_000, 200_000_000))
	l.minor += uint64(x.between(0, 20))
	if x.random.IntN(3) == 0 {
		l.fds = max(5, l.fds+int64(x.between(-2, 2)))
	}
	if x.random.IntN(500) == 0 {
		l.threads = uint64(max(1, int(l.threads)+x.between(-1, 1)))
	}
	if x.random.IntN(1000) == 0 {
		l.major += uint64(x.between(1, 30))
	}
}

// fill writes a life into its sample and returns its private memory.
func (l *life) fill(at time.Time) uint64 {
	x := &l.sample
	x.Age = at.Sub(l.begun)
	private := uint64(l.pages) * page
	l.peak = max(l.peak, uint64(l.pages)+l.file+l.shmem)
	for _, v := range [...]struct {
		m memory.Metric
		v uint64
	}{
		{memory.Private, private}, {memory.RSS, private + (l.file+l.shmem)*page}, {memory.Anon, private}, {memory.File, l.file * page},
		{memory.Shmem, l.shmem * page}, {memory.Swap, 0}, {memory.PeakRSS, l.peak * page}, {memory.Virtual, (uint64(l.least)*3 + 50_000) * page},
		{memory.CPUTime, l.cpu}, {memory.Threads, l.threads}, {memory.FDs, uint64(l.fds)}, {memory.MinorFaults, l.minor}, {memory.MajorFaults, l.major},
	} {
		x.Set(v.m, v.v)
	}
	return private
}

// moveHost makes the figures of the machine: load and disk wander, counters count.
func (x *population) moveHost(at time.Time, gone time.Duration, private uint64) {
	h := &x.snapshot.Host
	h.Uptime = at.Sub(x.began) + 40*24*time.Hour
	h.AvailableBytes = memory.Present(h.TotalBytes - min(h.TotalBytes/2, private/4) - uint64(x.between(0, 5000))*page)
	h.SwapFreeBytes = memory.Present[uint64](4 << 30)
	x.load1 = max(0, x.load1*0.97+0.03*float64(x.between(0, 400))/100)
	h.Load1 = memory.Present(math.Round(x.load1*100) / 100)
	x.busy += uint64(float64(gone) * x.load1)
	x.read += uint64(x.between(0, 40)) / 39 * uint64(x.between(1, 2000)) * page
	x.written += uint64(x.between(10, 900)) * page
	x.stalled += uint64(x.between(0, 3_000_000))
	x.load = memory.Load{
		CPUBusyNanoseconds: memory.Present(x.busy), CPUTotalNanoseconds: memory.Present(uint64(h.Uptime) * uint64(h.CPUs)),
		DiskTotalBytes: memory.Present[uint64](500e9), DiskAvailableBytes: memory.Present(300e9 - x.written/3),
		DiskReadBytes: memory.Present(x.read), DiskWrittenBytes: memory.Present(x.written),
		SwapInBytes: memory.Present[uint64](0), SwapOutBytes: memory.Present[uint64](0),
	}
	x.load.CPUPressure.Some = memory.Present(memory.Stall{TotalNanoseconds: x.stalled})
	x.load.MemoryPressure.Some, x.load.MemoryPressure.Full = memory.Present(memory.Stall{}), memory.Present(memory.Stall{})
	x.load.IOPressure.Some, x.load.IOPressure.Full = memory.Present(memory.Stall{TotalNanoseconds: x.stalled / 2}), memory.Present(memory.Stall{TotalNanoseconds: x.stalled / 3})
}

// PIDs lists who lives, for tests.
func (x *population) pids() []int32 {
	var out []int32
	for _, l := range x.lives {
		out = append(out, l.sample.ID.PID)
	}
	slices.Sort(out)
	return out
}
