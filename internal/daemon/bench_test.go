package daemon

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// crowd is a machine of so many processes in so many services, of which a third is restless.
func crowd(processes, services int) *machine {
	m := newMachine()
	m.procs = m.procs[:1]
	for i := range processes {
		size := uint64(10+i%90) << 20
		p := proc{pid: int32(5000 + i), name: fmt.Sprintf("service-%02d", i%services), private: constant(size)}
		if i%3 == 0 {
			p.private = func(age time.Duration) uint64 {
				return size + uint64(age/time.Second*7919%509)*4096
			}
		}
		m.procs = append(m.procs, p)
	}
	return m
}

// BenchmarkServices makes the table of a machine that was watched for two hours.
func BenchmarkServices(b *testing.B) {
	m := crowd(500, 60)
	d, err := Open(Options{Config: settings(b.TempDir()), Clock: m, Machine: m, PID: ownPID})
	if err != nil {
		b.Fatal(err)
	}
	defer d.store.Close() //nolint:errcheck // it goes with the benchmark
	beat := func() {
		if err := d.beat(d.moment()); err != nil {
			b.Fatal(err)
		}
		m.pass(5 * time.Second)
	}
	for range 1440 {
		beat()
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		beat()
		b.StartTimer()
		if _, err := json.Marshal(d.Services()); err != nil {
			b.Fatal(err)
		}
	}
}
