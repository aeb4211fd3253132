package backtest

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

const devFolder = "testdata/leakbench/dev"

var (
	none  = math.NaN()
	never = math.Inf(1)
)

// published are the figures of an implementation of the same rules and definitions in
// another language (Python), which produced the same events one by one: count, mem, all. Its
// figures of Coroot's rule are the score of the events made here; it has no such rule.
var published = []struct {
	name   string
	events int
	mem    Figures
	all    Figures
}{
	{"first and last three, live", 455,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 37, FN: 5, FP: 45, Precision: 0.451219512195, Recall: 0.880952380952, F1: 0.596774193548,
			FalseAlarms: 511.85851686, OKDays: 29.1096064815, AlarmShare: 0.658465580909, EndFP: 35, EndRecall: 0.880952380952,
			DetectHours: 1.63330277778, DetectHoursAll: 1.95004861111, Leaked: 0.0514020228168, LeakedAll: 0.0661006488623, SlopeError: none, Slopes: 0},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 39, FN: 7, FP: 45, Precision: 0.464285714286, Recall: 0.847826086957, F1: 0.6,
			FalseAlarms: 511.85851686, OKDays: 29.1096064815, AlarmShare: 0.655366773267, EndFP: 35, EndRecall: 0.847826086957,
			DetectHours: 1.73334722222, DetectHoursAll: 2.06788333333, Leaked: 0.0556176137151, LeakedAll: 0.0872513762373, SlopeError: none, Slopes: 0},
	},
	{"first and last three, at the end", 79,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 37, FN: 5, FP: 35, Precision: 0.513888888889, Recall: 0.880952380952, F1: 0.649122807018,
			FalseAlarms: 120.235222081, OKDays: 29.1096064815, AlarmShare: 0, EndFP: 35, EndRecall: 0.880952380952,
			DetectHours: 11.8333333333, DetectHoursAll: 11.8333444444, Leaked: 0.391559151999, LeakedAll: 0.429428782143, SlopeError: none, Slopes: 0},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 39, FN: 7, FP: 35, Precision: 0.527027027027, Recall: 0.847826086957, F1: 0.65,
			FalseAlarms: 120.235222081, OKDays: 29.1096064815, AlarmShare: 0, EndFP: 35, EndRecall: 0.847826086957,
			DetectHours: 11.833325, DetectHoursAll: 11.8333444444, Leaked: 0.368236563006, LeakedAll: 0.429428782143, SlopeError: none, Slopes: 0},
	},
	{"least squares 6 h, R² > 0.8", 156,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 36, FN: 6, FP: 32, Precision: 0.529411764706, Recall: 0.857142857143, F1: 0.654545454545,
			FalseAlarms: 154.588142676, OKDays: 29.1096064815, AlarmShare: 0.23168240762, EndFP: 9, EndRecall: 0.714285714286,
			DetectHours: 2.05000416667, DetectHoursAll: 2.06679583333, Leaked: 0.100292000439, LeakedAll: 0.118199714021, SlopeError: 0.209478661317, Slopes: 36},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 40, FN: 6, FP: 32, Precision: 0.555555555556, Recall: 0.869565217391, F1: 0.677966101695,
			FalseAlarms: 154.588142676, OKDays: 29.1096064815, AlarmShare: 0.230592086066, EndFP: 9, EndRecall: 0.739130434783,
			DetectHours: 2.04997222222, DetectHoursAll: 2.06652222222, Leaked: 0.0881256493707, LeakedAll: 0.105585847243, SlopeError: 0.254891744935, Slopes: 40},
	},
	{"predict_linear 1 h → 4 h", 320,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 25, FN: 17, FP: 28, Precision: 0.471698113208, Recall: 0.595238095238, F1: 0.526315789474,
			FalseAlarms: 267.952780638, OKDays: 29.1096064815, AlarmShare: 0.0405831426185, EndFP: 1, EndRecall: 0.357142857143,
			DetectHours: 1.575725, DetectHoursAll: 5.365875, Leaked: 0.0952544433737, LeakedAll: 0.233347819863, SlopeError: 0.85616515678, Slopes: 23},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 25, FN: 21, FP: 28, Precision: 0.471698113208, Recall: 0.54347826087, F1: 0.505050505051,
			FalseAlarms: 267.952780638, OKDays: 29.1096064815, AlarmShare: 0.0403921541202, EndFP: 1, EndRecall: 0.326086956522,
			DetectHours: 1.575725, DetectHoursAll: 10.0169736111, Leaked: 0.0952544433737, LeakedAll: 0.367731238226, SlopeError: 0.85616515678, Slopes: 23},
	},
	{"predict_linear 4 h → 4 h", 67,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 20, FN: 22, FP: 13, Precision: 0.606060606061, Recall: 0.47619047619, F1: 0.533333333333,
			FalseAlarms: 48.0940888325, OKDays: 29.1096064815, AlarmShare: 0.0353427367837, EndFP: 0, EndRecall: 0.357142857143,
			DetectHours: 2.55007222222, DetectHoursAll: never, Leaked: 0.211452645743, LeakedAll: never, SlopeError: 0.223684036112, Slopes: 20},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 20, FN: 26, FP: 13, Precision: 0.606060606061, Recall: 0.434782608696, F1: 0.506329113924,
			FalseAlarms: 48.0940888325, OKDays: 29.1096064815, AlarmShare: 0.0351764101814, EndFP: 0, EndRecall: 0.326086956522,
			DetectHours: 2.55007222222, DetectHoursAll: never, Leaked: 0.211452645743, LeakedAll: never, SlopeError: 0.223684036112, Slopes: 20},
	},
	{"Coroot's, 1 h", 91,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 1,
			TP: 10, FN: 32, FP: 15, Precision: 0.4, Recall: 0.238095238095, F1: 0.298507462687,
			FalseAlarms: 65.2705491298, OKDays: 29.1096064815, AlarmShare: 0.0281591454461, EndFP: 1, EndRecall: 0,
			DetectHours: 1.05415138889, DetectHoursAll: never, Leaked: 0.107851264807, LeakedAll: never, SlopeError: 0.77307013035, Slopes: 10},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 1,
			TP: 10, FN: 36, FP: 15, Precision: 0.4, Recall: 0.217391304348, F1: 0.281690140845,
			FalseAlarms: 65.2705491298, OKDays: 29.1096064815, AlarmShare: 0.0280266255732, EndFP: 1, EndRecall: 0,
			DetectHours: 1.05415138889, DetectHoursAll: never, Leaked: 0.107851264807, LeakedAll: never, SlopeError: 0.77307013035, Slopes: 10},
	},
	{"Mann–Kendall and Sen, 6 h", 206,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 41, FN: 1, FP: 49, Precision: 0.455555555556, Recall: 0.97619047619, F1: 0.621212121212,
			FalseAlarms: 237.035152103, OKDays: 29.1096064815, AlarmShare: 0.491604014797, EndFP: 21, EndRecall: 0.904761904762,
			DetectHours: 2.08333611111, DetectHoursAll: 2.08334027778, Leaked: 0.0709439647237, LeakedAll: 0.0731788734164, SlopeError: 0.811356140271, Slopes: 41},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 5,
			TP: 45, FN: 1, FP: 49, Precision: 0.478723404255, Recall: 0.978260869565, F1: 0.642857142857,
			FalseAlarms: 237.035152103, OKDays: 29.1096064815, AlarmShare: 0.489290475074, EndFP: 21, EndRecall: 0.913043478261,
			DetectHours: 2.08332777778, DetectHoursAll: 2.08333194444, Leaked: 0.0702826945197, LeakedAll: 0.07042897821, SlopeError: 0.461864771813, Slopes: 45},
	},
	{"RSS > 500 MB", 0,
		Figures{Leaks: 42, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 0, FN: 42, FP: 0, Precision: 0, Recall: 0, F1: 0,
			FalseAlarms: 0, OKDays: 29.1096064815, AlarmShare: 0, EndFP: 0, EndRecall: 0,
			DetectHours: none, DetectHoursAll: never, Leaked: none, LeakedAll: never, SlopeError: none, Slopes: 0},
		Figures{Leaks: 46, OK: 50, Ambiguous: 5, AmbiguousAlarmed: 0,
			TP: 0, FN: 46, FP: 0, Precision: 0, Recall: 0, F1: 0,
			FalseAlarms: 0, OKDays: 29.1096064815, AlarmShare: 0, EndFP: 0, EndRecall: 0,
			DetectHours: none, DetectHoursAll: never, Leaked: none, LeakedAll: never, SlopeError: none, Slopes: 0},
	},
}

// publishedClasses are that implementation's figures of the 6-hour line by class.
var publishedClasses = []Class{
	{"ambiguous", "bounded-filling", 5, 0, 5, 5},
	{"leak", "fd-leak", 2, 2, 0, 0},
	{"leak", "frag-unbounded", 1, 1, 0, 0},
	{"leak", "gc-hidden", 4, 2, 0, 0},
	{"leak", "late-onset", 4, 4, 1, 1},
	{"leak", "linear", 9, 8, 0, 0},
	{"leak", "load-only", 4, 3, 0, 0},
	{"leak", "mmap-leak", 2, 2, 0, 0},
	{"leak", "noisy-slow", 2, 1, 0, 0},
	{"leak", "partial-cleanup", 2, 2, 0, 0},
	{"leak", "restart-leak", 2, 2, 0, 0},
	{"leak", "session", 4, 4, 0, 0},
	{"leak", "shm-leak", 2, 2, 0, 0},
	{"leak", "step-leak", 3, 2, 0, 0},
	{"leak", "thread-leak", 2, 2, 0, 0},
	{"leak", "unbounded-cache", 3, 3, 0, 0},
	{"ok", "batch", 3, 0, 1, 3},
	{"ok", "bounded-cache", 4, 0, 4, 4},
	{"ok", "file-map", 2, 0, 2, 2},
	{"ok", "frag-plateau", 2, 0, 2, 3},
	{"ok", "gc-sawtooth", 5, 0, 3, 3},
	{"ok", "high-water", 2, 0, 1, 1},
	{"ok", "idle", 4, 0, 2, 2},
	{"ok", "jit-warmup", 1, 0, 1, 2},
	{"ok", "load-ramp", 2, 0, 1, 1},
	{"ok", "log-ring", 2, 0, 2, 2},
	{"ok", "noisy-flat", 8, 0, 3, 3},
	{"ok", "pymalloc", 2, 0, 1, 2},
	{"ok", "restart-ok", 2, 0, 0, 0},
	{"ok", "seasonal", 3, 0, 3, 8},
	{"ok", "step-once", 3, 0, 1, 2},
	{"ok", "steps", 2, 0, 2, 2},
	{"ok", "warmup", 3, 0, 2, 5},
}

func loadDev(t testing.TB) *Set {
	t.Helper()
	set, err := Load(devFolder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestBaselinesScoreAsPublished(t *testing.T) {
	set := loadDev(t)
	baselines := Baselines()
	if len(baselines) != len(published) {
		t.Fatalf("%d baselines, %d published", len(baselines), len(published))
	}
	for i, want := range published {
		t.Run(want.name, func(t *testing.T) {
			d := baselines[i]
			if d.Name() != want.name {
				t.Fatalf("baseline %d is %q", i, d.Name())
			}
			judged, err := Replay(set, d)
			if err != nil {
				t.Fatal(err)
			}
			events := 0
			for _, e := range judged {
				events += len(e)
			}
			if events != want.events {
				t.Errorf("%d events, want %d", events, want.events)
			}
			got := Score(set, judged)
			compareFigures(t, "mem", got.Mem, want.mem)
			compareFigures(t, "all", got.All, want.all)
			if want.name == "least squares 6 h, R² > 0.8" && !slices.Equal(got.Classes, publishedClasses) {
				t.Errorf("classes:\n%+v\nwant\n%+v", got.Classes, publishedClasses)
			}
			if len(got.Traces) != len(set.Traces) {
				t.Errorf("%d outcomes of %d traces", len(got.Traces), len(set.Traces))
			}
		})
	}
}

// compareFigures compares field by field, so that no figure can be left out.
func compareFigures(t *testing.T, kind string, got, want Figures) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		name := g.Type().Field(i).Name
		if g.Field(i).CanInt() {
			if g.Field(i).Int() != w.Field(i).Int() {
				t.Errorf("%s %s = %d, want %d", kind, name, g.Field(i).Int(), w.Field(i).Int())
			}
			continue
		}
		a, b := g.Field(i).Float(), w.Field(i).Float()
		same := a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*math.Abs(b)
		if !same {
			t.Errorf("%s %s = %.12g, want %.12g", kind, name, a, b)
		}
	}
}

// TestBaselinesNeverLookAhead cuts traces short: what was said until then must not change.
func TestBaselinesNeverLookAhead(t *testing.T) {
	set := loadDev(t)
	for _, d := range Baselines() {
		if d.(baseline).atEnd { // its one verdict is about the end
			continue
		}
		for i := 0; i < len(set.Traces); i += 7 {
			trace := set.Traces[i]
			whole, err := d.Judge(trace.Blind(), set)
			if err != nil {
				t.Fatal(err)
			}
			samples := set.Samples(trace.ID)
			for _, cut := range []int{len(samples) / 3, len(samples) / 2, len(samples) - 1} {
				short := &Set{recordings: map[string]recording{trace.ID: {samples: samples[:cut]}}}
				got, err := d.Judge(trace.Blind(), short)
				if err != nil {
					t.Fatal(err)
				}
				known := 0
				for known < len(whole) && whole[known].T <= samples[cut-1].T {
					known++
				}
				if !slices.EqualFunc(got, whole[:known], func(a, b Event) bool {
					return a.T == b.T && a.Alarm == b.Alarm && (a.Rate == b.Rate || math.IsNaN(a.Rate) && math.IsNaN(b.Rate))
				}) {
					t.Errorf("%s on %s cut after %d samples: %v, want %v", d.Name(), trace.ID, cut, got, whole[:known])
				}
			}
		}
	}
}

func BenchmarkAllBaselines(b *testing.B) {
	set := loadDev(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range Baselines() {
			judged, err := Replay(set, d)
			if err != nil {
				b.Fatal(err)
			}
			Score(set, judged)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		loadDev(b)
	}
}
