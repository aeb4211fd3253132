package probe

import (
	"time"

	"github.com/zol0/zol0/internal/process"
)

// StallBudget limits how long reading PSS may keep processes from changing their mappings:
// at most StallAllowance of each process in any StallWindow. Callers ask before a read and
// settle after it:
//
//	if grant := budget.Ask(now, id, rss); grant.OK {
//		pss, err := reader.PSS(id)
//		…
//		budget.Settle(now, id, grant, pss)
//	}
//
// What a read will cost is predicted. One that took longer than predicted leaves a debt,
// which is paid by waiting: whenever a read is granted, all stalls up to then and the new
// one together are within the allowance of the time that passed, plus one. A read that took
// less than predicted gives nothing back: the next prediction is lower.
//
// The zero value is ready for use. It is not safe for use by several goroutines at once.
type StallBudget struct {
	accounts map[process.ID]*account
	// epoch is the first time that was ever passed in; all others are counted from it.
	epoch time.Time
	total time.Duration
}

const (
	// StallAllowance is 1/3000 of the time. A server that answers in 20 ms at the 99th
	// percentile can lose one request to it in a minute.
	StallAllowance = 20 * time.Millisecond
	// StallWindow is the time the allowance is for.
	StallWindow = time.Minute

	// stallPerGiB is what was measured with 4 KiB pages: 10.8 ms at 1 GiB, 38 ms at 4 GiB.
	// Huge pages cost 1/200 of it, which shows after the first read.
	stallPerGiB = 10 * time.Millisecond
	// stallOfAny is what reading a process with next to no memory takes: 35 µs.
	stallOfAny = 35 * time.Microsecond
	// trusted is how long a measured cost stands in for stallPerGiB. It ends because one
	// read that was slowed by chance (a busy machine) would otherwise forbid all others.
	trusted = 10 * time.Minute
	// stallSlot is the grain in which the window moves on: a charge is kept for at least
	// StallWindow and at most one slot longer.
	stallSlot  = 5 * time.Second
	stallSlots = int64(StallWindow/stallSlot) + 1
)

// account is what one process was charged: about 200 bytes.
type account struct {
	// slots hold the charges of the last slots; slot n of all time stands at n%len.
	slots  [stallSlots]time.Duration
	newest int64
	// clear is when all that was charged, debts too, is paid off at the rate of
	// StallAllowance in StallWindow.
	clear time.Duration
	// perByte is the last measured cost in nanoseconds, valid until trustedUntil.
	perByte      float64
	trustedUntil time.Duration
}

// Grant is the answer to a question for a read.
type Grant struct {
	OK bool
	// Predicted is the stall expected of the read; granted or not.
	Predicted time.Duration
	// Wait is how long to wait before a refused read would be granted, if its size stays
	// what it is. It is 0 when the read is too large to be granted at all: then only a
	// person can order it.
	Wait time.Duration
}

// TooLarge reports a read whose predicted stall is above the whole allowance.
func (g Grant) TooLarge() bool { return !g.OK && g.Wait == 0 }

// Ask says whether id, of whose memory residentBytes are in RAM, may be read now, and
// charges the predicted stall if so.
func (b *StallBudget) Ask(now time.Time, id process.ID, residentBytes uint64) Grant {
	at := b.since(now)
	a := b.account(id)
	a.advance(at)
	grant := Grant{Predicted: a.predict(at, residentBytes)}
	if grant.Predicted > StallAllowance {
		return grant
	}
	if grant.Wait = a.wait(at, grant.Predicted); grant.Wait > 0 {
		return grant
	}
	grant.OK = true
	a.slots[a.newest%stallSlots] += grant.Predicted
	a.clear = max(a.clear, at) + payment(grant.Predicted)
	return grant
}

// Settle records what a read really took; pss is its result, and pss.Stall what counts. A
// read that was ordered without asking is settled with an empty Grant: all of it is debt.
func (b *StallBudget) Settle(now time.Time, id process.ID, grant Grant, pss PSS) {
	at := b.since(now)
	a := b.account(id)
	b.total += pss.Stall
	charged := time.Duration(0)
	if grant.OK {
		charged = grant.Predicted
	}
	if excess := pss.Stall - charged; excess > 0 {
		a.clear = max(a.clear, at) + payment(excess)
	}
	if pss.RSSBytes > 0 {
		a.perByte = float64(max(0, pss.Stall-stallOfAny)) / float64(pss.RSSBytes)
		a.trustedUntil = at + trusted
	}
}

// Spent is what is charged to id for the current window.
func (b *StallBudget) Spent(now time.Time, id process.ID) time.Duration {
	a := b.accounts[id]
	if a == nil {
		return 0
	}
	a.advance(b.since(now))
	return a.spent()
}

// Total is the measured stall of all processes since the start.
func (b *StallBudget) Total() time.Duration { return b.total }

// Keep forgets the processes that are not alive, which bounds the budget by the number of
// living ones.
func (b *StallBudget) Keep(alive func(process.ID) bool) {
	for id := range b.accounts {
		if !alive(id) {
			delete(b.accounts, id)
		}
	}
}

func (b *StallBudget) account(id process.ID) *account {
	a := b.accounts[id]
	if a == nil {
		if b.accounts == nil {
			b.accounts = make(map[process.ID]*account)
		}
		a = &account{}
		b.accounts[id] = a
	}
	return a
}

func (b *StallBudget) since(now time.Time) time.Duration {
	if b.epoch.IsZero() {
		b.epoch = now
	}
	return now.Sub(b.epoch)
}

// advance moves the window on to at. Time that runs backwards stands still.
func (a *account) advance(at time.Duration) {
	slot := int64(at / stallSlot)
	for n := 0; a.newest < slot && n < len(a.slots); n++ {
		a.newest++
		a.slots[a.newest%stallSlots] = 0
	}
	a.newest = max(a.newest, slot)
}

func (a *account) spent() time.Duration {
	sum := time.Duration(0)
	for _, charge := range a.slots {
		sum += charge
	}
	return sum
}

// predict never overflows: a size beyond every machine is too large for any budget.
func (a *account) predict(at time.Duration, residentBytes uint64) time.Duration {
	perByte := float64(stallPerGiB) / (1 << 30)
	if at < a.trustedUntil {
		perByte = a.perByte
	}
	return stallOfAny + time.Duration(min(perByte*float64(residentBytes), float64(time.Hour)))
}

// wait is how long debts and the oldest charges must still run off before cost fits in.
func (a *account) wait(at, cost time.Duration) time.Duration {
	until := max(at, a.clear+payment(cost)-StallWindow)
	spent := a.spent()
	for age := stallSlots - 1; age >= 0 && spent+cost > StallAllowance; age-- {
		slot := a.newest - age
		if slot < 0 {
			continue
		}
		spent -= a.slots[slot%stallSlots]
		until = max(until, time.Duration(slot+stallSlots)*stallSlot)
	}
	return until - at
}

// payment is the time in which the allowance adds up to stall.
func payment(stall time.Duration) time.Duration { return stall * (StallWindow / StallAllowance) }
