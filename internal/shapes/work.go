package shapes

import "math"

// The work counter.
var (
	// cpuShare is the CPU time per second that the usual load takes: from a service that
	// sleeps to one that keeps two cores busy.
	cpuShare = scope{0.005, 2}
	// cpuNoise is the standard deviation of the CPU time of one interval.
	cpuNoise = scope{0.02, 0.15}
)

// tick is the unit of CPU time in /proc/PID/stat, in seconds (proc_pid_stat(5): sysconf
// _SC_CLK_TCK, 100 on every Linux for user space).
const tick = 0.01

// work returns the CPU seconds of the present life at every sample; NaN when the setting
// publishes none. The counter never falls within a life.
func (k *sketch) work() []float64 {
	out := make([]float64, len(k.t))
	if !k.setting.Work {
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	rng := k.setting.stream("work")
	perSecond := digits(cpuShare.low * math.Exp(rng.Float64()*math.Log(cpuShare.high/cpuShare.low)))
	noise := uniformOf(rng, cpuNoise) * k.setting.Noise
	births, total := k.births, 0.0
	for i := range out {
		// The conversions forbid fused multiply-add, which would round the sum differently
		// on some processors.
		deviation := 1 + float64(noise*rng.NormFloat64())
		total += max(0, float64(perSecond*k.load[i]*k.step(i)*deviation))
		if k.burst != nil {
			total += k.burst[i]
		}
		if len(births) > 0 && births[0] == i {
			births, total = births[1:], 0
		}
		out[i] = math.Round(total/tick) * tick
	}
	return out
}

// spend adds CPU seconds to the interval that ends at sample i.
func (k *sketch) spend(i int, seconds float64) {
	if k.burst == nil {
		k.burst = make([]float64, len(k.t))
	}
	k.burst[i] += milliseconds(seconds)
}
