package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// hostile labels are what a process may be named.
var hostile = []string{`quote " and \ back`, "new\nline\tand\x1b[31mred", "=cmd|' /C calc'!A0", "żółć 日本 \u202e", "{}[],:", strings.Repeat("x", 256)}

// recorded is a store as a daemon leaves it: the open hour in frames, the ones before it in
// chunks, services, a process, the machine and gauges with hostile labels.
func recorded(t *testing.T) *store.Store {
	t.Helper()
	s := open(t)
	r := rand.New(rand.NewPCG(1, 2))
	var owners []store.OwnerID
	add := func(k store.Kind, pairs ...string) {
		labels, err := store.NewLabels(pairs...)
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.OwnerOf(k, labels, noon.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		owners = append(owners, id)
	}
	add(store.Host)
	add(store.Service, "service", "bot")
	add(store.Process, "service", "bot", "pid", "812", "name", "python3", "start", "99")
	for i, text := range hostile {
		add(store.Gauge, "__name__", fmt.Sprintf("g%d", i), "label", text)
		add(store.Service, "service", text)
	}
	for i := range 900 {
		var beat, minute []store.Sample
		for _, o := range owners {
			beat = append(beat, store.Sample{Series: store.SeriesOf(o, 0), Value: float64(r.IntN(1e9)) / 3})
			if i%12 == 0 {
				minute = append(minute, store.Sample{Series: store.SeriesOf(o, store.Code(memory.Virtual)), Value: math.Pow(2, float64(r.IntN(200)-100))})
			}
		}
		if err := s.Append(noon.Add(time.Duration(i)*5*time.Second), beat, minute); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// everything is each series of a store with its points, in words.
func everything(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	all, err := s.OwnersAfter(context.Background(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		for c := range store.Code(32) {
			var text strings.Builder
			err := s.Points(context.Background(), store.SeriesOf(o.ID, c), 0, math.MaxInt64, func(p store.Point) bool {
				fmt.Fprintf(&text, "%d:%x ", p.T, math.Float64bits(p.Value))
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			if text.Len() > 0 {
				out[fmt.Sprint(o.Kind, o.Labels, c)] = text.String()
			}
		}
	}
	return out
}

func equal(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d series, want %d", len(got), len(want))
	}
	for name, points := range want {
		if got[name] != points {
			t.Errorf("%s differs: %.200s and %.200s", name, got[name], points)
		}
	}
}

// take imports text and returns the report with everything that was told to be bad.
func take(t *testing.T, s *store.Store, name, text string, o Options) (Report, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var bad []string
	if o.Now.IsZero() {
		o.Now = noon.Add(90 * time.Minute)
	}
	o.Bad = func(err error) { bad = append(bad, err.Error()) }
	r, err := Import(context.Background(), s, path, nil, o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.BadRows != int64(len(bad)) {
		t.Errorf("%d bad rows were counted, %d told", r.BadRows, len(bad))
	}
	return r, bad
}

// What is exported and imported into an empty store is the same, and the second time changes
// nothing, in the store it came from neither.
func TestJSONLinesRoundTrip(t *testing.T) {
	from, into := recorded(t), open(t)
	var text bytes.Buffer
	done, err := JSONLines(context.Background(), from, Selection{}, &text)
	if err != nil {
		t.Fatal(err)
	}
	want := everything(t, from)
	if int(done.Series) != len(want)-unnamed(want) || done.Points == 0 {
		t.Errorf("%+v of %d series", done, len(want))
	}
	for name := range want {
		if strings.HasPrefix(name, "gauge") && strings.HasSuffix(name, " 7") {
			delete(want, name) // a gauge has one series
		}
	}
	for round, s := range []*store.Store{into, into, from} {
		r, bad := take(t, s, "export.jsonl", text.String(), Options{})
		if r.Points != done.Points || (r.New > 0) != (round == 0) || len(bad) > 0 {
			t.Errorf("round %d: %+v %q", round, r, bad)
		}
	}
	equal(t, everything(t, into), want)
}

// unnamed counts the second series of gauges, which have no name.
func unnamed(all map[string]string) (n int) {
	for name := range all {
		if strings.HasPrefix(name, "gauge") && strings.HasSuffix(name, " 7") {
			n++
		}
	}
	return n
}

func TestLinesOfAnExportAreBounded(t *testing.T) {
	s := open(t)
	var rows strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&rows, "{\"metric\":{\"__name__\":\"x\"},\"values\":[%d],\"timestamps\":[%d]}\n", i, noon.UnixMilli()+int64(i)*100)
	}
	take(t, s, "x.jsonl", rows.String(), Options{})
	var text bytes.Buffer
	done, err := JSONLines(context.Background(), s, Selection{}, &text)
	if err != nil || done.Points != 25_000 || strings.Count(text.String(), "\n") != 3 {
		t.Errorf("%+v in %d lines (%v)", done, strings.Count(text.String(), "\n"), err)
	}
}

func TestSelection(t *testing.T) {
	s := recorded(t)
	for _, c := range []struct {
		sel            Selection
		series, points int64
	}{
		{Selection{Kind: store.Process}, 2, 975},
		{Selection{Metric: "zol0_service_private_bytes"}, 7, 6300},
		{Selection{Metric: "g1"}, 1, 900},
		{Selection{Match: []store.Label{{Name: "service", Value: "bot"}}}, 4, 1950},
		{Selection{Match: []store.Label{{Name: "service", Value: "bot"}, {Name: "pid", Value: "812"}}, Metric: "zol0_process_private_bytes", From: noon.UnixMilli() + 10_000, To: noon.UnixMilli() + 20_000}, 1, 3},
		{Selection{From: noon.Add(48 * time.Hour).UnixMilli()}, 0, 0},
	} {
		var out bytes.Buffer
		done, err := JSONLines(context.Background(), s, c.sel, &out)
		if err != nil || done.Series != c.series || done.Points != c.points {
			t.Errorf("%+v gives %+v (%v)", c.sel, done, err)
		}
	}
}

// The CSV of services is read by package trace as zol0's own, and comes back as it was.
func TestCSVRoundTrip(t *testing.T) {
	from, into := recorded(t), open(t)
	var text bytes.Buffer
	done, err := CSV(context.Background(), from, Selection{}, &text)
	if err != nil {
		t.Fatal(err)
	}
	if done.Series != 14 || done.LeftOut == 0 {
		t.Errorf("%+v", done)
	}
	all, err := trace.Read(bytes.NewReader(text.Bytes()), trace.Options{Name: "f"})
	if err != nil || len(all) != 7 || all[0].Metric != "private" || len(all[0].Points) != 900 {
		t.Errorf("trace reads %d series (%v)", len(all), err)
	}
	for round := range 2 {
		r, bad := take(t, into, "export.csv", text.String(), Options{})
		if (r.New > 0) != (round == 0) || len(bad) > 0 || r.Points != done.Points {
			t.Errorf("round %d: %+v %q, want %+v", round, r, bad, done)
		}
	}
	bot := func(all map[string]string) map[string]string {
		out := map[string]string{}
		for name, points := range all {
			if strings.HasPrefix(name, "service [{service bot}]") {
				out[name] = points
			}
		}
		return out
	}
	want := bot(everything(t, from))
	if len(want) != 2 {
		t.Fatalf("%d series of the bot", len(want))
	}
	equal(t, bot(everything(t, into)), want)
}

// A writer that fails ends the export with its error.
func TestExportOfAFullDisk(t *testing.T) {
	full := errors.New("no space left on device")
	for name, export := range map[string]func(context.Context, *store.Store, Selection, *failing) error{
		"jsonl": func(ctx context.Context, s *store.Store, sel Selection, w *failing) error {
			_, err := JSONLines(ctx, s, sel, w)
			return err
		},
		"csv": func(ctx context.Context, s *store.Store, sel Selection, w *failing) error {
			_, err := CSV(ctx, s, sel, w)
			return err
		},
	} {
		if err := export(context.Background(), recorded(t), Selection{}, &failing{full}); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f *failing) Write([]byte) (int, error) { return 0, f.err }
