package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
)

// values are the samples of the one series of a metric with these labels.
func values(t *testing.T, s *store.Store, metric string, pairs ...string) (out []float64, times []int64) {
	t.Helper()
	all, err := s.OwnersAfter(context.Background(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		sel := Selection{Metric: metric}
		for i := 0; i < len(pairs); i += 2 {
			sel.Match = append(sel.Match, store.Label{Name: pairs[i], Value: pairs[i+1]})
		}
		if !sel.fits(o.Labels) {
			continue
		}
		for _, x := range sel.series(&o) {
			err := s.Points(context.Background(), x.series, 0, math.MaxInt64, func(p store.Point) bool {
				out, times = append(out, p.Value), append(times, p.T)
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return out, times
}

const ownHead = "time,service,kind,watched,pid,start_time,name,status,cpu_percent,uptime_seconds,private_bytes,cpu_seconds,pss_bytes\n"

// A service is the sum of its processes; its counter is what they did since the recording
// began, whoever came and went.
func TestServicesAreSumsOfTheirProcesses(t *testing.T) {
	s := open(t)
	text := ownHead +
		"2026-03-01T12:00:00Z,bot,,true,1,,python3,,,5,100,7,10\n" +
		"2026-03-01T12:00:00Z,bot,,true,2,,python3,,,5,200,1,20\n" +
		"2026-03-01T12:00:05Z,bot,,true,1,,python3,,,10,110,8,10\n" +
		"2026-03-01T12:00:05Z,bot,,true,2,,python3,,,10,,3,\n" +
		"2026-03-01T12:00:05Z,api,,true,3,,python3,,,1,5,0.5,\n" +
		"2026-03-01T12:00:10Z,bot,,true,2,,python3,,,15,220,4,30\n"
	r, bad := take(t, s, "own.csv", text, Options{})
	if len(bad) > 0 || r.Rows != 6 {
		t.Errorf("%+v %q", r, bad)
	}
	for metric, want := range map[string]string{
		"zol0_service_private_bytes": "[300 110 220]", "zol0_service_cpu_seconds_total": "[0 3 4]", "zol0_service_instances": "[2 2 1]", "pss_bytes": "[30 10 30]",
	} {
		if got, _ := values(t, s, metric, "service", "bot"); fmt.Sprint(got) != want {
			t.Errorf("%s is %v, want %s", metric, got, want)
		}
	}
	if got, _ := values(t, s, "zol0_service_cpu_seconds_total", "service", "api"); fmt.Sprint(got) != "[0.5]" {
		t.Errorf("a process that came later did %v", got)
	}
}

func TestTimesWithoutAnOffsetAreOfTheZone(t *testing.T) {
	s := open(t)
	zone := time.FixedZone("east", 2*3600)
	take(t, s, "m.csv", "timestamp,pid,memory_mb,service_type\n2026-03-01 13:30:00.5,1,1,a\n2026-03-01 12:40:00+01:00,1,2,a\n", Options{Zone: zone})
	got, times := values(t, s, "zol0_service_rss_bytes", "service", "a")
	want := []int64{time.Date(2026, 3, 1, 11, 30, 0, 5e8, time.UTC).UnixMilli(), time.Date(2026, 3, 1, 11, 40, 0, 0, time.UTC).UnixMilli()}
	if fmt.Sprint(times) != fmt.Sprint(want) || fmt.Sprint(got) != "[1.048576e+06 2.097152e+06]" {
		t.Errorf("%v at %v, want %v", got, times, want)
	}
}

func TestRecordingsWithoutAServiceBecomeGauges(t *testing.T) {
	s := open(t)
	text := "t_s,heap used,w_kb\n0,1,2\n5,3,4\n"
	o := Options{Start: noon}
	take(t, s, "heap\x1b.csv", text, o)
	got, times := values(t, s, "heap_used", "source", "heap?.csv")
	if fmt.Sprint(got) != "[1 3]" || times[1] != noon.UnixMilli()+5000 {
		t.Errorf("%v at %v", got, times)
	}
	profile := fmt.Sprintf("CMDLINE x\nMEM 1 %d.0\nCHLD 9 2 %d.1\nMEM 3 %d.0\n", noon.Unix(), noon.Unix(), noon.Unix()+1)
	take(t, s, "p.dat", profile, Options{Service: "job"})
	if got, _ := values(t, s, "zol0_service_rss_bytes", "service", "job"); fmt.Sprint(got) != "[1.048576e+06 3.145728e+06]" {
		t.Errorf("the program has %v", got)
	}
	if got, _ := values(t, s, "zol0_process_rss_bytes", "pid", "9"); fmt.Sprint(got) != "[2.097152e+06]" {
		t.Errorf("its child has %v", got)
	}
}

func TestEveryMistakeIsNamed(t *testing.T) {
	s := open(t)
	o := Options{Now: noon}
	many := `{"metric":{"__name__":"x"`
	for i := range 17 {
		many += fmt.Sprintf(`,"l%d":"v"`, i)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{`{"metric":{"a":"b"},"values":[1],"timestamps":[1]}`, []string{"f:1: its labels cannot be kept: __name__ is missing or empty"}},
		{many + `},"values":[1],"timestamps":[1]}`, []string{"f:1: its labels cannot be kept: 18 labels are too many: 16 at most"}},
		{`{"metric":{"__name__":"x","l":"` + strings.Repeat("y", 257) + `"},"values":[1],"timestamps":[1]}`, []string{`f:1: its labels cannot be kept: label "l"="yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" is longer than 256 bytes`}},
		{fmt.Sprintf(`{"metric":{"__name__":"x"},"values":[1,null,2],"timestamps":[%d,1,5]}`, noon.Add(48*time.Hour).UnixMilli()), []string{"f:1: it lies more than a day in the future", "f:1: it is older than what is kept"}},
		{"timestamp,pid,memory_mb,service_type\n2026-03-01 11:00:05,1,1,a\n2026-03-01 11:00:00,1,1,a\n", []string{"f:3: its moment was added up already, or is earlier than the one before it"}},
	} {
		if _, bad := take(t, s, "f", c.text, o); fmt.Sprint(bad) != fmt.Sprint(c.want) {
			t.Errorf("%.60s gives %q, want %q", c.text, bad, c.want)
		}
	}
	for text, want := range map[string]string{
		"": "f: the file is empty", "a,b\n1,2\n": "f:1: the columns are of no format that is recognised", "t_s,v\n": "f: there is not a single figure in it",
		"t_s,v\n1,2\n": "f:2: its times count from the beginning of the recording",
	} {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Import(context.Background(), s, path, nil, Options{Now: noon, Bad: func(err error) { t.Error(err) }})
		var e *trace.Error
		if !errors.As(err, &e) || e.Error() != want || e.Hint == "" {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}

func TestAnImportThatIsCutOffKeepsWhatWasRead(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "{\"metric\":{\"__name__\":\"x\"},\"values\":[%d],\"timestamps\":[%d]}\n", i, noon.UnixMilli()+int64(i))
		if i == 50 {
			text.WriteString("nonsense\n")
		}
	}
	r, err := Import(ctx, s, Stdin, strings.NewReader(text.String()), Options{Now: noon.Add(time.Hour), Bad: func(error) { cancel() }})
	if !errors.Is(err, context.Canceled) || r.New != 51 {
		t.Errorf("%+v and %v", r, err)
	}
	if got, _ := values(t, s, "x"); len(got) != 51 {
		t.Errorf("%d samples", len(got))
	}
}

// The heap does not grow with the file.
func TestMemoryOfAnImportIsBounded(t *testing.T) {
	s := open(t)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := heap(), uint64(0)
	r := &endless{rows: 400_000, each: 100_000, probe: func() { most = max(most, heap()) }}
	out, err := Import(context.Background(), s, Stdin, r, Options{Now: noon.Add(24 * time.Hour), Bad: func(err error) { t.Error(err) }})
	if err != nil || out.Points != 2*400_000 {
		t.Fatalf("%+v (%v)", out, err)
	}
	if grown := int64(most) - int64(before); grown > 8<<20 {
		t.Errorf("%d rows took %d bytes", r.rows, grown)
	}
}

// endless is a recording of one service, and looks at the heap now and then.
type endless struct {
	rows, row, each int
	rest            []byte
	probe           func()
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.row == 0 {
			e.rest = []byte("timestamp,pid,memory_mb,service_type\n")
		}
		if e.row == e.rows {
			return 0, io.EOF
		}
		at := noon.Add(time.Duration(e.row) * 200 * time.Millisecond)
		e.rest = append(e.rest, fmt.Sprintf("%d,%d,%d,bot\n", at.UnixMilli(), 1, e.row%977)...)
		if e.row++; e.row%e.each == 0 {
			e.probe()
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
