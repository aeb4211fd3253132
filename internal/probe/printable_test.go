package probe

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/process"
)

// All scanners take the name that is shown from here.
func TestNamesWithoutSecrets(t *testing.T) {
	for _, test := range []struct{ comm, want string }{
		{"python3", "python3"},
		{"", "?"},
		{"a\nb", "a?b"},
		{"PASSWORD=hunter", "PASSWORD=***"},
		{"my --token SECR", "my --token ***"},
		{"x\x1bTOKEN=hunter", "x?TOKEN=***"},
		{"TOKEN=a\xffb", "TOKEN=***"},
	} {
		pop := newPopulation()
		id := process.ID{PID: 7, Start: 1}
		comm := []byte(test.comm)
		pop.begin()
		if got := pop.meet(id, comm, time.Second).name; got != test.want {
			t.Errorf("%q is shown as %q, want %q", test.comm, got, test.want)
		}
		if allocs := testing.AllocsPerRun(10, func() { pop.meet(id, comm, time.Minute) }); allocs != 0 {
			t.Errorf("%q: %v allocations in a steady scan", test.comm, allocs)
		}
	}
}
