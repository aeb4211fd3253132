package top

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zol0/zol0/leak"
)

// Key is what the table is ordered by: the largest or worst first, names from A to Z.
type Key uint8

// The keys, in the order in which one key press leads to the next.
const (
	ByGrowth Key = iota
	ByPrivate
	ByRSS
	BySwap
	ByCPU
	ByThreads
	ByFDs
	ByUptime
	ByName
	ByStatus
	keyCount
)

var keyWords = [keyCount]string{"growth", "private", "rss", "swap", "cpu", "threads", "fds", "uptime", "name", "status"}

// String is the key's word on the command line and on the screen.
func (k Key) String() string { return keyWords[k] }

// KeyWords are the words ParseKey takes.
func KeyWords() []string { return slices.Clone(keyWords[:]) }

// ParseKey reads a key's word.
func ParseKey(word string) (Key, error) {
	if i := slices.Index(keyWords[:], word); i >= 0 {
		return Key(i), nil
	}
	return 0, fmt.Errorf("cannot sort by %q: the keys are %s", word, strings.Join(keyWords[:], ", "))
}

// next is the key that steps further on, round and round.
func (k Key) next(steps int) Key {
	return Key((int(k) + steps + int(keyCount)) % int(keyCount))
}

// row is what services and instances have in common for the order.
type row struct {
	*usage
	verdict *verdict
	status  uint8
}

// compare orders two rows. Rows that are equal by the key go by their size.
func (k Key) compare(a, b row) int {
	order := 0
	switch k {
	case ByGrowth:
		order = cmp.Or(cmp.Compare(b.alarm(), a.alarm()), cmp.Compare(b.realGrowth(), a.realGrowth()))
	case ByRSS:
		order = descending(a.rss, b.rss)
	case BySwap:
		order = descending(a.swap, b.swap)
	case ByCPU:
		order = cmp.Compare(knownCPU(b.cpu), knownCPU(a.cpu))
	case ByThreads:
		order = descending(a.threads, b.threads)
	case ByFDs:
		order = descending(a.fds, b.fds)
	case ByUptime:
		order = cmp.Compare(b.age, a.age)
	case ByStatus:
		order = cmp.Compare(b.status, a.status)
	case ByName: // the caller's tie-break
		return 0
	}
	return cmp.Or(order, descending(a.private, b.private))
}

// descending puts unknown figures last.
func descending(a, b figure) int {
	switch {
	case a.known != b.known:
		if a.known {
			return -1
		}
		return 1
	}
	return cmp.Compare(b.value, a.value)
}

func knownCPU(v float64) float64 {
	if math.IsNaN(v) {
		return -1
	}
	return v
}

// alarm lifts suspect and leaking rows above all that merely grew.
func (r row) alarm() leak.State {
	if r.verdict.given() && r.verdict.state >= leak.Suspect {
		return r.verdict.state
	}
	return 0
}

// What a garbage collector or an allocator moves for nothing, and what is noise for a
// large process.
const (
	noiseBytes = 1e6
	noiseShare = 0.02
)

// realGrowth is the growth, 0 where it is within what an allocator moves for nothing: by
// the noise the table would be in another order each time.
func (r row) realGrowth() float64 {
	noise := max(noiseBytes, noiseShare*r.private.value)
	if !r.growth.known || math.Abs(r.growth.value) < noise {
		return 0
	}
	return r.growth.value
}
