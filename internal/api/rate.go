package api

import (
	lru "container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxAddresses are remembered; the one longest silent goes for a new one.
	maxAddresses = 1024
	// attemptsAtOnce wrong tokens or passwords are a person who mistypes; after them comes one
	// every attemptEvery, at which a short password takes years.
	attemptsAtOnce = 5
	attemptEvery   = 10 * time.Second
	// v6Bits are what one customer of a provider has at least: whoever has one address of an
	// IPv6 network has all of it.
	v6Bits = 64
)

// rates bounds how often each address may do something. It is safe for concurrent use.
type rates struct {
	limit rate.Limit
	burst int

	mu        sync.Mutex
	addresses map[netip.Addr]*lru.Element
	order     *lru.List // of *rated, the one that came last in front
}

type rated struct {
	address netip.Addr
	bucket  *rate.Limiter
}

func newRates(limit rate.Limit, burst int) *rates {
	return &rates{limit: limit, burst: burst, addresses: make(map[netip.Addr]*lru.Element), order: lru.New()}
}

// take counts one and returns 0, or returns how long the address has to wait, and counts
// nothing.
func (x *rates) take(now time.Time, address netip.Addr) time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	b := x.bucket(address)
	if b.AllowN(now, 1) {
		return 0
	}
	return x.until(b, now)
}

// wait is how long the address has to wait for its next; it counts nothing.
func (x *rates) wait(now time.Time, address netip.Addr) time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.addresses[address]
	if e == nil {
		return 0
	}
	return x.until(e.Value.(*rated).bucket, now)
}

// until is how long it takes until there is one again.
func (x *rates) until(b *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - b.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/float64(x.limit)*float64(time.Second)), 1)
}

func (x *rates) bucket(address netip.Addr) *rate.Limiter {
	if e := x.addresses[address]; e != nil {
		x.order.MoveToFront(e)
		return e.Value.(*rated).bucket
	}
	if len(x.addresses) >= maxAddresses {
		oldest := x.order.Back()
		delete(x.addresses, oldest.Value.(*rated).address)
		x.order.Remove(oldest)
	}
	r := &rated{address, rate.NewLimiter(x.limit, x.burst)}
	x.addresses[address] = x.order.PushFront(r)
	return r.bucket
}

// addressOf is whom a request comes from. What a proxy says of whom it asks for is not
// taken: anybody can say so.
func addressOf(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{} // all that have none are one
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		return netip.PrefixFrom(address, v6Bits).Masked().Addr()
	}
	return address
}
