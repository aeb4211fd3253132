package daemon

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// lives are the present and the earlier lives of a service beside each other.
func (h inquiry) lives(ctx context.Context, q api.LivesQuery) (wire.Lives, error) {
	out := wire.Lives{Service: q.Service, Lives: []wire.Life{}}
	all, err := h.lifetimes(ctx, q.Service, 0, math.MaxInt64)
	if err != nil {
		return out, err
	}
	if len(all) > q.Limit {
		all, out.Truncated = all[:q.Limit], true
	}
	now := h.d.clock.Now().UnixMilli()
	ends := make([]int64, len(all))
	longest := int64(0)
	for i := range all {
		if ends[i] = now; !all[i].alive {
			if ends[i], err = h.end(ctx, &all[i]); err != nil {
				return out, err
			}
		}
		longest = max(longest, ends[i]-all[i].began)
	}
	present := presentLife(all)
	for i := range all {
		x := &all[i]
		y := wire.Life{PID: x.pid, Start: x.start, StartTime: time.UnixMilli(x.began).UTC(), UptimeSeconds: float64(ends[i]-x.began) / 1000, AgeSeconds: []float64{}, PrivateBytes: []float64{}}
		if !x.alive {
			end := time.UnixMilli(ends[i]).UTC()
			y.EndTime = &end
		}
		if err := h.course(ctx, x, &y, ends[present]-all[present].began, longest, q.Points); err != nil {
			return out, err
		}
		out.Lives = append(out.Lives, y)
	}
	if len(all) > 1 {
		out.Comparison, err = h.beside(ctx, all, ends, present)
	}
	return out, err
}

// presentLife is which of the lives, youngest first, the others are compared with: the
// youngest that lives, or where none does, the youngest.
func presentLife(all []lifetime) int {
	return max(0, slices.IndexFunc(all, func(x lifetime) bool { return x.alive }))
}

// course fills in the columns of a life. Up to the age of the present life they are finer
// than after it: that is the part which is compared.
func (h inquiry) course(ctx context.Context, x *lifetime, out *wire.Life, present, longest int64, points int) error {
	until := x.began + longest
	split := until
	if present > 0 && present < longest/2 && points >= 2*leastPoints {
		split, points = x.began+present, points/2
	}
	for _, part := range [...][2]int64{{x.began, split}, {split, until}} {
		if part[0] >= part[1] {
			continue
		}
		step := stepWithin(part[1]-part[0], points)
		// Steps are multiples since 1970: that in which the finer part ends is not shown twice.
		begin := part[0]
		if begin > x.began {
			begin += step - begin%step
		}
		for i := range x.owners {
			o := &x.owners[i]
			last := math.Inf(-1)
			if n := len(out.AgeSeconds); n > 0 {
				last = out.AgeSeconds[n-1]
			}
			err := h.past.Buckets(ctx, store.SeriesOf(o.ID, store.Code(memory.Private)), max(begin, o.First), min(part[1]-1, o.Last), step, func(b store.Bucket) bool {
				age := max(0, float64(b.T-x.began)/1000)
				if age > last && b.T < part[1] {
					out.AgeSeconds, out.PrivateBytes = append(out.AgeSeconds, age), append(out.PrivateBytes, math.Round(b.Mean))
				}
				return true
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// leastPoints are as many as a line needs to have a shape.
const leastPoints = 8

// stepsMillis are those that people count in, and that divide an hour or a day.
var stepsMillis = [...]int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200}

// stepWithin is the shortest step of which at most so many touch a stretch of so many
// milliseconds.
func stepWithin(span int64, points int) int64 {
	points = max(points, 2)
	fits := func(step int64) bool { return (span+step-1)/step+1 <= int64(points) }
	for _, s := range stepsMillis {
		if fits(s * 1000) {
			return s * 1000
		}
	}
	days := max(1, span/day/int64(points))
	for !fits(days * day) {
		days++
	}
	return days * day
}

// beside compares a life with those that began before it, at the same age.
func (h inquiry) beside(ctx context.Context, all []lifetime, ends []int64, present int) (*wire.LifeComparison, error) {
	x := &all[present]
	age := ends[present] - x.began
	var earlier []int
	var ages []int64
	for i := present + 1; i < len(all); i++ {
		if all[i].name == x.name { // a worker is not compared with the process it works for
			earlier, ages = append(earlier, i), append(ages, ends[i]-all[i].began)
		}
	}
	if len(earlier) == 0 {
		return nil, nil
	}
	at := age
	values, err := h.valuesAt(ctx, all, earlier, ends, at)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		// None came so far: the age that at least half of them reached.
		slices.Sort(ages)
		at = min(age, ages[len(ages)/2])
		if values, err = h.valuesAt(ctx, all, earlier, ends, at); err != nil {
			return nil, err
		}
	}
	own, err := h.valuesAt(ctx, all, []int{present}, ends, at)
	if err != nil || len(values) == 0 || len(own) == 0 {
		return nil, err
	}
	slices.Sort(values)
	n := len(values)
	median := (values[(n-1)/2] + values[n/2]) / 2
	out := &wire.LifeComparison{AgeSeconds: math.Round(float64(at) / 1000), PresentBytes: math.Round(own[0]), EarlierBytes: math.Round(median), Lives: n}
	out.DifferenceBytes = out.PresentBytes - out.EarlierBytes
	out.Sentence = comparisonSentence(out, at < age, x.alive)
	return out, nil
}

// comparisonSentence says the difference as it is; how much lives differ by chance is for
// the reader to see.
func comparisonSentence(c *wire.LifeComparison, before, alive bool) string {
	span := units.Duration(time.Duration(c.AgeSeconds) * time.Second)
	lives, did := "the life before it", "did"
	if c.Lives > 1 {
		lives = fmt.Sprintf("the last %d lives", c.Lives)
	}
	uses, word, amount := "uses", "more", c.DifferenceBytes
	if before || !alive {
		uses = "used"
	}
	if amount < 0 {
		word, amount = "less", -amount
	}
	than := fmt.Sprintf("%s %s %s than %s %s", uses, units.Bytes(math.Round(amount)), word, lives, did)
	if math.Abs(c.DifferenceBytes) < float64(units.MB)/10 {
		than = fmt.Sprintf("%s as much as %s %s", uses, lives, did)
	}
	out := fmt.Sprintf("%s after its start it %s (%s of private memory against %s)", span, than, units.Bytes(c.PresentBytes), units.Bytes(c.EarlierBytes))
	if c.Lives > 2 {
		out += ", the median of them"
	}
	if before {
		out += "; no earlier life came to its present age"
	}
	return out + "."
}

// valuesAt are the mean private memory of lives in the last twentieth of so long a life,
// at least a minute and at most an hour: one sample of a heap says where its collector is.
// Lives that were not seen at that age have none.
func (h inquiry) valuesAt(ctx context.Context, all []lifetime, which []int, ends []int64, age int64) ([]float64, error) {
	var out []float64
	for _, i := range which {
		x := &all[i]
		if ends[i]-x.began < age {
			continue
		}
		to := x.began + age
		// What was thinned to hours has one sample in each.
		for _, window := range [...]int64{min(max(age/20, minute), hour), hour} {
			sum, n := 0.0, 0
			for k := range x.owners {
				err := h.past.Points(ctx, store.SeriesOf(x.owners[k].ID, store.Code(memory.Private)), max(x.began, to-window), to, func(p store.Point) bool {
					sum, n = sum+p.Value, n+1
					return true
				})
				if err != nil {
					return nil, err
				}
			}
			if n > 0 {
				out = append(out, sum/float64(n))
				break
			}
		}
	}
	return out, nil
}
