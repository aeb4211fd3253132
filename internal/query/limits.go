package query

import "time"

// Limits of a query. They are sized so that two at a time, which is all that are computed,
// hold a fraction of the monitor's memory: with a week of 800 series, ten sides that ask for
// ranges made 17 MB of resident memory 31 (bench/query).
const (
	// MaxSamples may be in memory for one query: 16 bytes each, 8 MB. It is 300 series of
	// 1,600 points, more than a screen has places for.
	MaxSamples = 500_000
	// MaxRead may be read for one query: 60 services over a week (7.3 M at 5 s) ten times
	// over, a few seconds of one core.
	MaxRead = 100_000_000
	// MaxSeries may fit all selectors of one query together: what the store has open at a
	// time, and as much that ended.
	MaxSeries = 20_000
	// MaxSteps is how many points a series of an answer may have, as in Prometheus.
	MaxSteps = 11_000
	// MaxText is the length of an expression. The longest of a dashboard has hundreds.
	MaxText = 16 << 10
	// MaxComputing queries are computed at a time: a small machine has two cores, and one of
	// them is for what is watched.
	MaxComputing = 2
	// MaxTime is how long a query may take, waiting for its turn included.
	MaxTime = 10 * time.Second
	// Lookback is how old a sample may be and still be the present value, as in Prometheus:
	// the same query has the same answer there.
	Lookback = 5 * time.Minute
	// coarseLookback is that of queries that begin where an hour is all that is left of its
	// samples. Otherwise they would be seen for five minutes of each hour.
	coarseLookback = time.Hour + Lookback
	// MaxLabels bounds the answers about series and labels.
	MaxLabels = 10_000
)
