package exposition

import (
	"io"
	"math"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// writeOwn writes the daemon's own figures and those of its Go runtime and its process.
func writeOwn(w io.Writer, in *Input) error {
	registry := prometheus.NewPedanticRegistry()
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), own{in},
	} {
		if err := registry.Register(c); err != nil {
			return err
		}
	}
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	encoder := expfmt.NewEncoder(w, expfmt.FmtText)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// own is one answer's figures as a collector.
type own struct{ *Input }

// Describe describes nothing beforehand: which figures there are depends on the system.
func (own) Describe(chan<- *prometheus.Desc) {}

// Collect gives the figures.
func (o own) Collect(to chan<- prometheus.Metric) {
	g := giver{to, prometheus.GaugeValue}
	c := giver{to, prometheus.CounterValue}
	s := &o.Self
	g.labelled("zol0_build_info", "Always 1; its labels say which version this is and how it reads processes.", []string{"version", "goversion", "reader"}, 1, s.Version, runtime.Version(), s.Reader)
	if !s.StartTime.IsZero() {
		g.give("zol0_self_start_time_seconds", "When the daemon started, in Unix time.", float64(s.StartTime.UnixMilli())/1e3)
	}
	healthy := 1.0
	if s.ConfigError != "" {
		healthy = 0
	}
	g.give("zol0_self_config_valid", "1 while the configuration file is the one that holds, 0 since it was refused.", healthy)
	o.beats(g, c)
	o.memory(g, c)
	o.serving(g, c)
	o.storing(g, c)
	o.sending(g, c)
}

// beats are how its beats went and what they cost.
func (o own) beats(g, c giver) {
	s := &o.Self
	c.give("zol0_self_beats_total", "Beats finished.", float64(s.Beat.Number))
	c.give("zol0_self_late_beats_total", "Beats that were due while one was still going on, or the machine slept, and were skipped.", float64(s.Beat.Late))
	g.give("zol0_self_beat_interval_seconds", "Time from beat to beat as configured.", s.Beat.IntervalSeconds)
	if s.Beat.Time != nil {
		g.give("zol0_self_beat_timestamp_seconds", "When the last beat was, in Unix time.", float64(s.Beat.Time.UnixMilli())/1e3)
	}
	g.optional("zol0_self_beat_last_seconds", "What the last beat took.", s.Beat.LastSeconds)
	g.optional("zol0_self_beat_median_seconds", "What a beat takes: the median since the start.", s.Beat.MedianSeconds)
	g.optional("zol0_self_beat_longest_seconds", "What the longest beat since the start took.", s.Beat.LongestSeconds)
	for i := range s.Steps {
		x := &s.Steps[i]
		c.labelled("zol0_self_step_seconds_total", "Time spent in each step of the beats.", []string{"step"}, x.TotalSeconds, x.Name)
		c.labelled("zol0_self_step_errors_total", "Beats in which a step failed.", []string{"step"}, float64(x.Errors), x.Name)
	}
}

// memory is what it uses and gives up.
func (o own) memory(g, c giver) {
	s := &o.Self
	g.whole("zol0_self_private_bytes", "Private memory of the daemon at the last beat.", s.Memory.PrivateBytes)
	g.whole("zol0_self_rss_bytes", "Resident set of the daemon at the last beat.", s.Memory.RSSBytes)
	g.give("zol0_self_memory_budget_bytes", "The memory.budget of the configuration.", float64(s.Memory.BudgetBytes))
	g.give("zol0_self_memory_step", "What is given up for memory: 0 nothing, 1 caches, 2 detectors and pages of the store, 3 instances, 4 new live clients.", float64(s.Memory.Step))
	c.give("zol0_self_memory_step_changes_total", "Changes of that step.", float64(s.Memory.Changes))
	g.labelled("zol0_self_detectors", "Detectors at work.", []string{"of"}, float64(s.Detectors.Memory), "memory")
	g.labelled("zol0_self_detectors", "Detectors at work.", []string{"of"}, float64(s.Detectors.Counts), "counts")
	g.give("zol0_self_detector_bytes", "Memory that they hold.", float64(s.Detectors.Bytes))
	g.give("zol0_self_cache_entries", "Answers in the cache.", float64(s.Cache.Entries))
	g.give("zol0_self_cache_bytes", "Bytes of the answers in the cache.", float64(s.Cache.Bytes))
	c.give("zol0_self_cache_hits_total", "Answers that came from the cache.", float64(s.Cache.Hits))
	c.give("zol0_self_cache_misses_total", "Answers that had to be made.", float64(s.Cache.Misses))
	c.give("zol0_self_cache_expired_total", "Answers that passed their age.", float64(s.Cache.Expired))
	c.give("zol0_self_cache_evicted_total", "Answers that had to make room for others.", float64(s.Cache.Evicted))
}

// serving is what it does for those who ask.
func (o own) serving(g, c giver) {
	s := &o.Self
	g.give("zol0_self_live_clients", "Clients that are told of every beat.", float64(s.Live.Clients))
	g.give("zol0_self_live_queued_bytes", "Bytes of messages not yet sent to them, shared ones counted once per client.", float64(s.Live.QueuedBytes))
	c.give("zol0_self_live_messages_total", "Messages made for them.", float64(s.Live.Published))
	c.give("zol0_self_live_refused_total", "Live clients turned away: too many, or memory was short.", float64(s.Live.Refused))
	c.give("zol0_self_live_dropped_total", "Live clients that were too slow.", float64(s.Live.Dropped))
	c.give("zol0_self_http_requests_total", "Requests answered.", float64(s.HTTP.Requests))
	g.give("zol0_self_http_active_requests", "Requests being answered, live clients not among them.", float64(s.HTTP.Active))
	c.give("zol0_self_http_refused_requests_total", "Requests turned away because too many were active.", float64(s.HTTP.Refused))
	c.give("zol0_self_http_refused_connections_total", "Connections closed at once because too many were open.", float64(s.HTTP.RefusedConnections))
	g.give("zol0_self_sessions", "Sessions of browsers.", float64(s.Sessions.Sessions))
	c.give("zol0_self_page_loads_total", "Loads of the page.", float64(s.Sessions.PageLoads))
}

// storing is what it keeps on disk.
func (o own) storing(g, c giver) {
	s := &o.Store
	for _, part := range []struct {
		name string
		size *uint64
	}{{"file", s.FileBytes}, {"log", s.LogBytes}} {
		if part.size != nil {
			g.labelled("zol0_self_store_bytes", "Bytes of the store on disk: its file, and the write-ahead log beside it.", []string{"part"}, float64(*part.size), part.name)
		}
	}
	g.give("zol0_self_store_cap_bytes", "Size at which the oldest goes, whatever its age.", float64(s.CapBytes))
	c.give("zol0_self_store_appends_total", "Moments stored.", float64(s.Appends))
	c.give("zol0_self_store_samples_total", "Samples stored.", float64(s.Samples))
	c.give("zol0_self_store_refused_total", "Moments and events that found no room while the disk was full.", float64(s.Refused))
	c.give("zol0_self_store_left_out_samples_total", "Samples of series beyond the bound of series.", float64(s.Left))
	c.give("zol0_self_store_failed_writes_total", "Transactions that failed and were done again.", float64(s.Failed))
	c.give("zol0_self_store_set_aside_total", "Files and rows that could not be read and were set aside.", float64(s.Asides))
	g.labelled("zol0_self_recorded", "Who has series of its own.", []string{"kind"}, float64(s.RecordedServices), "service")
	g.labelled("zol0_self_recorded", "Who has series of its own.", []string{"kind"}, float64(s.RecordedInstances), "process")
	g.give("zol0_self_unrecorded_instances", "Process instances that are summed up as others.", float64(s.RestMembers))
}

// sending is how it gets on with an engine elsewhere, where there is one.
func (o own) sending(g, c giver) {
	s := o.Self.Engine
	if s == nil {
		return
	}
	if s.Write {
		g.give("zol0_self_engine_waiting_bytes", "Bytes in the spool that wait for the engine.", float64(s.WaitingBytes))
		g.give("zol0_self_engine_waiting_messages", "Messages in the spool that wait for the engine.", float64(s.WaitingRecords))
		g.give("zol0_self_engine_spool_bytes", "The most that may wait: the store.engine.spool of the configuration.", float64(s.SpoolBytes))
		c.give("zol0_self_engine_sent_messages_total", "Messages that the engine took.", float64(s.SentRecords))
		c.give("zol0_self_engine_sent_bytes_total", "Bytes of them on the wire.", float64(s.SentBytes))
		c.give("zol0_self_engine_dropped_messages_total", "Messages that had no room in the spool any more.", float64(s.DroppedRecords))
		c.give("zol0_self_engine_damaged_messages_total", "Messages that could not be read from the spool.", float64(s.DamagedRecords))
		c.give("zol0_self_engine_refused_messages_total", "Messages that the engine will never take.", float64(s.RefusedRecords))
		g.give("zol0_self_engine_failed_writes", "Requests that failed in a row; 0 while all is well.", float64(s.FailedWrites))
	}
	if s.Read {
		c.give("zol0_self_engine_failed_reads_total", "Questions about the past that the engine did not answer.", float64(s.FailedReads))
	}
}

// giver makes metrics of one type.
type giver struct {
	to   chan<- prometheus.Metric
	kind prometheus.ValueType
}

func (g giver) give(name, help string, v float64) { g.labelled(name, help, nil, v) }

// labelled gives a figure with labels. What is no number is not there.
func (g giver) labelled(name, help string, labels []string, v float64, values ...string) {
	if math.IsNaN(v) {
		return
	}
	m, err := prometheus.NewConstMetric(prometheus.NewDesc(name, help, labels, nil), g.kind, v, values...)
	if err != nil { // a label that is no UTF-8: the version, the reader
		m = prometheus.NewInvalidMetric(prometheus.NewDesc(name, help, labels, nil), err)
	}
	g.to <- m
}

func (g giver) optional(name, help string, v *float64) {
	if v != nil {
		g.give(name, help, *v)
	}
}

func (g giver) whole(name, help string, v *uint64) {
	if v != nil {
		g.give(name, help, float64(*v))
	}
}
