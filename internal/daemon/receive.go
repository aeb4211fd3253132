package daemon

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/store"
)

// receiver takes in what other hosts send, where the daemon is a hub. It runs beside the
// beat: the two meet in the store alone, for a transaction at a time.
type receiver struct {
	d    *Daemon
	turn chan struct{} // one message is unpacked at a time

	mu      sync.Mutex
	refused time.Time // when the log said last that something was refused
}

// receiver is what the API takes messages to; nil where the daemon is no hub.
func (d *Daemon) receiver() api.Receiver {
	if !d.config.Daemon.Receive {
		return nil
	}
	return &receiver{d: d, turn: make(chan struct{}, 1)}
}

// sayRefused is the least time between two lines of the log about what was refused: a host
// whose clock is wrong sends every five seconds.
const sayRefused = time.Minute

// Receive takes in one message of remote write.
func (r *receiver) Receive(ctx context.Context, body []byte) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	all, err := remote.Decode(body, remote.DefaultLimits)
	if err != nil {
		return r.reject(err)
	}
	receipt, err := r.d.store.Receive(r.d.clock.Now(), all)
	if err != nil {
		return err
	}
	if receipt.Refused() > 0 {
		return r.reject(explained(&receipt))
	}
	return nil
}

// explained says how much was refused, and why the first of it.
func explained(x *store.Receipt) error {
	return fmt.Errorf("%d samples are refused and %d were taken in; the first: %w", x.Refused(), x.Samples+x.Duplicates, x.Why)
}

// reject says in the log what is refused, now and then.
func (r *receiver) reject(err error) error {
	now := r.d.clock.Now()
	r.mu.Lock()
	say := r.refused.IsZero() || now.Sub(r.refused) >= sayRefused
	if say {
		r.refused = now
	}
	r.mu.Unlock()
	if say {
		r.d.log.Warn("refused what another host sent", "why", err)
	}
	return &api.Rejection{Err: err}
}

// ofMachine narrows a choice of owners to those of this machine: what a hub received of other
// hosts has names of services in common with it. Whoever asks for a host by its label
// (match, which may be nil) gets what was received.
func ofMachine(match map[string]string, fits func(store.Labels) bool) func(store.Labels) bool {
	_, asked := match["host"]
	return func(l store.Labels) bool { return (asked || !store.IsReceived(l)) && fits(l) }
}
