package daemon

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/prometheus/prompb"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/store"
)

// sender is another host, as a hub sees it.
type sender struct {
	name   string
	skew   time.Duration
	values []float64
	sent   map[string][]store.Point // by the label service
}

// services are what each sender has.
const sentServices = 20

func newSender(name string, skew time.Duration) *sender {
	return &sender{name: name, skew: skew, values: make([]float64, sentServices), sent: make(map[string][]store.Point)}
}

// message is what it measures at a moment, packed.
func (x *sender) message(t testing.TB, at time.Time, r *rand.Rand) []byte {
	t.Helper()
	var m prompb.WriteRequest
	for i := range x.values {
		x.values[i] += float64(r.IntN(64)-20) * 4096
		service := fmt.Sprint("service-", i)
		p := store.Point{T: at.Add(x.skew).UnixMilli(), Value: x.values[i]}
		x.sent[service] = append(x.sent[service], p)
		m.Timeseries = append(m.Timeseries, prompb.TimeSeries{
			Labels: []prompb.Label{
				{Name: "__name__", Value: "zol0_service_private_bytes"}, {Name: "host", Value: x.name}, {Name: "instance", Value: x.name + ":8509"}, {Name: "service", Value: service},
			},
			Samples: []prompb.Sample{{Timestamp: p.T, Value: p.Value}},
		})
	}
	return packMessage(t, &m)
}

func packMessage(t testing.TB, m *prompb.WriteRequest) []byte {
	t.Helper()
	text, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return s2.EncodeSnappy(nil, text)
}

// deliver posts a message and returns the status.
func deliver(t testing.TB, url string, message []byte) int {
	t.Helper()
	q, err := http.NewRequest("POST", url+"/api/v1/write", bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-protobuf")
	q.Header.Set("Content-Encoding", "snappy")
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0 // nobody listens
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func aHub(o *Options) {
	seldom(o)
	o.Config.Daemon.Receive = true
}

// hub is a daemon that takes in what others send, over HTTP.
func hub(t *testing.T, m *machine, dir string) (*Daemon, *httptest.Server) {
	t.Helper()
	d, _ := start(t, m, dir, aHub)
	d.server = api.New(api.Options{Monitor: d, History: history{d}, Memory: d, Cache: d.cache, Sessions: d.sessions, Receiver: d.receiver(), Now: d.clock.Now, Log: d.log})
	web := httptest.NewServer(d.server.Handler())
	t.Cleanup(web.Close)
	return d, web
}

// TestThreeHostsWriteToAHub sends what three hosts with different clocks measure over two
// hours, repeats what was not answered, stops the hub and starts it again in between, and
// compares every sample.
func TestThreeHostsWriteToAHub(t *testing.T) {
	m, dir := newMachine(), t.TempDir()
	d, web := hub(t, m, dir)
	r := rand.New(rand.NewPCG(5, 6))
	hosts := []*sender{newSender("a", 0), newSender("b", 100*time.Second), newSender("c", -300*time.Second)}
	waiting := make([][][]byte, len(hosts))
	up := true
	for i := range 240 {
		if up {
			run(t, d, m, 1)
		} else {
			m.pass(d.config.Daemon.Interval)
		}
		for h, x := range hosts {
			waiting[h] = append(waiting[h], x.message(t, m.Now(), r))
		}
		switch i {
		case 100, 190:
			web.Close()
			end(t, d)
			up = false
		case 130, 195:
			d, web = hub(t, m, dir)
			up = true
		}
		if !up {
			continue
		}
		var all sync.WaitGroup
		for h := range hosts {
			all.Go(func() {
				for len(waiting[h]) > 0 {
					if got := deliver(t, web.URL, waiting[h][0]); got != http.StatusNoContent {
						t.Errorf("beat %d: %s is answered %d", i, hosts[h].name, got)
						return
					}
					waiting[h] = waiting[h][1:]
				}
			})
		}
		all.Wait()
	}
	compare := func() {
		t.Helper()
		for _, x := range hosts {
			owners, err := d.store.Owners(t.Context(), store.Service, 0, math.MaxInt64, func(l store.Labels) bool { return l.Get("host") == x.name })
			if err != nil || len(owners) != sentServices {
				t.Fatalf("%d services of %s, %v", len(owners), x.name, err)
			}
			for _, o := range owners {
				var got []store.Point
				if err := d.store.Points(t.Context(), store.SeriesOf(o.ID, 0), 0, math.MaxInt64, func(p store.Point) bool { got = append(got, p); return true }); err != nil {
					t.Fatal(err)
				}
				if want := x.sent[o.Labels.Get("service")]; !slices.Equal(got, want) {
					t.Errorf("%s of %s: %d samples, want %d", o.Labels.Get("service"), x.name, len(got), len(want))
				}
			}
		}
	}
	compare()
	web.Close()
	end(t, d)
	d, _ = hub(t, m, dir)
	compare()
	// What this machine knows of itself is not mixed with it.
	for _, row := range d.Services().Services {
		if strings.HasPrefix(row.Name, "service-") {
			t.Errorf("the table of this machine has %s", row.Name)
		}
	}
	top, err := history{d}.Top(t.Context(), api.TopQuery{To: m.Now(), Since: time.Hour, Limit: 100})
	if err != nil || len(top.Services) == 0 {
		t.Fatalf("%v, %v", top, err)
	}
	for _, row := range top.Services {
		if strings.HasPrefix(row.Service, "service-") {
			t.Errorf("the list of what grew has %s of another host", row.Service)
		}
	}
	own := ofMachine(nil, func(l store.Labels) bool { return l.Get("service") == "service-1" })
	asked := ofMachine(map[string]string{"host": "b"}, func(l store.Labels) bool { return l.Get("service") == "service-1" && l.Get("host") == "b" })
	for want, fits := range []func(store.Labels) bool{own, asked} {
		owners, err := d.store.Owners(t.Context(), store.Service, 0, math.MaxInt64, fits)
		if err != nil || len(owners) != want {
			t.Errorf("%d owners fit, want %d: %v", len(owners), want, err)
		}
	}
}

func TestMessagesThatNeverWillBeTakenIn(t *testing.T) {
	m := newMachine()
	d, web := hub(t, m, t.TempDir())
	run(t, d, m, 1)
	one := func(labels []prompb.Label, at time.Time, v float64) []byte {
		return packMessage(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{Labels: labels, Samples: []prompb.Sample{{Timestamp: at.UnixMilli(), Value: v}}}}})
	}
	good := []prompb.Label{{Name: "__name__", Value: "up"}, {Name: "host", Value: "a"}}
	tooMany := make([]prompb.Label, remote.DefaultLimits.Labels+1)
	for i := range tooMany {
		tooMany[i] = prompb.Label{Name: fmt.Sprint("l", i), Value: "x"}
	}
	bomb := s2.EncodeSnappy(nil, make([]byte, remote.DefaultLimits.Bytes+1))
	for name, c := range map[string]struct {
		message []byte
		want    int
	}{
		"good":           {one(good, m.Now(), 1), 204},
		"nothing":        {s2.EncodeSnappy(nil, nil), 204},
		"text":           {[]byte("this is no message"), 400},
		"no protobuf":    {s2.EncodeSnappy(nil, []byte("\xff\xff\xff")), 400},
		"breaks off":     {s2.EncodeSnappy(nil, []byte{0x0a, 0x7f, 1}), 400},
		"a bomb":         {bomb, 400},
		"labels":         {one(tooMany, m.Now(), 1), 400},
		"a long label":   {one([]prompb.Label{{Name: "__name__", Value: strings.Repeat("x", remote.DefaultLimits.LabelBytes+1)}}, m.Now(), 1), 400},
		"no host":        {one(good[:1], m.Now(), 1), 400},
		"not a number":   {one(good, m.Now(), math.NaN()), 400},
		"the far future": {one(good, m.Now().Add(time.Hour), 1), 400},
		"the past":       {one(good, m.Now().Add(-30*24*time.Hour), 1), 400},
	} {
		if got := deliver(t, web.URL, c.message); got != c.want {
			t.Errorf("%s is answered %d, want %d", name, got, c.want)
		}
	}
}
