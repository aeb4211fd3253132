package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// FuzzFrame takes in any bytes as a second frame, and a third that is good: what was
// decoded is what encoding it again and decoding that gives.
func FuzzFrame(f *testing.F) {
	var c frameCoder
	f.Add(bytes.Clone(c.encode([]Sample{{1, 1}, {7, 2.5}, {90, -3}})))
	f.Add(bytes.Clone(c.encode([]Sample{{1, 1}, {7, 2.75}, {90, -3}})))
	f.Add(bytes.Clone(c.encode([]Sample{{1, 1}, {8, 0}})))
	f.Add([]byte{frameList, 0})
	f.Add([]byte{frameList, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{frameSame, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var in frameCoder
		if err := in.decode((&frameCoder{}).encode([]Sample{{1, 1}, {7, 2}})); err != nil {
			t.Fatal(err)
		}
		if err := in.decode(b); err != nil {
			return
		}
		if len(in.series) != len(in.values) || len(in.series) > MaxSeries {
			t.Fatalf("%d series and %d values", len(in.series), len(in.values))
		}
		var samples []Sample
		for i, s := range in.series {
			if i > 0 && s <= in.series[i-1] {
				t.Fatalf("series %d comes after %d", s, in.series[i-1])
			}
			samples = append(samples, Sample{s, math.Float64frombits(in.values[i])})
		}
		var out, again frameCoder
		if err := again.decode(out.encode(samples)); err != nil {
			t.Fatal(err)
		}
		for i := range samples {
			if again.series[i] != in.series[i] || again.values[i] != in.values[i] {
				t.Fatalf("series %d is %x, was %x", in.series[i], again.values[i], in.values[i])
			}
		}
	})
}

// FuzzChunk reads any bytes as the samples of a chunk, and as a level one.
func FuzzChunk(f *testing.F) {
	data, sum, err := encodeSamples([]Point{{1000, 1}, {6000, 2}, {11_000, 2}, {70_000, -1e9}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, sum.n, sum.t0, sum.t1, sum.min)
	f.Add([]byte{}, int64(700), int64(0), int64(3_500_000), 5.0)
	f.Add([]byte{0xff, 0xff, 0}, int64(-1), int64(9), int64(3), math.NaN())
	f.Fuzz(func(t *testing.T, b []byte, n, t0, t1 int64, v float64) {
		c := chunk{summary: summary{n: n, t0: t0, t1: t1, first: v, last: v, min: v, max: v}, data: b}
		c.unpack()
		points, err := decodeSamples(nil, c.data)
		if len(points) > math.MaxUint16 {
			t.Fatalf("%d samples", len(points))
		}
		if err == nil && c.check() == nil {
			if _, err := c.packed(); err != nil {
				t.Fatal(err)
			}
		}
		minutesOf(points)
	})
}

// FuzzBuckets reads any bytes as the minutes of an hour.
func FuzzBuckets(f *testing.F) {
	data, err := encodeBuckets(minutesOf([]Point{{1000, 1}, {6000, 2}, {70_000, -1e9}, {3_500_000, 7}}), 0, minuteMillis)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{2, 0, 0, 0, 0, 0})
	f.Add(binary.AppendUvarint(nil, math.MaxUint64))
	f.Fuzz(func(t *testing.T, b []byte) {
		buckets, err := decodeBuckets(nil, b, 0, minuteMillis)
		if len(buckets) > math.MaxUint16 {
			t.Fatalf("%d buckets", len(buckets))
		}
		if err != nil || checkBuckets(buckets, 0, hourMillis, 0) != nil {
			return
		}
		packed, err := encodeBuckets(buckets, 0, minuteMillis)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeBuckets(nil, packed, 0, minuteMillis)
		if err != nil || len(again) != len(buckets) {
			t.Fatalf("%d buckets, were %d: %v", len(again), len(buckets), err)
		}
		for i := range again {
			if again[i] != buckets[i] {
				t.Fatalf("bucket %d is %+v, was %+v", i, again[i], buckets[i])
			}
		}
	})
}

// FuzzLabels reads any text as the labels of an owner.
func FuzzLabels(f *testing.F) {
	f.Add(`{"service":"bot","pid":"812"}`)
	f.Add(`{}`)
	f.Add(`null`)
	f.Add(`{"a":1}`)
	f.Add(`{"\u0000":"\ud800"}`)
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := parseLabels(text)
		if err != nil {
			return
		}
		for i := range labels {
			if i > 0 && labels[i].Name <= labels[i-1].Name {
				t.Fatalf("%q comes after %q", labels[i].Name, labels[i-1].Name)
			}
		}
		again, err := parseLabels(labels.text())
		if err != nil || len(again) != len(labels) {
			t.Fatalf("%q is %q when it is read again: %v", text, again, err)
		}
	})
}
