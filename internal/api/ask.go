package api

import "time"

// LivesQuery asks for the lives of a service beside each other.
type LivesQuery struct {
	Service string
	Points  int // of each life at most
	Limit   int // lives at most
}

// MarksQuery asks for moments worth a line in a chart.
type MarksQuery struct {
	Service  string // empty: of all
	From, To time.Time
	Limit    int
}

// CompareQuery asks for two stretches of a service side by side.
type CompareQuery struct {
	Service       string
	Before, After StretchQuery
}

// StretchQuery is one of the two: all of a service in a stretch of time, or one life of
// one of its processes, where PID and Start name it and From and To may be zero.
type StretchQuery struct {
	From, To time.Time
	PID      int32
	Start    string
}

// LogQuery asks for lines of logs.
type LogQuery struct {
	Service string // empty: of all
	Level   string // this one and worse; empty: any
	After   uint64 // only those with a greater ID
	Limit   int
}
