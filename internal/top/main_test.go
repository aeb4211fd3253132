package top

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/sampler"
)

// roleVariable makes the test binary play a part of its own, as a process that the view
// watches or as a view that fails.
const roleVariable = "ZOL0_TOP_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "idle":
		io.Copy(io.Discard, os.Stdin) //nolint:errcheck // the end of the input, in whatever way, ends it
	case "grow":
		grow()
	case "panic":
		os.Exit(showAndPanic())
	}
}

// grow takes 1 MB of memory ten times a second and keeps it, up to 80 MB, until the input
// ends.
func grow() {
	done := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin) //nolint:errcheck // see above
		close(done)
	}()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var kept [][]byte
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if len(kept) == 80 {
				continue
			}
			block := make([]byte, 1<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			kept = append(kept, block)
		}
	}
}

// broken is a machine that panics at its second reading.
type broken struct {
	play  *play
	taken int
}

func (b *broken) Take(now time.Time) (*sampler.Snapshot, error) {
	if b.taken++; b.taken == 2 {
		panic("BUG: made for a test")
	}
	return b.play.Take(now)
}

// showAndPanic runs a view on the real terminal whose reader panics.
func showAndPanic() int {
	p := &play{actors: theCast(), began: time.Now()}
	err := Run(context.Background(), Options{
		Machine: &broken{play: p}, Source: func() string { return "procfs" }, Now: time.Now, Interval: 300 * time.Millisecond,
		In: os.Stdin, Out: os.Stdout, Env: os.LookupEnv,
	})
	fmt.Printf("Run returned: %v\n", err)
	return 0
}
