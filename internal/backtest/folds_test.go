package backtest

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFoldsOfRecordedTraces(t *testing.T) {
	set := loadDev(t)
	folds := Folds(set, 5, 1)
	leaks := make([]int, 5)
	for i, fold := range folds {
		if len(fold) < 15 || len(fold) > 26 {
			t.Errorf("fold %d has %d of 101 traces", i, len(fold))
		}
		for _, trace := range set.Traces {
			if slices.Contains(fold, trace.ID) && trace.Label == Leak {
				leaks[i]++
			}
		}
	}
	if slices.Min(leaks) < 7 || slices.Max(leaks) > 12 {
		t.Errorf("46 leaks are dealt as %v", leaks)
	}
	if reflect.DeepEqual(folds, Folds(set, 5, 2)) {
		t.Error("another seed gives the same folds")
	}
	// Figures of a cross-validation can only be compared when the folds stay the same.
	h := fnv.New32a()
	h.Write(fmt.Append(nil, folds))
	if got := h.Sum32(); got != 0x30a0303f {
		t.Errorf("the folds of seed 1 have changed: %#x", got)
	}
}

func TestFoldsKeepProgramsTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := &Set{}
		for i := range rapid.IntRange(0, 60).Draw(t, "traces") {
			set.Traces = append(set.Traces, Labelled{
				ID:      fmt.Sprint(i),
				Program: rapid.StringMatching("[a-j]").Draw(t, "program"),
				Label:   rapid.SampledFrom([]string{Leak, OK, Ambiguous}).Draw(t, "label"),
			})
		}
		k := rapid.IntRange(-1, 15).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		folds := Folds(set, k, seed)
		programs := map[string]bool{}
		for _, trace := range set.Traces {
			programs[trace.Program] = true
		}
		if want := max(1, min(k, len(programs))); len(folds) != want {
			t.Fatalf("%d folds of %d programs for k = %d", len(folds), len(programs), k)
		}
		home, dealt := map[string]int{}, map[string]int{}
		for i, fold := range folds {
			if len(fold) == 0 && len(set.Traces) > 0 {
				t.Fatalf("fold %d is empty", i)
			}
			for _, id := range fold {
				dealt[id]++
				home[id] = i
			}
		}
		byProgram := map[string]int{}
		for _, trace := range set.Traces {
			if dealt[trace.ID] != 1 {
				t.Fatalf("trace %s is dealt %d times", trace.ID, dealt[trace.ID])
			}
			if first, known := byProgram[trace.Program]; known && first != home[trace.ID] {
				t.Fatalf("program %s is in folds %d and %d", trace.Program, first, home[trace.ID])
			}
			byProgram[trace.Program] = home[trace.ID]
		}
		if !reflect.DeepEqual(folds, Folds(set, k, seed)) {
			t.Fatal("the same arguments give other folds")
		}
	})
}
