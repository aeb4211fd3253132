// Package conformance runs the scripts with which Prometheus tests its own PromQL against
// our store, through the Queryable that the daemon answers from. It is a module of its own:
// the package of the scripts needs hundreds of modules that the product does not.
package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
)

// leastRun is how many evaluations were run, and passed, with Prometheus v0.316.0. Fewer
// means that the store keeps less than it did.
const leastRun = 1199

// engine is Prometheus's engine as its own scripts want it.
func engine(t *testing.T) *promql.Engine {
	return promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{
		MaxSamples: promqltest.DefaultMaxSamplesPerQuery, Timeout: 100 * time.Second, LookbackDelta: 5 * time.Minute,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true, EnableNegativeOffset: true, EnableDelayedNameRemoval: true, UseStartTimestamps: true,
		Parser: parser.NewParser(promqltest.TestParserOpts),
	})
}

// TestScripts runs every evaluation of every script that does not read a series which the
// store cannot keep. Which those are the store itself says, when the series are appended.
func TestScripts(t *testing.T) {
	e := engine(t)
	run, left := 0, map[string]int{}
	for _, x := range sections(t) {
		every := x.file == "extended_vectors.test"
		refused := make(map[string]refusal)
		promqltest.RunTestWithStorage(t, x.loads(), e, func(tb testing.TB) storage.Storage { return open(tb, every, refused) })
		kept, n, out := x.without(refused)
		run += n
		for why, n := range out {
			left[why] += n
		}
		if n == 0 {
			continue
		}
		t.Run(fmt.Sprintf("%s:%d", x.file, x.line), func(t *testing.T) {
			promqltest.RunTestWithStorage(t, kept.text(), e, func(tb testing.TB) storage.Storage { return open(tb, every, refused) })
		})
	}
	t.Logf("%d evaluations were run", run)
	for why, n := range left {
		t.Logf("%d do not apply: %s", n, why)
	}
	if run < leastRun {
		t.Errorf("%d evaluations were run; there were %d", run, leastRun)
	}
}
