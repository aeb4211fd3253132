package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// check says what is wrong with a chunk: whether its samples can be read, lie in its hour
// in order of time, and are what its columns say.
func (c *chunk) check() error {
	switch c.tier {
	case tierRaw:
		return c.checkSamples()
	case tierMinutes:
		minutes, err := decodeBuckets(nil, c.data, c.key.span()*hourMillis, minuteMillis)
		if err != nil {
			return err
		}
		return checkBuckets(minutes, c.key.span()*hourMillis, hourMillis, c.n)
	}
	return fmt.Errorf("there is no tier %d", c.tier)
}

func (c *chunk) checkSamples() error {
	points, err := decodeSamples(nil, c.data)
	if err != nil {
		return err
	}
	var s summary
	last := int64(math.MinInt64)
	for i, p := range points {
		switch {
		case hourOf(p.T) != c.key.span():
			return fmt.Errorf("sample %d is of another hour: %d ms", i+1, p.T)
		case p.T <= last:
			return fmt.Errorf("sample %d is not later than the one before it: %d ms", i+1, p.T)
		case math.IsNaN(p.Value) || math.IsInf(p.Value, 0):
			return fmt.Errorf("sample %d is no number: %v", i+1, p.Value)
		}
		last = p.T
		s.add(p.T, p.Value)
	}
	switch {
	case s.n == 0:
		return errors.New("there is no sample in it")
	case s.n != c.n:
		return fmt.Errorf("it has %d samples, and its column n says %d", s.n, c.n)
	case s.t0 != c.t0 || s.t1 != c.t1 || s.first != c.first || s.last != c.last || s.min != c.min || s.max != c.max:
		return errors.New("its columns say another first, last, least or greatest sample than it has")
	}
	return nil
}

// checkBuckets checks the minutes of an hour or the hours of a day. n is how many samples
// they are made of; 0 is not known.
func checkBuckets(buckets []Bucket, from, span, n int64) error {
	last := int64(math.MinInt64)
	for i := range buckets {
		b := &buckets[i]
		switch {
		case b.T < from || b.T >= from+span:
			return fmt.Errorf("entry %d lies outside of its time: %d ms", i+1, b.T)
		case b.T <= last:
			return fmt.Errorf("entry %d is not later than the one before it: %d ms", i+1, b.T)
		case !(b.Min <= b.Mean && b.Mean <= b.Max && b.Min <= b.Last && b.Last <= b.Max):
			return fmt.Errorf("entry %d has the mean %v and the last %v, which are not between %v and %v", i+1, b.Mean, b.Last, b.Min, b.Max)
		}
		last = b.T
	}
	switch sum := samplesOf(buckets); {
	case len(buckets) == 0:
		return errors.New("there is nothing in it")
	case n > 0 && sum != n:
		return fmt.Errorf("it is made of %d samples, and its column n says %d", sum, n)
	}
	return nil
}

// checkDay says what is wrong with the row of a day.
func checkDay(k key, data []byte) ([]Bucket, error) {
	hours, err := decodeBuckets(nil, data, k.span()*24*hourMillis, hourMillis)
	if err != nil {
		return nil, err
	}
	return hours, checkBuckets(hours, k.span()*24*hourMillis, 24*hourMillis, 0)
}

func (o *Owner) check() error {
	switch {
	case kindWords[o.Kind] == "":
		return fmt.Errorf("there is no kind %d of owners", o.Kind)
	case o.First > o.Last:
		return fmt.Errorf("its first sample (%d ms) is later than its last (%d ms)", o.First, o.Last)
	}
	return nil
}

func (e *Event) check() error {
	for _, text := range []string{e.Kind, e.Subject, e.Text, e.Detail} {
		if !utf8.ValidString(text) {
			return fmt.Errorf("%.40q is no text", text)
		}
	}
	if e.Detail != "" && !json.Valid([]byte(e.Detail)) {
		return fmt.Errorf("its details are no JSON: %.40q", e.Detail)
	}
	return nil
}

// maxDetector is more than any saved state has: 16 series of 12 KB.
const maxDetector = 256 << 10

func (d *Detector) check() error {
	switch {
	case d.Owner == "":
		return errors.New("it has no name")
	case len(d.Data) == 0:
		return errors.New("it is empty")
	case len(d.Data) > maxDetector:
		return fmt.Errorf("it has %d bytes, more than %d", len(d.Data), maxDetector)
	}
	return nil
}
