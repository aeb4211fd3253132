// Package remote speaks Prometheus's remote-write protocol (version 1.0): protobuf, packed
// with snappy. It encodes and decodes only; who sends and receives is elsewhere.
package remote

// Label is a name and a value of a series.
type Label struct{ Name, Value string }

// Sample is a value at a time in milliseconds since 1970 (UTC). The value of a stale marker
// is StaleNaN of github.com/prometheus/prometheus/model/value.
type Sample struct {
	T int64
	V float64
}

// Series is what one message says about one series: labels sorted by name, __name__ among
// them, and samples in order of time.
type Series struct {
	Labels  []Label
	Samples []Sample
}
