package probe

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// benchmarkProcesses is a busy server's number of processes.
const benchmarkProcesses = 1000

// BenchmarkScan reports what one process costs in one scan, user and system time together:
//
//	go test -run=^$ -bench=Scan ./internal/probe
func BenchmarkScan(b *testing.B) {
	s, procfs := loadBPF(b)
	for range benchmarkProcesses {
		cmd := exec.Command("sleep", "1000")
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() {
			cmd.Process.Kill() //nolint:errcheck // it sleeps
			cmd.Wait()         //nolint:errcheck // it was killed
		}()
	}
	for _, scanner := range []scanner{s, procfs} {
		b.Run(scanner.source(), func(b *testing.B) {
			b.ReportAllocs()
			var samples []memory.Sample
			scan := func() {
				out, err := scanner.scan(samples)
				if err != nil {
					b.Fatal(err)
				}
				samples = out.Samples
			}
			scan() // the first one allocates
			b.ResetTimer()
			start := cpuTime(b)
			for range b.N {
				scan()
			}
			b.ReportMetric(float64(cpuTime(b)-start)/1e3/float64(b.N)/float64(len(samples)), "cpu-µs/process")
		})
	}
}

// cpuTime is what this process has used so far, in nanoseconds.
func cpuTime(b *testing.B) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return t.Nano()
}

// BenchmarkLoadBPF is what a start with eBPF costs beyond one without.
func BenchmarkLoadBPF(b *testing.B) {
	start := cpuTime(b)
	for range b.N {
		s, _ := loadBPF(b)
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime(b)-start)/1e6/float64(b.N), "cpu-ms/load")
}
