package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

func number[T uint64 | float64](v T) *T { return &v }

// TestLiveTable shows what a foreign daemon might send too.
func TestLiveTable(t *testing.T) {
	rows := []wire.ServiceRow{
		{
			Name: "bot\x1b[2J", State: "leaking", StateMetric: "private_bytes", Sentence: "Leaking:\nat 4 MB/h", PrivateBytes: number[uint64](812_300_000), Instances: 2, RatedInstances: 1,
			Rate:     &wire.Rate{BytesPerHour: 4.2e6, LowBytesPerHour: 3.6e6, HighBytesPerHour: 4.8e6},
			Forecast: &wire.Outlook{Outlook: "reaches", InSeconds: number(273_600.0)}, CPUPercent: number(1.25), UptimeSeconds: 7200,
		},
		{Name: "api", State: "suspect", StateMetric: "fds", Sentence: "Suspect: maybe.", Instances: 1, Forecast: &wire.Outlook{Outlook: "settles"}},
		{Name: "new", State: "learning", StateMetric: "private_bytes", UptimeSeconds: 1e300},
	}
	var out bytes.Buffer
	if err := liveTable(rows, 0).write(&out, func(_, _ int, cell string) string { return cell }); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(out.String(), "\n")
	for i, want := range []string{
		"SERVICE   VERDICT                PRIVATE MB  RATE MB/H   95 % INTERVAL  LIMIT IN  CPU %    UPTIME  PROCS",
		"bot?[2J   leaking                      812       +4.2*  +3.6 to +4.8     3d 4h    1.2    2h       2",
	} {
		if words := strings.Fields(want); strings.Join(strings.Fields(got[i]), " ") != strings.Join(words, " ") {
			t.Errorf("line %d is %q, want the words of %q", i, got[i], want)
		}
	}
	if !strings.Contains(got[2], "suspect (descriptors)") || strings.Count(got[2], "–") != 5 {
		t.Errorf("what is not known is %q", got[2])
	}
	all := wire.ServiceTable{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Beat: 7, IntervalSeconds: 5, Services: rows}
	notes := liveNotes(false, &all, 4)
	for _, want := range []string{"leaking  bot?[2J: Leaking:?at 4 MB/h\n", "suspect  api: Suspect: maybe.\n", "note     * the rate", "note     3 shown of 4 services\n", "(beat 7, one every 5s)\n"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes have no %q: %s", want, notes)
		}
	}
}

func TestOrderOfServices(t *testing.T) {
	rows := []wire.ServiceRow{{Name: "c", State: "leaking"}, {Name: "b", State: "steady", Kind: "Strategy", PrivateBytes: number[uint64](2)}, {Name: "a", State: "steady", PrivateBytes: number[uint64](3)}}
	for _, test := range []struct {
		flags servicesFlags
		want  string
	}{
		{servicesFlags{sort: "verdict"}, "[c b a]"},
		{servicesFlags{sort: "private"}, "[a b c]"},
		{servicesFlags{sort: "rate"}, "[c b a]"},
		{servicesFlags{sort: "name"}, "[a b c]"},
		{servicesFlags{sort: "verdict", states: []string{"steady", "suspect"}}, "[b a]"},
		{servicesFlags{sort: "verdict", filter: "^(strategy|C)$"}, "[c b]"},
	} {
		choose, err := test.flags.choose()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range choose(rows) {
			names = append(names, r.Name)
		}
		if got := fmt.Sprint(names); got != test.want {
			t.Errorf("%+v makes %s, want %s", test.flags, got, test.want)
		}
	}
	for _, wrong := range []servicesFlags{{sort: "memory"}, {sort: "name", states: []string{"bad"}}, {sort: "name", filter: "("}} {
		if _, err := wrong.choose(); codeOf(err) != exitUsage || hintOf(err) == "" {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestSimilarNames(t *testing.T) {
	names := []string{"nginx", "postgresql", "trading-bot", "app.py [8501]", "zol0"}
	for word, want := range map[string]string{
		"ngnix": "nginx", "NGINX": "nginx", "postgres": "postgresql", "tradingbot": "trading-bot", "app.py": "app.py [8501]", "redis": "", "": "", "xyz": "", "zol": "zol0",
		strings.Repeat("x", 1<<16): "",
	} {
		if got := similar(word, names); got != want {
			t.Errorf("%.20q is like %q, want %q", word, got, want)
		}
	}
}
