package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/alert"
	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/logs"
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
		fmt.Sprintf("and %d an hour at most", alertsPerHour),
		fmt.Sprintf("last %d,000 lines of the daemon's own log from level info up, %d KiB at most", logs.MaxLines/1000, logs.MaxBytes>>10),
		fmt.Sprintf("looks like a leak for %d minutes or more reaches its limit in less than %d h; in less than %d h", int(earliest.Minutes()), int(alert.Soon.Hours()), int(alert.VerySoon.Hours())),
	}
	for rule := range alert.Rules {
		if !strings.Contains(page, "`"+rule.String()+"`") {
			t.Errorf("docs/daemon.md does not have the alert %s", rule)
		}
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

// TestDocumentHasEveryKindOfEvent holds docs/api.md to what goes into the journal.
func TestDocumentHasEveryKindOfEvent(t *testing.T) {
	docs, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, kinds, _ := strings.Cut(string(docs), "\nKinds: ")
	kinds, _, _ = strings.Cut(kinds, "\n\n")
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{"`" + kindRestart + "`": true} // it has a name, for marks know it too
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range regexp.MustCompile(`d\.event\("(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			found["`"+x[1]+"`"] = true
		}
	}
	for kind := range found {
		if !strings.Contains(kinds, kind) {
			t.Errorf("docs/api.md does not have the kind %s", kind)
		}
	}
	if named := len(regexp.MustCompile("`\\w+`").FindAllString(kinds, -1)); named != len(found) || named < 5 {
		t.Errorf("docs/api.md has %d kinds, the daemon %d", named, len(found))
	}
}
