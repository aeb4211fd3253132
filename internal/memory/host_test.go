package memory

import "testing"

func TestUsedIsTotalLessAvailable(t *testing.T) {
	for _, c := range []struct {
		name string
		host Host
		want Optional[uint64]
	}{
		{"usual", Host{TotalBytes: 1000, AvailableBytes: Present[uint64](400)}, Present[uint64](600)},
		{"nothing left", Host{TotalBytes: 1000, AvailableBytes: Present[uint64](0)}, Present[uint64](1000)},
		{"old kernel that does not say", Host{TotalBytes: 1000}, Optional[uint64]{}},
		// No kernel writes this, but a container may have a meminfo that another program makes up.
		{"more available than there is", Host{TotalBytes: 1000, AvailableBytes: Present[uint64](1001)}, Optional[uint64]{}},
	} {
		if got := c.host.UsedBytes(); got != c.want {
			t.Errorf("%s: used is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAbsentIsNotZero(t *testing.T) {
	var absent Optional[uint64]
	if v, ok := absent.Get(); ok {
		t.Errorf("a figure nobody gave reads as %d", v)
	}
	if v, ok := Present[uint64](0).Get(); !ok || v != 0 {
		t.Errorf("a figure of 0 reads as %d, given %v", v, ok)
	}
}
