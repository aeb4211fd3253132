package tally

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/leak"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// scene makes a snapshot's services of instances, in the order they are given.
type scene struct {
	services []sampler.Service
	samples  []memory.Sample
}

type seen struct {
	service string
	pid     int32
	private float64
}

func (s *scene) show(list []seen) []sampler.Service {
	s.services, s.samples = s.services[:0], s.samples[:0]
	s.samples = append(s.samples, make([]memory.Sample, len(list))...)
	at := make(map[string]int)
	for i, x := range list {
		sample := &s.samples[i]
		*sample = memory.Sample{ID: process.ID{PID: x.pid, Start: uint64(x.pid)}, Name: x.service}
		sample.Set(memory.Private, uint64(x.private))
		k, ok := at[x.service]
		if !ok {
			k = len(s.services)
			at[x.service] = k
			s.services = append(s.services, sampler.Service{Name: x.service})
		}
		s.services[k].Instances = append(s.services[k].Instances, sampler.Instance{Sample: sample})
		s.services[k].Total.Add(sample)
	}
	return s.services
}

// watch feeds rounds scenes, one every step.
func watch(rounds int, step time.Duration, list func(round int) []seen) *Tally {
	t := New()
	var s scene
	for i := range rounds {
		t.Observe(noon.Add(time.Duration(i)*step), s.show(list(i)))
	}
	return t
}

func summaryOf(t *testing.T, all []Summary, name string) *Summary {
	t.Helper()
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	t.Fatalf("no summary of %q", name)
	return nil
}

// The original tool compared the mean of the first and of the last three rows of a
// service's name, whatever processes they were of: two constant processes of 50 and
// 500 MB, of which one is not met in every round, read as "+75 %, POTENTIAL LEAK".
func TestTwoConstantProcessesAreNoLeak(t *testing.T) {
	for _, order := range []func(round int) []seen{
		func(int) []seen { return []seen{{"bot", 1, 50e6}, {"bot", 2, 500e6}} },
		func(round int) []seen { // their order changes
			return [][]seen{{{"bot", 1, 50e6}, {"bot", 2, 500e6}}, {{"bot", 2, 500e6}, {"bot", 1, 50e6}}}[round%2]
		},
		func(round int) []seen { // the small one comes first, the large one later
			if round < 3 {
				return []seen{{"bot", 1, 50e6}}
			}
			return []seen{{"bot", 1, 50e6}, {"bot", 2, 500e6}}
		},
	} {
		s := summaryOf(t, watch(31, 20*time.Second, order).Summaries(), "bot")
		if s.State != leak.Steady || s.Growth != 0 || math.Abs(s.Rate.Value) > 1 {
			t.Errorf("two constant processes are %v, growth %.0f, rate %v", s.State, s.Growth, s.Rate)
		}
		for _, x := range s.Instances {
			if v := x.Memory(); v.State != leak.Steady || !(v.Smallest > 0 && v.Smallest < 10e6) {
				t.Errorf("PID %d is %v, seen from %g bytes an hour", x.ID.PID, v.State, v.Smallest)
			}
		}
	}
}

func TestTheGrowingOneIsNamed(t *testing.T) {
	s := summaryOf(t, watch(31, 30*time.Second, func(i int) []seen {
		return []seen{{"bot", 1, 500e6}, {"bot", 2, 50e6 + 1e6*float64(i)}}
	}).Summaries(), "bot")
	if s.State < leak.Suspect || s.Worst != memory.Private || s.Instances[0].ID.PID != 2 || s.Instances[1].Memory().State != leak.Steady {
		t.Errorf("%v, worst is PID %d", s.State, s.Instances[0].ID.PID)
	}
	if s.Growth != 30e6 || s.Rate.Low > 120e6 || s.Rate.High < 120e6 || s.Rate.High-s.Rate.Low > 6e6 || s.Rated != 2 || s.Living != 2 {
		t.Errorf("growth %.0f, rate %v of %d", s.Growth, s.Rate, s.Rated)
	}
	if s.Start != 550e6 || s.End != 580e6 || s.Min != 550e6 || s.Max != 580e6 || math.Abs(s.Mean()-565e6) > 1 || math.Abs(s.Deviation()-9.0921e6) > 1e3 {
		t.Errorf("start %.0f end %.0f min %.0f max %.0f mean %.0f deviation %.0f", s.Start, s.End, s.Min, s.Max, s.Mean(), s.Deviation())
	}
}

func TestRestartIsNeitherGrowthNorRelief(t *testing.T) {
	tally := watch(60, 30*time.Second, func(i int) []seen {
		if i < 30 {
			return []seen{{"bot", 1, 50e6 + 1e6*float64(i)}}
		}
		return []seen{{"bot", 2, 50e6 + 1e6*float64(i-30)}}
	})
	s := summaryOf(t, tally.Summaries(), "bot")
	if s.Growth != 58e6 || s.Begun != 1 || s.Ended != 1 || s.Living != 1 || len(s.Instances) != 2 {
		t.Errorf("growth %.0f, begun %d, ended %d, living %d, readings %d", s.Growth, s.Begun, s.Ended, s.Living, len(s.Instances))
	}
	for _, x := range s.Instances {
		if v := x.Memory(); v.State < leak.Suspect || x.Ended != (x.ID.PID == 1) || v.Restarts != int(x.ID.PID-1) || x.Samples != 30 {
			t.Errorf("PID %d, ended %v: %v after %d restarts, %d samples", x.ID.PID, x.Ended, v.State, v.Restarts, x.Samples)
		}
	}
}

func TestAbsentMemoryIsNotZero(t *testing.T) {
	sample := memory.Sample{ID: process.ID{PID: 9}}
	tally := New()
	secret := sampler.Service{Name: "secret", Instances: []sampler.Instance{{Sample: &sample}}}
	secret.Total.Add(&sample)
	tally.Observe(noon, []sampler.Service{secret})
	if all := tally.Summaries(); len(all) != 0 {
		t.Errorf("an unreadable process was accounted for: %+v", all[0].Account)
	}
}

// A shell that becomes a bot (exec) is the bot's from then on, and its step in size is no
// growth of either.
func TestAnotherProgramInTheSameLife(t *testing.T) {
	all := watch(30, 30*time.Second, func(i int) []seen {
		if i < 10 {
			return []seen{{"sh", 7, 1e6}, {"bot", 1, 50e6}}
		}
		return []seen{{"bot", 7, 60e6}, {"bot", 1, 50e6}}
	}).Summaries()
	sh, bot := summaryOf(t, all, "sh"), summaryOf(t, all, "bot")
	if sh.Growth != 0 || sh.Living != 0 || sh.Ended != 1 || sh.End != 1e6 {
		t.Errorf("sh: growth %.0f, living %d, ended %d, end %.0f", sh.Growth, sh.Living, sh.Ended, sh.End)
	}
	if bot.Growth != 0 || bot.Living != 2 || bot.Begun != 1 || bot.End != 110e6 {
		t.Errorf("bot: growth %.0f, living %d, begun %d, end %.0f", bot.Growth, bot.Living, bot.Begun, bot.End)
	}
}

// What finds no room is counted as services, not as services times readings.
func TestUntrackedCountsServices(t *testing.T) {
	tally := watch(20, 30*time.Second, func(int) []seen {
		var list []seen
		for pid := range int32(MaxServices + 3) {
			list = append(list, seen{fmt.Sprint("s", pid), pid + 1, 5e6})
		}
		return list
	})
	if tally.Untracked() != 3 {
		t.Errorf("%d services are untracked, want 3", tally.Untracked())
	}
}

// A leak among a thousand larger processes is judged as soon as it grows.
func TestDetectorsGoToTheLargestAndTheFastest(t *testing.T) {
	tally := watch(60, 30*time.Second, func(round int) []seen {
		var list []seen
		for pid := int32(1); pid <= 1000; pid++ {
			list = append(list, seen{"worker", pid, 100e6 + float64(pid)})
		}
		return append(list, seen{"leaker", 5000, 1e6 + 2e6*float64(round)})
	})
	if tally.Judged() != MaxJudged {
		t.Errorf("%d processes are judged, want %d", tally.Judged(), MaxJudged)
	}
	s := summaryOf(t, tally.Summaries(), "leaker")
	if s.State < leak.Suspect {
		t.Errorf("the leaker is %v, %d instances are judged", s.State, len(s.Instances))
	}
}

// Processes that change places in the ranking with their noise keep their histories.
func TestNoiseThrowsNoHistoryAway(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	tally := watch(50, 30*time.Second, func(int) []seen {
		var list []seen
		for pid := range int32(300) {
			list = append(list, seen{"worker", pid + 1, 100e6 + 1e6*float64(pid%10) + 250e3*random.Float64()})
		}
		return list
	})
	s := summaryOf(t, tally.Summaries(), "worker")
	if len(s.Instances) != MaxJudged {
		t.Fatalf("%d instances are judged", len(s.Instances))
	}
	for _, x := range s.Instances {
		if x.Samples != 50 {
			t.Fatalf("PID %d was judged in %d of 50 rounds", x.ID.PID, x.Samples)
		}
	}
}

// Whatever comes and goes, the account stays within its bounds and its sums are right.
func TestBoundsHoldUnderChurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tally := New()
		var s scene
		for round := range rapid.IntRange(1, 30).Draw(t, "rounds") {
			var list []seen
			total := 0.0
			for pid := range rapid.Int32Range(0, 300).Draw(t, "processes") {
				if rapid.IntRange(0, 3).Draw(t, "alive") == 0 {
					continue
				}
				private := float64(rapid.IntRange(0, 1<<30).Draw(t, "private"))
				list = append(list, seen{fmt.Sprint("s", pid%7), pid + int32(round/3)*1000, private})
				total += private
			}
			tally.Observe(noon.Add(time.Duration(round)*time.Minute), s.show(list))
			if tally.Judged() > MaxJudged || len(tally.ended) > MaxEnded || len(tally.waiting) > MaxWaiting || len(tally.lives) != len(list) {
				t.Fatalf("%d judged, %d ended, %d waiting, %d lives of %d", tally.Judged(), len(tally.ended), len(tally.waiting), len(tally.lives), len(list))
			}
			if tally.Total() != total {
				t.Fatalf("the total is %.0f, want %.0f", tally.Total(), total)
			}
			if n := tally.counting(); n > MaxCounting {
				t.Fatalf("%d detectors for descriptors and threads", n)
			}
			carried := 0
			for _, l := range tally.lives {
				if l.judges != nil {
					carried++
				}
			}
			if carried != tally.Judged() {
				t.Fatalf("%d instances have detectors, %d are counted", carried, tally.Judged())
			}
		}
	})
}

// A machine on which names and PIDs come and go must not grow the account. (make test
// takes a tenth of the rounds, make soak all of them: four days at a reading every 30 s.)
func TestHeapStaysFlatUnderChurn(t *testing.T) {
	const processes = 1000
	rounds := 1000
	if os.Getenv("ZOL0_SOAK") != "" {
		rounds = 10_000
	}
	random := rand.New(rand.NewPCG(3, 4))
	tally := New()
	var s scene
	list := make([]seen, processes)
	for i := range list {
		list[i] = seen{fmt.Sprint("service-", i%60), int32(i + 1), 50e6}
	}
	next := int32(processes + 1)
	heapAfter := func(from, to int) uint64 {
		for round := from; round < to; round++ {
			for range 5 {
				i := random.IntN(processes)
				list[i] = seen{fmt.Sprint("job-", next), next, 10e6}
				next++
			}
			tally.Observe(noon.Add(time.Duration(round)*30*time.Second), s.show(list))
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	early := heapAfter(0, rounds/5)
	late := heapAfter(rounds/5, rounds)
	if late > early+256<<10 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
	if late > 6<<20 {
		t.Errorf("the heap holds %d bytes", late)
	}
	// A service that is new late in the watch is not left out for names that are gone.
	list[0] = seen{"late", next, 30e6}
	tally.Observe(noon.Add(time.Duration(rounds)*30*time.Second), s.show(list))
	if summaryOf(t, tally.Summaries(), "late").Living != 1 {
		t.Error("the late service has no living instance")
	}
	if tally.Untracked() == 0 {
		t.Error("thousands of names fitted into the bound of services: the test churns too little")
	}
	runtime.KeepAlive(tally)
}
