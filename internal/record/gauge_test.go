package record

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
)

// counting is a store that counts.
type counting struct {
	owners map[string]store.OwnerID
	minute []store.Sample
}

func (c *counting) OwnerOf(k store.Kind, labels store.Labels, _ int64) (store.OwnerID, error) {
	key := fmt.Sprint(k, labels)
	if c.owners[key] == 0 {
		c.owners[key] = store.OwnerID(len(c.owners) + 1)
	}
	return c.owners[key], nil
}

func (c *counting) Append(_ time.Time, _, minute []store.Sample) error {
	c.minute = append(c.minute[:0], minute...)
	return nil
}

// TestGaugesAreBounded tells more gauges than are stored, some of which are none.
func TestGaugesAreBounded(t *testing.T) {
	c := &counting{owners: map[string]store.OwnerID{}}
	r := New(c)
	told := 0
	r.SetGauges(func(each func(Gauge)) {
		told++
		each(Gauge{Name: "none", Value: math.NaN()})
		each(Gauge{Name: "twice", Labels: []string{"a", "1", "a", "2"}, Value: 1})
		for i := range MaxGauges + 50 {
			each(Gauge{Name: "zol0_strategy_profit", Labels: []string{"strategy", fmt.Sprint(i)}, Value: float64(i)})
		}
	})
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 24 { // two minutes
		if err := r.Record(at.Add(time.Duration(i)*5*time.Second), &sampler.Snapshot{}, &memory.Load{}); err != nil {
			t.Fatal(err)
		}
		if i == 0 && len(c.minute) < MaxGauges {
			t.Errorf("%d samples of the first minute", len(c.minute))
		}
	}
	if told != 2 {
		t.Errorf("they were asked %d times in two minutes", told)
	}
	if n := r.Counts(); n.Gauges != MaxGauges || n.LeftGauges != 51 {
		t.Errorf("%+v", n)
	}
}
