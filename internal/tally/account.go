package tally

import (
	"math"
	"time"
)

// Account is what is known of one service.
type Account struct {
	Name string
	// Start, End, Min and Max are of the private memory of all its instances together,
	// in bytes; Mean and deviation are running figures (Welford 1962).
	Start, End, Min, Max float64
	Samples              int
	First, Last          time.Time
	Growth               float64 // what ended instances gained in their own lives
	Begun, Ended         int     // instances that came and went while watched
	mean, squares        float64
	current              float64
	round                int
	alive                int // living instances
	standing             Standing
}

func (t *Tally) account(name string, at time.Time) *Account {
	a := t.services[name]
	if a == nil {
		if len(t.services) >= MaxServices && !t.makeRoom() {
			return nil
		}
		a = &Account{Name: name, First: at, Min: math.Inf(1), Max: math.Inf(-1)}
		t.services[name] = a
	}
	a.current, a.standing = 0, Standing{}
	return a
}

// Untracked is how many services the bound left out of the account: those that gave way
// to others, and the most that found no room at one time.
func (t *Tally) Untracked() int { return t.forgotten + t.leftOut }

// makeRoom forgets the ended service that was seen least.
func (t *Tally) makeRoom() bool {
	var victim *Account
	for _, a := range t.services {
		if a.alive == 0 && a.round < t.round && (victim == nil || a.Samples < victim.Samples) {
			victim = a
		}
	}
	if victim == nil {
		return false
	}
	delete(t.services, victim.Name)
	t.forgotten++
	return true
}

// add takes in the total of the service at one instant.
func (a *Account) add(v float64, at time.Time) {
	if a.Samples == 0 {
		a.Start = v
	}
	a.Samples++
	a.End, a.Last = v, at
	a.Min, a.Max = min(a.Min, v), max(a.Max, v)
	delta := v - a.mean
	a.mean += delta / float64(a.Samples)
	a.squares += delta * (v - a.mean)
}

// Mean is the mean of the service's total.
func (a *Account) Mean() float64 { return a.mean }

// Deviation is the standard deviation of the service's total; 0 for one sample.
func (a *Account) Deviation() float64 {
	if a.Samples < 2 {
		return 0
	}
	return math.Sqrt(a.squares / float64(a.Samples-1))
}
