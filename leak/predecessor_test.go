package leak

import (
	"math"
	"math/rand/v2"
	"testing"
)

// livesOf observes lives of the given rates per hour, each with a warm-up, 12 h long but
// for the last, which lasts as told.
func livesOf(seed uint64, last float64, rates ...float64) *Detector {
	d := New(Memory())
	random := rand.New(rand.NewPCG(seed, 9))
	now := 0.0
	for i, rate := range rates {
		if i > 0 {
			d.Restart(now)
		}
		length := 12.0 * 3600
		if i == len(rates)-1 {
			length = last
		}
		for t := 0.0; t <= length; t += 300 {
			d.Observe(now+t, 200e6-80e6*math.Exp(-t/3600)+rate*t/3600+4e5*random.NormFloat64())
		}
		now += length + 60
	}
	return d
}

func TestLives(t *testing.T) {
	d := New(Memory())
	if n := len(d.Lives()); n != 0 {
		t.Errorf("%d lives before the first", n)
	}
	d = livesOf(1, 12*3600, 9e6, 0, 4e6)
	lives := d.Lives()
	if len(lives) != 2 {
		t.Fatalf("%d lives, want the two that ended", len(lives))
	}
	if lives[0].Rate > 2e6 || lives[1].Rate < 8e6 || lives[1].Rate > 14e6 || lives[0].Span != 12*3600 {
		t.Errorf("lives %+v, want the newest first: one that grew little, one that grew by 9 MB/h", lives)
	}
	lives[0].Rate = 1e12
	if d.Lives()[0].Rate == 1e12 {
		t.Error("who changes the list changes the detector")
	}
}

func TestAgainstLives(t *testing.T) {
	for _, test := range []struct {
		name  string
		rates []float64
		last  float64
		want  Comparison
	}{
		{"healthy as ever", []float64{0, 0, 0, 0, 0}, 13 * 3600, Same},
		{"healthy, and older than ever", []float64{0, 0, 0, 0, 0}, 23 * 3600, Same},
		{"leaks as ever", []float64{9e6, 9.1e6, 9e6, 8.9e6, 9e6}, 13 * 3600, Same},
		{"a new leak", []float64{0, 0, 0, 0, 9e6}, 13 * 3600, Worse},
		{"a fix", []float64{9e6, 9e6, 9e6, 9e6, 0}, 20 * 3600, Better},
		{"lives that differ among themselves", []float64{1e6, 12e6, 3e6, 9e6, 9e6}, 13 * 3600, Same},
		{"younger than they became", []float64{0, 0, 0, 0, 9e6}, 10 * 3600, Incomparable},
		{"far older than they became", []float64{0, 0, 0, 0, 9e6}, 60 * 3600, Incomparable},
		{"one earlier life", []float64{0, 9e6}, 13 * 3600, Incomparable},
		{"the first life", []float64{9e6}, 13 * 3600, Incomparable},
	} {
		right := 0
		const seeds = 3
		for seed := range uint64(seeds) {
			c := livesOf(seed, test.last, test.rates...).AgainstLives()
			if c.Word == test.want {
				right++
			} else {
				t.Logf("%s, seed %d: %s", test.name, seed, c.Sentence(megabytes))
			}
			if c.Word == Incomparable && len(c.Caveats) == 0 {
				t.Errorf("%s: unknown without a reason", test.name)
			}
		}
		if right < seeds-1 {
			t.Errorf("%s: %v for %d of %d seeds", test.name, test.want, right, seeds)
		}
	}
	said := livesOf(1, 13*3600, 0, 9e6).AgainstLives().Sentence(nil)
	if said != "Unknown: the present life (13 h) has outlived one earlier life only of at least half its length: two are needed." {
		t.Errorf("said %q", said)
	}
}
