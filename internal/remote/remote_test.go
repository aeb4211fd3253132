package remote

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/prompb"
	"pgregory.net/rapid"
)

// drawn are any series that may be sent.
func drawn(t *rapid.T) []Series {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Series {
		s := Series{Labels: []Label{{"__name__", rapid.String().Draw(t, "name")}}}
		for i, v := range rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "values") {
			s.Labels = append(s.Labels, Label{"label" + string(rune('a'+i)), v})
		}
		for range rapid.IntRange(1, 5).Draw(t, "samples") {
			s.Samples = append(s.Samples, Sample{rapid.Int64().Draw(t, "time"), rapid.Float64().Draw(t, "value")})
		}
		return s
	}), 0, 20).Draw(t, "series")
}

// TestMessagesAreThoseOfPrometheus holds both ways against Prometheus's own code.
func TestMessagesAreThoseOfPrometheus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawn(t)
		body, err := Encode(nil, all)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := snappy.Decode(nil, body)
		if err != nil {
			t.Fatal(err)
		}
		var theirs prompb.WriteRequest
		if err := theirs.Unmarshal(plain); err != nil || len(theirs.Timeseries) != len(all) {
			t.Fatalf("Prometheus reads %d series: %v", len(theirs.Timeseries), err)
		}
		for i, s := range theirs.Timeseries {
			if len(s.Labels) != len(all[i].Labels) || len(s.Samples) != len(all[i].Samples) {
				t.Fatalf("series %d is %v", i, s)
			}
			for k, l := range s.Labels {
				if (Label{l.Name, l.Value}) != all[i].Labels[k] {
					t.Fatalf("label %v", l)
				}
			}
			for k, x := range s.Samples {
				if x.Timestamp != all[i].Samples[k].T || math.Float64bits(x.Value) != math.Float64bits(all[i].Samples[k].V) {
					t.Fatalf("sample %v", x)
				}
			}
		}
		again, err := theirs.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(snappy.Encode(nil, again), Limits{})
		if err != nil || len(back) != len(all) || len(all) > 0 && !reflect.DeepEqual(back, all) {
			t.Fatalf("%v is read as %v: %v", all, back, err)
		}
	})
}

func TestMessagesThatAreRefused(t *testing.T) {
	plain := func(r *prompb.WriteRequest) []byte {
		b, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return snappy.Encode(nil, b)
	}
	series := func(pairs ...string) prompb.TimeSeries {
		s := prompb.TimeSeries{Samples: []prompb.Sample{{Value: 1, Timestamp: 1}}}
		for i := 0; i < len(pairs); i += 2 {
			s.Labels = append(s.Labels, prompb.Label{Name: pairs[i], Value: pairs[i+1]})
		}
		return s
	}
	request := func(s ...prompb.TimeSeries) []byte { return plain(&prompb.WriteRequest{Timeseries: s}) }
	few := Limits{Bytes: 4096, Series: 2, Labels: 2, LabelBytes: 10, Samples: 3}
	for _, c := range []struct {
		name string
		body []byte
		want error
	}{
		{"no snappy", []byte("hello"), ErrMessage},
		{"nothing", nil, ErrMessage},
		{"a length that it has not", []byte{0xa0, 0x1f, 0}, ErrMessage},
		{"a bomb", snappy.Encode(nil, make([]byte, 5000)), ErrTooLarge},
		{"no protobuf", snappy.Encode(nil, []byte("\x0a\x7fabc")), ErrMessage},
		{"an unknown kind", snappy.Encode(nil, []byte("\x0b")), ErrMessage},
		{"no labels", request(series()), ErrMessage},
		{"labels out of order", request(series("b", "1", "a", "2")), ErrMessage},
		{"a label twice", request(series("a", "1", "a", "2")), ErrMessage},
		{"a label without a name", request(series("", "1")), ErrMessage},
		{"no UTF-8", request(series("a", "\xff")), ErrMessage},
		{"many series", request(series("a", "1"), series("a", "2"), series("a", "3")), ErrTooLarge},
		{"many labels", request(series("a", "1", "b", "2", "c", "3")), ErrTooLarge},
		{"a long label", request(series("a", "12345678901")), ErrTooLarge},
		{"many samples", plain(&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{Labels: []prompb.Label{{Name: "a", Value: "1"}}, Samples: make([]prompb.Sample, 4)}}}), ErrTooLarge},
	} {
		if _, err := Decode(c.body, few); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Encode(nil, []Series{{Labels: []Label{{"a", "1"}}}}); err == nil {
		t.Error("a series without samples was taken")
	}
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	all := make([]Series, 100)
	for i := range all {
		all[i] = Series{Labels: []Label{{"__name__", "zol0_service_private_bytes"}, {"service", strings.Repeat("x", i)}}, Samples: []Sample{{1, float64(i)}}}
	}
	var e Encoder
	var body []byte
	if n := testing.AllocsPerRun(20, func() {
		var err error
		if body, err = e.Encode(body[:0], all); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a message", n)
	}
}

func FuzzDecode(f *testing.F) {
	body, err := Encode(nil, []Series{{Labels: []Label{{"__name__", "up"}, {"host", "a"}}, Samples: []Sample{{1, 2}, {3, 4}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte{})
	f.Add(snappy.Encode(nil, []byte("\x0a\x06\x0a\x04\x0a\x00\x12\x00")))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := Decode(body, Limits{Bytes: 1 << 20})
		if err != nil {
			if !errors.Is(err, ErrMessage) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		for _, s := range all {
			if len(s.Labels) == 0 {
				t.Fatal("a series without labels")
			}
		}
	})
}
