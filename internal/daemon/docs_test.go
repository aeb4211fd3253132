package daemon

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/record"
)

// TestDocumentSaysWhatHolds holds the figures of docs/daemon.md to the constants.
func TestDocumentSaysWhatHolds(t *testing.T) {
	text, err := os.ReadFile("../../docs/daemon.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(text)), " ")
	want := []string{
		fmt.Sprintf("with more than %d the rest", record.MaxServices),
		fmt.Sprintf("(%d at most), and the %d largest and %d fastest growing", record.MaxRuled, record.MaxRanked/2, record.MaxRanked/2),
		fmt.Sprintf("At most %d instances begin series within an hour", record.MaxNewPerHour),
		fmt.Sprintf("all but %d judged processes, and pages", coarserJudged),
		fmt.Sprintf("all but %d judged processes |", servicesJudged),
		fmt.Sprintf("within %d s: live clients", int(closing.Seconds())),
		fmt.Sprintf("to %d %% of it", budget.MemoryLimit(100<<20)/(1<<20)),
	}
	for s := budget.NoCaches; s <= budget.NoNewClients; s++ {
		want = append(want, fmt.Sprintf("| `%s` | %d %% |", s, int(s.Share()*100+.5)))
	}
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("docs/daemon.md does not say %q", w)
		}
	}
	every := regexp.MustCompile(`at least every (\w+) seconds`).FindStringSubmatch(page)
	if words := map[string]string{"ten": "10"}; every == nil || words[every[1]] != strconv.Itoa(int(watchdogSlice.Seconds())) {
		t.Errorf("docs/daemon.md says of the watchdog: %q", every)
	}
}
