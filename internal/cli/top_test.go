package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestTheLogWaitsForTheScreen: what is logged while the view is shown is told afterwards,
// in its order, and never without bound.
func TestTheLogWaitsForTheScreen(t *testing.T) {
	var stderr bytes.Buffer
	log := &heldLog{to: &stderr}
	fmt.Fprintln(log, "before") //nolint:errcheck // a buffer
	log.hold()
	fmt.Fprintln(log, "during") //nolint:errcheck // a buffer
	if got := stderr.String(); got != "before\n" {
		t.Fatalf("while the view is shown the terminal was sent %q", got)
	}
	for range 2 * maxHeld / 100 {
		fmt.Fprintln(log, strings.Repeat("x", 99)) //nolint:errcheck // a buffer
	}
	if log.kept.Len() > maxHeld {
		t.Errorf("%d bytes are kept", log.kept.Len())
	}
	if log.release() != &stderr {
		t.Error("another writer came back")
	}
	fmt.Fprintln(log, "after") //nolint:errcheck // a buffer
	got := stderr.String()
	if !strings.HasPrefix(got, "before\nduring\nxxx") || !strings.HasSuffix(got, "x\nzol0: more was logged than could be kept while the view was shown\nafter\n") {
		t.Errorf("in the end the terminal has %q … %q", got[:20], got[len(got)-100:])
	}
}
