package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// owner has every metric of its kind.
func owner(k store.Kind, pairs ...string) Owner {
	o := Owner{Kind: k}
	for i := 0; i < len(pairs); i += 2 {
		o.Labels = append(o.Labels, store.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	for c := range o.Values {
		o.Values[c] = math.NaN()
	}
	for i, m := range store.Metrics(k) {
		o.Values[m.Code] = float64(i) + .5
	}
	return o
}

// input is a daemon with so many services and instances.
func input(services, instances int) *Input {
	at, seconds, size := time.Unix(1772359200, 0), .004, uint64(20<<20)
	in := &Input{
		Self: wire.Self{
			Version: "test", Reader: "procfs", StartTime: at,
			Beat:   wire.SelfBeat{Number: 7, Time: &at, IntervalSeconds: 5, LastSeconds: &seconds, MedianSeconds: &seconds, LongestSeconds: &seconds},
			Steps:  []wire.StepCost{{Name: "sample", TotalSeconds: 1.5, Errors: 2}, {Name: "judge", TotalSeconds: .5}},
			Engine: &wire.EngineState{Write: true, Read: true, WaitingBytes: 4096, WaitingRecords: 2, SentRecords: 9, FailedReads: 3},
		},
		Store:  StoreCounts{FileBytes: &size, LogBytes: &size, CapBytes: 512 << 20, Samples: 12345},
		Owners: []Owner{owner(store.Host)},
	}
	in.Self.Memory.PrivateBytes, in.Self.Memory.RSSBytes, in.Self.Memory.BudgetBytes = &size, &size, 40<<20
	for i := range services {
		in.Owners = append(in.Owners, owner(store.Service, "service", fmt.Sprintf("service-%d", i)))
	}
	for i := range instances {
		in.Owners = append(in.Owners, owner(store.Process, "service", "many", "pid", fmt.Sprint(i+1), "start", "99"))
	}
	return in
}

func written(t *testing.T, in *Input) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, in); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func parsed(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus's parser says %v", err)
	}
	return all
}

func TestEveryFigureIsThere(t *testing.T) {
	in := input(3, 2)
	in.Owners[1].Values[store.VerdictState] = 4
	in.Owners[2].Values[store.VerdictLimitIn] = math.NaN()
	all := parsed(t, written(t, in))
	for kind, want := range map[store.Kind]int{store.Host: 1, store.Service: 3, store.Process: 2} {
		for _, m := range store.Metrics(kind) {
			f, n := all[m.Name], want
			if m.Code == store.VerdictLimitIn && kind == store.Service {
				n-- // one has no forecast
			}
			if len(f.GetMetric()) != n {
				t.Errorf("%s is there %d times, want %d", m.Name, len(f.GetMetric()), n)
				continue
			}
			if counter := f.GetType() == dto.MetricType_COUNTER; counter != m.Cumulative || f.GetHelp() != m.Meaning {
				t.Errorf("%s is a %s: %q", m.Name, f.GetType(), f.GetHelp())
			}
		}
	}
	if v := all["zol0_service_verdict"].Metric[0]; v.GetLabel()[0].GetValue() != "service-0" || v.GetGauge().GetValue() != 4 {
		t.Errorf("the verdict is %v", v)
	}
	if v := all["zol0_self_beats_total"].Metric[0].GetCounter().GetValue(); v != 7 {
		t.Errorf("%v beats", v)
	}
	if v := all["zol0_self_engine_sent_messages_total"].Metric[0].GetCounter().GetValue(); v != 9 {
		t.Errorf("%v messages were sent to the engine", v)
	}
	if v := all["zol0_self_engine_failed_reads_total"].Metric[0].GetCounter().GetValue(); v != 3 {
		t.Errorf("%v questions were not answered", v)
	}
	if steps := all["zol0_self_step_seconds_total"].Metric; len(steps) != 2 || steps[1].GetLabel()[0].GetValue() != "sample" || steps[1].GetCounter().GetValue() != 1.5 {
		t.Errorf("steps are %v", steps)
	}
	for _, name := range []string{"go_goroutines", "go_memstats_heap_inuse_bytes", "zol0_build_info"} {
		if all[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if runtime.GOOS == "linux" && all["process_resident_memory_bytes"] == nil {
		t.Error("there is no process_resident_memory_bytes")
	}
	for name, f := range all {
		if f.GetType() == dto.MetricType_COUNTER != strings.HasSuffix(name, "_total") && strings.HasPrefix(name, "zol0_") {
			t.Errorf("%s is a %s", name, f.GetType())
		}
	}
}

// TestHostileNames has services whose names would end their line, or the answer.
func TestHostileNames(t *testing.T) {
	names := []string{`a"} 1` + "\n" + `evil_metric 666`, "b\\", `c\n`, "d\xff", "d\xfe", "", "\x1b[2J\r\x00", "# TYPE x counter", strings.Repeat("é", 128)}
	in := &Input{}
	for _, name := range names {
		in.Owners = append(in.Owners, owner(store.Service, "service", name))
	}
	text := written(t, in)
	all := parsed(t, text)
	if all["evil_metric"] != nil || all["x"] != nil {
		t.Fatal("a name became a metric")
	}
	got := map[string]bool{}
	for _, m := range all["zol0_service_private_bytes"].Metric {
		got[m.GetLabel()[0].GetValue()] = true
	}
	if len(got) != len(names)-1 { // the two that are no text are one
		t.Errorf("%d names: %v", len(got), got)
	}
	for _, name := range names {
		if !got[strings.ToValidUTF8(name, "\uFFFD")] {
			t.Errorf("%q is not there", name)
		}
	}
	if n := len(all["zol0_service_private_bytes"].Metric); n != len(names)-1 {
		t.Errorf("%d lines: Prometheus refuses two with the same labels", n)
	}
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("NOT RUN: promtool is not installed (Debian: prometheus)")
	}
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(written(t, input(3, 3)))
	out, err := check.CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestWhatOneAnswerAllocates counts what is allocated for 300 services: it must not depend on
// them but for their names, as objects for each of their figures would.
func TestWhatOneAnswerAllocates(t *testing.T) {
	count := func(services int) float64 {
		in := input(services, 0)
		return testing.AllocsPerRun(3, func() {
			if err := Write(io.Discard, in); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := count(1), count(300)
	if perService := (many - few) / 299; perService > 12 {
		t.Errorf("%.1f allocations for each service of %d figures", perService, len(store.Metrics(store.Service)))
	}
	t.Logf("%.0f allocations for one service, %.0f for 300", few, many)
}

type broken struct{ left int }

var errGone = errors.New("nobody reads")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errGone
	}
	return len(p), nil
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	for _, left := range []int{0, 1 << 17} {
		if err := Write(&broken{left}, input(300, 0)); !errors.Is(err, errGone) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	in := input(300, 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, in); err != nil {
			b.Fatal(err)
		}
	}
}
