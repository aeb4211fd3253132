package detect

import (
	"testing"

	"github.com/zol0/zol0/leak"
)

func TestOptionsByMetricAndUnit(t *testing.T) {
	for _, c := range []struct {
		metric, unit string
		want         leak.Options
	}{
		{"private", Bytes, leak.Memory()},
		{"shmem", Bytes, leak.SharedMemory()},
		{"rss", Bytes, leak.Memory()},
		{"uss", Bytes, leak.Memory()},
		{"heap_used", Bytes, leak.Memory()},
		{"fds", Count, leak.Descriptors()},
		{"fds", "", leak.Descriptors()},
		{"threads", Count, leak.Threads()},
		{"go_goroutines", Count, leak.Threads()},
		{"mem_util_percent", "", leak.Options{}},
		{"private", "", leak.Options{}},
		{"shmem", "", leak.Options{}},
	} {
		if got := Options(c.metric, c.unit); got != c.want {
			t.Errorf("%s in %q is judged as %+v, want %+v", c.metric, c.unit, got, c.want)
		}
	}
}
