package wire

import "time"

// ServiceDetail is one service at the last beat with all that is known of it, as
// /api/services/{name} gives it.
type ServiceDetail struct {
	Time            time.Time  `json:"time"`
	Beat            uint64     `json:"beat"`
	IntervalSeconds float64    `json:"interval_seconds"`
	Service         ServiceRow `json:"service"`
	// Instances stand with the worst verdict first, then the largest.
	Instances []ServiceInstance `json:"instances"`
	// Limits are what its growth can hit, the one that binds first first.
	Limits []Limit `json:"limits"`
	// Thresholds of the configuration that hold for it.
	ElevatedBytes uint64 `json:"elevated_bytes"`
	HighBytes     uint64 `json:"high_bytes"`
	// RuleYAML is a rule for the configuration that names this service; it is the one
	// that holds where RuleSource says where that stands, and a proposal where it is empty.
	RuleYAML   string `json:"rule_yaml"`
	RuleSource string `json:"rule_source"`
	// Work is what the program itself counts of its work; null where no source counts it.
	Work *ServiceWork `json:"work"`
	// Sources are those of trading whose figures stand beside its memory.
	Sources []string `json:"sources"`
}

// ServiceInstance is one living process of a service.
type ServiceInstance struct {
	Instance
	// Verdicts are on private_bytes, and on shmem_bytes, fds and threads where they
	// changed; empty where it is not judged.
	Verdicts []Verdict `json:"verdicts"`
	// Level is the floor that private memory last came back to, at LevelTime: through that
	// point goes the trend, with the rate of the verdict on private_bytes.
	LevelBytes *float64   `json:"level_bytes"`
	LevelTime  *time.Time `json:"level_time"`
	// Recorded says that this instance has series of its own in the store.
	Recorded bool `json:"recorded"`
	Watched  bool `json:"watched"`
}

// ServiceWork is a counter of work, which a source of the configuration reads.
type ServiceWork struct {
	Source  string `json:"source"`
	Counter string `json:"counter"` // its metric, or path
	// Count is what it says; null while the source does not answer.
	Count *float64 `json:"count"`
}

// Limit is something that the growth of a service ends at.
type Limit struct {
	Kind  string `json:"kind"` // rule, cgroup, host
	Bytes uint64 `json:"bytes"`
	// UsedBytes is what counts towards it now; null where that is not known.
	UsedBytes *uint64 `json:"used_bytes"`
	Text      string  `json:"text"` // where it stands, in words
}

// Lives are the present and earlier lives of a service side by side, as
// /api/services/{name}/lives gives them.
type Lives struct {
	Service string `json:"service"`
	// Lives stand with the youngest first: processes of the service that the store knows.
	Lives []Life `json:"lives"`
	// Comparison is of the first one with those before it; null where there are none
	// that reached its age.
	Comparison *LifeComparison `json:"comparison"`
	Truncated  bool            `json:"truncated"` // there were more
}

// Life is one life of one process of a service.
type Life struct {
	PID       int32      `json:"pid"`
	Start     string     `json:"start"` // the label of its series
	StartTime time.Time  `json:"start_time"`
	EndTime   *time.Time `json:"end_time"` // null while it lives
	// UptimeSeconds is its age now, or when it ended.
	UptimeSeconds float64 `json:"uptime_seconds"`
	// AgeSeconds and PrivateBytes are columns of one length: the mean private memory of
	// the stretch that begins at that age.
	AgeSeconds   []float64 `json:"age_seconds"`
	PrivateBytes []float64 `json:"private_bytes"`
}

// LifeComparison says how a life stands beside earlier ones at the same age.
type LifeComparison struct {
	AgeSeconds   float64 `json:"age_seconds"`
	PresentBytes float64 `json:"present_bytes"`
	// EarlierBytes is the median of the Lives that reached that age.
	EarlierBytes    float64 `json:"earlier_bytes"`
	DifferenceBytes float64 `json:"difference_bytes"`
	Lives           int     `json:"lives"`
	Sentence        string  `json:"sentence"`
}

// Marks are moments worth a line in a chart, oldest first, as /api/marks gives them.
type Marks struct {
	Marks     []Mark `json:"marks"`
	Truncated bool   `json:"truncated"` // there were more; the newest are here
}

// Mark is one such moment.
type Mark struct {
	Time time.Time `json:"time"`
	// Kind is start (a process of the service began), end (one ended), deploy (one began
	// from a changed file), verdict (its state changed), action, or a kind of the journal.
	Kind    string `json:"kind"`
	Service string `json:"service"`
	PID     int32  `json:"pid,omitempty"`
	Text    string `json:"text"`
}
