package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

// flooded is as loaded, for a store that receives.
const flooded = "ZOL0_TEST_FLOODED_STORE"

// floodHosts send in turn, each from a clock of its own.
const floodHosts = 4

// floodAt is the present at request n: a minute later each, so that many hours turn.
func floodAt(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// request is the request with a number: of one host, and some of what that sent before once more,
// or later than what follows it.
func request(n int) []remote.Series {
	var all []remote.Series
	host := n % floodHosts
	for i := range 8 {
		x := sent(fmt.Sprint("host", host), "zol0_service_private_bytes", "service", fmt.Sprint(i))
		for _, m := range []int{n, n - floodHosts*(i%3)} {
			if m >= 0 && (m == n || n%5 == 0) {
				at := floodAt(m).Add(time.Duration(host-2) * 100 * time.Second).UnixMilli()
				if (m/floodHosts)%7 == 3 { // it comes an hour late
					at -= hourMillis
				}
				x.Samples = append(x.Samples, remote.Sample{T: at, V: float64(m*8 + i)})
			}
		}
		all = append(all, x)
	}
	return all
}

// flood receives without a pause, and appends what it measures itself, from behind what is
// there, and writes the number of each request to out when it was acknowledged.
func flood(dir string, out io.Writer) error {
	s, err := Open(Options{Dir: dir, Now: noon})
	if err != nil {
		return err
	}
	n, err := lastBeat(s)
	if err != nil {
		return err
	}
	own, err := s.OwnerOf(Service, Labels{{"service", "own"}}, noon.UnixMilli())
	if err != nil {
		return err
	}
	for n++; ; n++ {
		if got, err := s.Receive(floodAt(n), request(n)); err != nil || got.Refused() > 0 {
			return fmt.Errorf("request %d: %+v: %w", n, got, err)
		}
		s.Record(Event{At: int64(n), Kind: "beat", Subject: "flood"})
		if err := s.Append(floodAt(n), []Sample{{SeriesOf(own, 0), float64(n)}}, nil); err != nil {
			return err
		}
		if err := binary.Write(out, binary.LittleEndian, uint32(n)); err != nil {
			return err
		}
		if _, err := s.Tidy(floodAt(n)); err != nil {
			return err
		}
	}
}

// TestKillLosesNothingThatWasReceived kills a hub at random moments and looks for every
// sample that was acknowledged.
func TestKillLosesNothingThatWasReceived(t *testing.T) {
	kills := 8
	if os.Getenv("ZOL0_SOAK") != "" {
		kills = 100
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	dir, acknowledged := t.TempDir(), -1
	for k := range kills {
		if k%20 == 0 {
			dir, acknowledged = t.TempDir(), -1
		}
		acknowledged = max(acknowledged, killAt(t, flooded, dir, time.Duration(10+random.IntN(150))*time.Millisecond))
		s := open(t, dir)
		for _, a := range s.Asides() {
			t.Fatalf("kill %d: %s was set aside: %v", k, a.Path, a.Why)
		}
		if k%4 == 3 || k == kills-1 {
			checkFlood(t, s, acknowledged)
			whole(t, s)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d requests", kills, acknowledged+1)
}

// checkFlood fails unless all requests up to one are there. The one after it may have been
// received before the kill and not been told of: then it is there whole, in the place of
// what had been sent for its times.
func checkFlood(t *testing.T, s *Store, to int) {
	t.Helper()
	have := make(map[string]map[int64]float64)
	owners, err := s.Owners(t.Context(), Service, 0, stillOpen, IsReceived)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range owners {
		values := make(map[int64]float64)
		have[o.Labels.Get("host")+o.Labels.Get("service")] = values
		err := s.Points(t.Context(), SeriesOf(o.ID, 0), o.First, o.Last, func(p Point) bool { values[p.T] = p.Value; return true })
		if err != nil {
			t.Fatal(err)
		}
	}
	missing := lacking(have, to)
	if len(missing) == 0 || len(lacking(have, to+1)) == 0 {
		return
	}
	t.Fatalf("%d samples are missing of %d requests: %q", len(missing), to+1, missing[:min(len(missing), 10)])
}

// lacking says which samples of the requests up to one are not there.
func lacking(have map[string]map[int64]float64, to int) (missing []string) {
	want := make(map[string]map[int64]float64)
	for n := range to + 1 {
		if floodAt(n).Before(floodAt(to).Add(-5 * 24 * time.Hour)) {
			continue // it may be minutes by now
		}
		for _, x := range request(n) {
			name := x.Labels[1].Value + x.Labels[3].Value
			if want[name] == nil {
				want[name] = make(map[int64]float64)
			}
			for _, y := range x.Samples {
				want[name][y.T] = y.V
			}
		}
	}
	for name, values := range want {
		for at, v := range values {
			if got, ok := have[name][at]; !ok || got != v {
				missing = append(missing, fmt.Sprintf("%s at %s: %v, want %v", name, time.UnixMilli(at).UTC(), got, v))
			}
		}
	}
	return missing
}

// TestReceivingWhileTheDiskIsFull fills the disk: what cannot be written is not acknowledged,
// and everything that was sent again arrives when there is room.
func TestReceivingWhileTheDiskIsFull(t *testing.T) {
	dir := smallDisk(t, "size=8m")
	s := open(t, dir)
	x := make([]remote.Series, 200)
	for i := range x {
		x[i] = sent("a", "zol0_service_private_bytes", "service", fmt.Sprint(i))
	}
	want := make(map[int64]float64)
	waiting, refused := [][]remote.Series{}, 0
	ballast := ""
	for beat := range 300 {
		now := noon.Add(time.Duration(beat) * 30 * time.Second)
		switch beat {
		case 60:
			ballast = fill(t, dir)
		case 200:
			remove(t, ballast)
		}
		all := slices.Clone(x)
		for i := range all {
			all[i].Samples = []remote.Sample{{T: now.UnixMilli(), V: float64(beat*1000+i) * 1.0001}}
		}
		want[now.UnixMilli()] = float64(beat*1000+7) * 1.0001
		waiting = append(waiting, all)
		for len(waiting) > 0 {
			if _, err := s.Receive(now, waiting[0]); errors.Is(err, ErrWait) {
				refused++
				break
			} else if err != nil {
				t.Fatal(err)
			}
			waiting = waiting[1:]
		}
		if _, err := s.Tidy(now); err != nil && ballast == "" {
			t.Fatal(err)
		}
	}
	if refused == 0 || len(waiting) > 0 || s.Received().Failed != int64(refused) {
		t.Fatalf("%d requests were refused, %d wait at the end: %+v", refused, len(waiting), s.Received())
	}
	for _, s := range []*Store{s, killed(t, s)} {
		have := make(map[int64]float64)
		for _, p := range keptOf(t, s, Service, 0, func(l Labels) bool { return l.Get("service") == "7" }) {
			have[p.T] = p.Value
		}
		for at, v := range want {
			if have[at] != v {
				t.Fatalf("at %s there is %v, want %v", time.UnixMilli(at).UTC(), have[at], v)
			}
		}
		whole(t, s)
	}
}
