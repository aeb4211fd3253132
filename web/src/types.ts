// Code generated from the shapes in internal/wire by its test (-update). DO NOT EDIT.

// Alerts are what holds at the last beat and what ended lately, as /api/alerts gives them.
export interface Alerts {
  time: string | null; // of the beat that was looked at; null before the first
  // Status is operational (everything was checked, nothing holds), notice, warning,
  // critical (the worst of what holds) or unknown (something could not be checked).
  status: string;
  // Sentence says it in words.
  sentence: string;
  // Checks are what was looked at.
  checks: AlertCheck[];
  // Firing stand with the worst first, then the oldest.
  firing: Alert[];
  // Resolved are the last that ended since the daemon started, newest first.
  resolved: Alert[];
}

// AlertCheck is one thing that is looked at in every beat.
export interface AlertCheck {
  rule: string;
  meaning: string;
  // Checked is false where what it needs could not be read; Why says why.
  checked: boolean;
  why?: string;
  firing: number;
}

// Alert is a rule that holds, or held.
export interface Alert {
  rule: string;
  severity: string; // info, warning, critical
  service: string; // empty: it is about the machine or the daemon
  sentence: string;
  value: number | null; // in the unit of the rule
  threshold: number | null; // that it passed
  unit: string; // bytes, percent, bytes_per_hour, seconds, or empty
  since: string;
  ended: string | null; // null while it holds
}

// Analysis is what `zol0 analyze --json` writes: a verdict on every series. Times are
// seconds in the file's own time: since 1970, or since the recording began.
export interface Analysis {
  // Threshold is the score from which growth was called a leak.
  threshold: number;
  series: AnalysedSeries[];
  // Errors are about files that could not be read, or not to their end.
  errors: AnalysisError[];
}

// AnalysedSeries is a series and its verdict, in the words of Verdict. What is not known is
// null. Figures without a unit in their name are in Unit.
export interface AnalysedSeries {
  file: string;
  // Series is the service, the process or the labels of Prometheus; the file's name
  // where the file names none.
  series: string;
  metric: string; // private, shmem, fds, threads, rss, uss or the column
  unit: string; // bytes, count or empty
  state: string; // learning, steady, filling, suspect, leaking
  shape: string;
  sentence: string;
  caveats: string[];
  samples: number;
  restarts: number;
  limit: number | null; // that was given
  // AtSeconds is the time of the newest sample, Value that sample, Level the floor that
  // the series last came back to.
  at_seconds: number | null;
  value: number | null;
  level: number | null;
  // Rates are growth per hour with the bounds of the 95 % interval; SmallestPerHour is
  // the smallest that would have been seen.
  rate_per_hour: number | null;
  rate_low: number | null;
  rate_high: number | null;
  smallest_per_hour: number | null;
  // PerWork is the growth per CPU second, or whatever the work counts.
  per_work: number | null;
  per_work_low: number | null;
  per_work_high: number | null;
  growth: number | null; // of the floor, since the onset
  // OnsetSeconds is when the growth began; its low end is null where that was before the
  // recording.
  onset_seconds: number | null;
  onset_low_seconds: number | null;
  onset_high_seconds: number | null;
  horizon_seconds: number | null; // length of what the verdict rests on
  score: number | null; // log-odds of a leak: 0 is even
  probability: number | null; // the same as a share of one
  forecast: Outlook | null; // null where nothing is foreseen
  evidence: Term[]; // weightiest first
}

// Term is one piece of evidence: what a test measured, and by how much that moved the score.
export interface Term {
  name: string;
  value: number | null;
  weight: number | null;
}

// AnalysisError is why a file was not read, or not to its end.
export interface AnalysisError {
  file: string;
  text: string;
  hint?: string;
}

// StateChange is a line of `zol0 analyze --events`: a change of state, as it would have
// been seen live. Every series begins as learning, which is no change.
export interface StateChange {
  file: string;
  series: string;
  metric: string;
  time_s: number; // of the newest sample that was known
  state: string;
  rate_per_hour: number | null; // bytes, or counts, per hour
  rate_low: number | null;
  rate_high: number | null;
  onset_s: number | null;
  score: number | null;
}

// Backtest is what `zol0 backtest --json` writes: how detectors did on labelled traces.
export interface Backtest {
  directory: string;
  set: string; // name of the set in its manifest
  // InSample says that the built-in weights were trained on a set of this name: zol0's
  // own figures are no estimate for other traces then.
  in_sample: boolean;
  threshold: number; // of zol0's own detector
  // WithoutLimits says that this detector was not told the limits of the manifest.
  without_limits: boolean;
  traces: number;
  detectors: BacktestResult[];
}

// BacktestResult is the score of one detector.
export interface BacktestResult {
  name: string;
  memory: BacktestFigures; // leaks of memory and shared memory
  all: BacktestFigures; // those of descriptors and threads too
  classes: BacktestClass[];
  traces: BacktestTrace[];
}

// BacktestFigures sum up many traces. Shares are between 0 and 1; null is a figure with
// nothing to rest on, or one that has no bound.
export interface BacktestFigures {
  leaks: number;
  ok: number;
  ambiguous: number; // in no other figure
  ambiguous_alarmed: number;
  true_positives: number;
  false_negatives: number;
  false_positives: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  // FalseAlarmsPer100Days counts every alarm on traces without a leak, per 100 days of
  // them, of which there are OKDays.
  false_alarms_per_100_days: number | null;
  ok_days: number;
  alarm_share: number | null; // of the time without a leak
  end_false_positives: number;
  end_recall: number | null;
  // Medians over the detected leaks, and over all, where a missed one took for ever.
  detect_hours: number | null;
  detect_hours_all: number | null;
  leaked: number | null; // until the detection, as a share of the RSS
  leaked_all: number | null;
  slope_error: number | null; // median of |claimed − true| / true
  slopes: number; // leaks on which that rests
}

// BacktestClass is the score on the traces of one class.
export interface BacktestClass {
  label: string;
  class: string;
  traces: number;
  detected: number;
  alarmed: number; // traces with a false alarm
  false_alarms: number;
}

// BacktestTrace is what a detector made of one trace.
export interface BacktestTrace {
  id: string;
  label: string;
  class: string;
  resource: string;
  detected: boolean;
  detect_hours: number | null;
  leaked: number | null;
  slope_error: number | null;
  false_alarms: number;
  ends_in_alarm: boolean;
}

// Check is the answer of `zol0 check --json`.
export interface Check {
  time: string;
  // Status is OK, WARNING, CRITICAL or UNKNOWN; Code is the exit code that goes with it.
  status: string;
  code: number;
  summary: string;
  findings: Finding[];
  services: number;
  // DeniedProcesses could not be read by this user; Partial says that the system hides
  // processes of other users.
  denied_processes: number;
  partial: boolean;
  // WatchedPrivateBytes is the private memory of all watched services together.
  watched_private_bytes: number;
  watched_limit_bytes: number;
  // With --over: how many processes were judged, how many were not, for they were not
  // there for long enough or not among the 100 that are, and the smallest growth of
  // private memory that would have been seen in every one that was.
  judged_processes?: number | null;
  unjudged_processes?: number | null;
  smallest_bytes_per_hour?: number | null;
  // MaxGrowthBytesPerHour is what --max-growth allows.
  max_growth_bytes_per_hour?: number | null;
}

// Finding is one thing that is not OK.
export interface Finding {
  status: string;
  text: string;
}

// Comparison is two stretches of time of a service side by side, as /api/compare gives it.
export interface Comparison {
  service: string;
  before: ComparedStretch;
  after: ComparedStretch;
  rows: ComparisonRow[];
  verdict_change: VerdictChange | null; // null where either was not judged
  caveats: string[];
}

// ComparedStretch is one of the two.
export interface ComparedStretch {
  from: string;
  to: string;
  // PID and Start tell which life it is of; 0 and empty: the service as a whole.
  pid: number;
  start: string;
  tier: string; // raw, minutes, hours, engine
  // Samples of private memory there are.
  samples: number;
  // Verdict is that on private memory of the process with the worst one, judged anew
  // over this stretch alone; null where there are too few samples.
  verdict: Verdict | null;
}

// ComparisonRow is one figure before and after. Counters are compared per hour.
export interface ComparisonRow {
  metric: string;
  title: string;
  // Unit is bytes, bytes_per_hour, percent, count or per_hour.
  unit: string;
  before: number | null;
  after: number | null;
  change: number | null;
  change_percent: number | null; // null where before is 0 or unknown
}

// VerdictChange is what became of the growth.
export interface VerdictChange {
  word: string; // better, worse, same, unknown
  sentence: string;
}

// Config is what holds after file, environment and flags, as `zol0 config show --json`
// writes it.
export interface Config {
  path: string; // empty: no file, the defaults hold
  proc_root: string;
  elevated_bytes: number;
  high_bytes: number;
  dashboard_bytes: number;
  watched_total_bytes: number;
  daemon: ConfigDaemon;
  store: ConfigStore;
  memory: ConfigMemory;
  services: Rule[];
  // Sources are those of trading and of work, and Logs whose last lines are kept.
  sources: ConfigSource[];
  logs: ConfigSource[];
  // Origins says of every key of the file, like "store.raw", where its value comes from:
  // "default", "FILE:LINE", the environment variable, or the flag.
  origins: Record<string, string>;
}

// ConfigSource is something that is asked or read beside the beat.
export interface ConfigSource {
  name: string;
  kind: string; // of a log: file, docker, unit, kernel
  from: string; // URL, path or unit
  service: string;
}

// ConfigDaemon is how the daemon runs.
export interface ConfigDaemon {
  listen: string; // host:port
  data: string; // directory; empty: the environment names no place
  interval_seconds: number;
  receive: boolean; // it is a hub
  // Tokens and WebConfig are paths of files that say who may ask; empty: none. Hosts are
  // further names that it goes by, with commas between.
  tokens: string;
  web_config: string;
  hosts: string;
  rate_limit: number; // requests a second of one address; 0: any number
  insecure: boolean; // it may listen where others reach it and ask nobody
}

// ConfigStore is how much of the past is kept: the cap of the file, and how long samples, minutes
// and hours are kept.
export interface ConfigStore {
  size_bytes: number;
  raw_seconds: number;
  minutes_seconds: number;
  hours_seconds: number;
  // Engine is absent where none is used.
  engine?: ConfigEngine | null;
}

// ConfigEngine is an engine elsewhere that keeps what is measured here. Tokens and passwords
// are no part of it.
export interface ConfigEngine {
  write: string; // URL that takes remote write; empty: nothing is sent
  read: string; // URL that answers PromQL; empty: the own store answers
  host: string; // label on everything; empty: the machine's name
  instance: string; // label on everything; empty: the address of the server
  spool_bytes: number;
  tenant?: string;
}

// ConfigMemory is what the monitor allows itself.
export interface ConfigMemory {
  budget_bytes: number;
}

// Rule is one way to recognise a service.
export interface Rule {
  name: string;
  kind?: string;
  match: string;
  source: string;
  elevated_bytes?: number;
  high_bytes?: number;
  limit_bytes?: number;
  // YAML is the rule as it would stand in the file.
  yaml: string;
}

// Error is what the API answers when it cannot do what was asked.
export interface Error {
  // Code is one stable word in snake_case, for programs.
  code: string;
  message: string; // for people: the thing, the value, the reason
  hint: string; // the next step
}

// Journal is what happened, newest first, as /api/journal gives it.
export interface Journal {
  events: Event[];
  // Before is what to ask for as before= to get the events before these; 0 where there
  // are none.
  before: number;
}

// Event is one thing that happened. It stands in the journal, and live clients are told
// of it under the name of its kind.
export interface Event {
  id: number; // later events have greater ones; 0 where it is not known yet
  time: string;
  // Kind is one word: verdict (of a service changed), degradation (the step of the memory
  // budget changed), late (beats were skipped), start and stop (of the daemon), restart
  // (of a process of a service), config (read, or refused), store (data put aside).
  kind: string;
  subject: string; // service, process or file that it happened to
  text: string; // one sentence
  // Detail is an object with what a program wants to know; null where there is no more.
  detail: unknown;
}

// BeatNews is what live clients are told at every beat, under the name beat.
export interface BeatNews {
  beat: number;
  time: string;
  late: number; // beats skipped since the start
  // Step of the memory budget, 0 for normal.
  step: number;
  self_rss_bytes: number | null;
  self_private_bytes: number | null;
  memory_used_percent: number | null; // of the host
  watched_private_bytes: number;
  processes: number;
  services: number;
  // States counts services by state of their verdict.
  states: Record<string, number>;
  // Changed are the services that changed most since the beat before, at most 20. The
  // whole table is under /api/services.
  changed: ServiceNews[];
}

// ServiceNews is what changed about one service.
export interface ServiceNews {
  name: string;
  state: string;
  private_bytes: number | null;
  cpu_percent: number | null; // of one core
  instances: number; // 0: it is gone
}

// Login is the body of POST /api/login.
export interface Login {
  token: string;
}

// Caller is who asks, as the daemon knows them.
export interface Caller {
  role: string; // viewer or operator
  // Name is that of the token; empty where there was none.
  name: string;
  // Tokens says that the daemon has tokens, so that one can log in and out.
  tokens: boolean;
}

// TokenList is the output of `zol0 token list --json`.
export interface TokenList {
  path: string;
  tokens: TokenRow[];
}

// TokenRow is one token, which nobody can make of it.
export interface TokenRow {
  name: string;
  role: string; // viewer or operator
  sha256: string; // its first 12 digits
}

// Logs are the last lines of the sources of logs, as /api/logs gives them.
export interface Logs {
  sources: LogSource[];
  // Lines stand with the newest last.
  lines: LogLine[];
  // Hint says how to have the logs of more services here; empty where nothing is missing.
  hint: string;
}

// LogSource is where lines come from.
export interface LogSource {
  name: string;
  service: string;
  lines: number; // seen since the daemon started
  dropped: number; // of these, lines that made room for newer ones
  // UnreadBytes were left out: they came faster than they are read.
  unread_bytes: number;
  error?: string;
}

// LogLine is one line, made printable and cut to a bound.
export interface LogLine {
  // ID counts lines since the daemon started: ask for those after it.
  id: number;
  time: string;
  level: string; // debug, info, warning, error, critical
  service: string;
  source: string;
  text: string;
}

// Monitoring is the summary of a watch, as `zol0 monitor --json` writes it.
export interface Monitoring {
  start: string;
  end: string;
  interval_seconds: number;
  samples: number;
  // Readings are the samples and the readings between them: what the verdicts and the
  // figures of the services rest on.
  readings: number;
  // SkippedSamples came due while the machine was suspended or too busy.
  skipped_samples: number;
  interrupted: boolean;
  // DeniedProcesses is the most that this user could not read at one time; Partial says
  // that the system hides processes of other users.
  denied_processes: number;
  partial: boolean;
  csv_path: string;
  services: MonitoredService[];
  // UntrackedServices, UnjudgedInstances and ForgottenInstances count what the bounds of
  // a watch left out: services beyond 1,000, ended processes that were never judged,
  // and ended ones beyond 100 whose verdicts were dropped.
  untracked_services: number;
  unjudged_instances: number;
  forgotten_instances: number;
  // UnjudgedSeries is the most series of shared memory, descriptors and threads at one time that changed
  // and were not judged, for 100 others were.
  unjudged_series: number;
}

// MonitoredService is one service over a watch: its private memory, all instances
// together, and what its instances gained in their own lives.
export interface MonitoredService {
  name: string;
  state: string; // learning, steady, filling, suspect, leaking: the worst of its instances'
  // StateMetric is what the state is of: private_bytes, shmem_bytes, fds or threads.
  state_metric: string;
  samples: number; // readings in which it was there
  start_private_bytes: number;
  end_private_bytes: number;
  mean_private_bytes: number;
  max_private_bytes: number;
  min_private_bytes: number;
  standard_deviation_private_bytes: number;
  // GrowthBytes is what its instances gained in their own lives: instances that came or
  // went are no growth.
  growth_private_bytes: number;
  rate: Rate | null; // of private memory; null where no living instance has one
  // SmallestBytesPerHour is the smallest rate that would have been seen, added up as the
  // rate is.
  smallest_bytes_per_hour: number | null;
  // LivingInstances are alive at the end, RatedInstances of them are in the rate.
  living_instances: number;
  rated_instances: number;
  begun_instances: number;
  ended_instances: number;
  instances: MonitoredInstance[];
}

// Rate is a change per hour with its 95 % interval.
export interface Rate {
  bytes_per_hour: number;
  low_bytes_per_hour: number;
  high_bytes_per_hour: number;
}

// MonitoredInstance is what was found about one process instance.
export interface MonitoredInstance {
  id: string;
  pid: number;
  name: string;
  state: string; // the worst of its verdicts'
  start_private_bytes: number;
  end_private_bytes: number;
  rate: Rate | null; // of private memory; null while learning
  samples: number;
  span_seconds: number;
  ended: boolean;
  // Verdicts are on private_bytes, and on shmem_bytes, fds and threads where they changed.
  verdicts: Verdict[];
}

// Verdict is the judgement of one series of an instance. Figures without a unit in their
// name are in that of the metric; what is not known, or has no bound, is null.
export interface Verdict {
  metric: string; // private_bytes, shmem_bytes, fds or threads
  state: string;
  shape: string; // unshaped, flat, sawtooth, step, stairs, seasonal, ramp, linear, saturating
  sentence: string;
  caveats: string[];
  // Score is the evidence for a leak in log-odds: 0 is even. Probability is the same as
  // a share of one.
  score: number | null;
  probability: number | null;
  // Rates are growth per hour with the bounds of the 95 % interval.
  rate_per_hour: number | null;
  rate_low: number | null;
  rate_high: number | null;
  // SmallestPerHour is the smallest growth per hour that would have been seen.
  smallest_per_hour: number | null;
  // Growth is how far the floor has risen since Onset.
  growth: number | null;
  onset: string | null;
  horizon_seconds: number | null; // length of what the verdict rests on
  forecast: Outlook | null; // null where nothing is foreseen
  // PerWork is the growth per unit of work, with the bounds of its 95 % interval: per CPU
  // second, or per unit of what the program counts.
  per_work: number | null;
  per_work_low: number | null;
  per_work_high: number | null;
  // Restarts counts the earlier lives, in processes that this one replaced, that the
  // verdict takes into account.
  restarts: number;
}

// Outlook is what comes next if it goes on as it does.
export interface Outlook {
  outlook: string; // reaches (the limit), settles (near a level)
  // In is the time until the limit is reached, counted from the end of the watch.
  in_seconds: number | null;
  in_low_seconds: number | null;
  in_high_seconds: number | null;
  // Near is the level at which it settles.
  near: number | null;
  near_low: number | null;
  near_high: number | null;
}

// Overview is all that the first screen shows of one beat in one answer, as /api/overview
// gives it: a page that opens asks once.
export interface Overview extends ServiceTable {
  // HostState is the machine at the same beat; its figures of memory are in Host.
  host_state: HostState;
  alerts: Alerts;
  logs: Logs; // the last ten lines
  strategies: Strategies;
  core: Core;
  own: OwnState;
}

// OwnState is the little that every page shows about the daemon itself; /api/self has all.
export interface OwnState {
  version: string;
  // Demo says that what is watched is the demonstration.
  demo: boolean;
  uptime_seconds: number;
  rss_bytes: number | null;
  private_bytes: number | null;
  budget_bytes: number;
  // Step of the memory budget: 0 for normal, and its word.
  step: number;
  step_name: string;
  late: number; // beats skipped since the start
  // CacheEntries of at most MaxCacheEntries answers are kept; PageLoads counts those of
  // all sessions since the start.
  cache_entries: number;
  max_cache_entries: number;
  page_loads: number;
}

// HostState is what the machine does, as /api/host gives it. Shares and speeds are since the
// beat before; null is what the system does not tell, or what needs one more beat.
export interface HostState {
  time: string;
  beat: number;
  host: Host;
  // CPUPercent is the share of all processors together that had work.
  cpu_percent: number | null;
  swap_used_percent: number | null;
  // The disk is that of the file system that holds the store.
  disk_total_bytes: number | null;
  disk_available_bytes: number | null;
  disk_used_percent: number | null;
  disk_read_bytes_per_second: number | null;
  disk_written_bytes_per_second: number | null;
  // Pressure (PSI) is the share of the last ten seconds in which some task, or every
  // task, waited for it, as the kernel averages it.
  cpu_pressure_percent: number | null;
  memory_pressure_percent: number | null;
  memory_full_pressure_percent: number | null;
  io_pressure_percent: number | null;
  processes: number;
}

// ProcessTable is every process at the last beat, as /api/processes gives it.
export interface ProcessTable {
  time: string;
  beat: number;
  // Processes stand with the largest private memory first.
  processes: ProcessRow[];
  // Total counts all that were read; there are less in Processes where they are more
  // than one answer may have.
  total: number;
  denied_processes: number;
  partial: boolean;
}

// ProcessRow is one process.
export interface ProcessRow {
  id: string; // "PID@START", as in zol0 quick --json
  pid: number;
  parent_pid: number;
  start_time: string;
  name: string;
  service: string;
  watched: boolean;
  kernel?: boolean; // a thread of the kernel
  user_id: number | null;
  state: string;
  status: string;
  private_bytes: number | null;
  rss_bytes: number | null;
  shmem_bytes: number | null;
  swap_bytes: number | null;
  cpu_percent: number | null; // of one core
  threads: number | null;
  fds: number | null;
  uptime_seconds: number;
}

// Self is the daemon's report on itself, as /api/self and `zol0 self --json` give it.
export interface Self {
  time: string;
  version: string;
  host: string;
  pid: number;
  start_time: string;
  uptime_seconds: number;
  listen: string; // host:port
  store_path: string;
  config_path: string; // empty: no file, the defaults hold
  config_time: string | null; // when it was last read
  // ConfigError is why the file as it stands now was refused; the one before holds.
  config_error?: string;
  // Reader is how processes are read: bpf, procfs, libproc or toolhelp.
  reader: string;
  memory: SelfMemory;
  cpu_percent: number | null; // of one core, since the beat before
  cpu_seconds: number | null;
  threads: number | null;
  fds: number | null;
  goroutines: number;
  beat: SelfBeat;
  steps: StepCost[];
  detectors: Detectors;
  cache: CacheCounts;
  live: LiveCounts;
  http: HTTPCounts;
  // Sessions of browsers, and what they keep on the server.
  sessions: SessionCounts;
  // Verdicts are what the daemon's own detectors say of it, as of any other service.
  verdicts: Verdict[];
  // Engine is how writing to an engine elsewhere and reading from it go; null where the
  // configuration names none.
  engine: EngineState | null;
}

// EngineState is how the daemon gets on with an engine elsewhere. Counts are since its start.
export interface EngineState {
  host: string; // the label of this machine there
  write: boolean;
  read: boolean;
  // Waiting is what lies in the spool; SpoolBytes is the most that may.
  waiting_records: number;
  waiting_bytes: number;
  spool_bytes: number;
  // Dropped had no room in the spool, Damaged could not be read from it, and Refused the
  // engine will never take.
  dropped_records: number;
  damaged_records: number;
  refused_records: number;
  sent_records: number;
  sent_bytes: number; // on the wire
  // FailedWrites are requests that failed in a row, the last one with WriteError; 0 while
  // all is well.
  failed_writes: number;
  write_error?: string;
  write_time: string | null; // when it last took something; null: never
  // ReadError is why the past is shown from the own store instead; empty while the engine
  // answers. FailedReads are all questions that it did not answer.
  read_error?: string;
  read_error_since: string | null;
  failed_reads: number;
}

// SelfMemory is the daemon's own memory and what it does to keep it small.
export interface SelfMemory extends MemoryState {
  peak_rss_bytes: number | null;
  // BudgetBytes is memory.budget of the configuration, LimitBytes the limit that Go's
  // runtime was given for it (GOMEMLIMIT).
  budget_bytes: number;
  limit_bytes: number;
  // Step is 0 for normal and counts up to 4 the more is given up: caches; detectors and
  // pages of the store; instances; new live clients. StepName says it in a word.
  step: number;
  step_name: string;
  step_time: string | null; // since when; null before the first change
  // Changes of the step since the start.
  changes: number;
  // Collections are runs of Go's garbage collector since the start.
  collections: number;
}

// SelfBeat is how the beats of the daemon went.
export interface SelfBeat {
  number: number; // of the last one that was finished; 0 before
  time: string | null; // of the last one
  interval_seconds: number;
  // Late counts beats that were due while one was still going on, or the machine slept,
  // and were skipped.
  late: number;
  // Seconds the last one took, the median and the longest of those since the start.
  last_seconds: number | null;
  median_seconds: number | null;
  longest_seconds: number | null;
}

// StepCost is what one step of the beat cost: sample, store, judge, alert, record, tell.
export interface StepCost {
  name: string;
  // Seconds of the last beat, and in all.
  last_seconds: number;
  total_seconds: number;
  errors: number;
  last_error?: string;
}

// Detectors are the judges at work and the bytes they hold.
export interface Detectors {
  memory: number; // on private and shared memory
  counts: number; // on descriptors and threads
  bytes: number;
}

// CacheCounts say how the cache of answers does.
export interface CacheCounts {
  entries: number;
  max_entries: number;
  bytes: number;
  max_bytes: number;
  hits: number;
  misses: number;
  expired: number; // entries that passed their age
  evicted: number; // entries that had to make room
}

// LiveCounts say how the live clients do.
export interface LiveCounts {
  clients: number;
  max_clients: number;
  queued_bytes: number; // of messages not yet sent, shared ones counted once per client
  published: number;
  refused: number; // clients turned away: too many, or memory is short
  dropped: number; // clients that were too slow
}

// HTTPCounts say how the other requests do.
export interface HTTPCounts {
  requests: number; // answered in all
  active: number; // at this moment, live clients not among them
  refused: number; // turned away because too many were active
  // RefusedConnections were closed at once because too many were open.
  refused_connections: number;
}

// SessionCounts say how many browsers' sessions there are.
export interface SessionCounts {
  sessions: number;
  bytes: number;
  page_loads: number;
}

// SeriesAnswer is what the store knows about the series that were asked for, as
// /api/series gives it.
export interface SeriesAnswer {
  name: string; // as it was asked for: one name, or several with commas
  from: string;
  to: string; // not included
  step_seconds: number;
  // Tier is the finest the store has for all of that time: raw, minutes or hours. Steps
  // shorter than the tier have one point per sample of it. It is engine where an engine
  // elsewhere answered: how finely that keeps what, only it knows.
  tier: string;
  series: Series[];
  // Truncated says that more series matched than one answer may have.
  truncated: boolean;
}

// Series is one series in columns of one length. Point k stands for the step that begins
// at Times[k] and says the least, mean and greatest sample in it and its last. A step
// without a sample has no point: a gap is a gap.
export interface Series {
  name: string;
  labels: Record<string, string>;
  times: number[]; // seconds since 1970, ascending
  // Columns that were not asked for are left out.
  min?: number[];
  mean?: number[];
  max?: number[];
  last?: number[];
}

// ServiceDetail is one service at the last beat with all that is known of it, as
// /api/services/{name} gives it.
export interface ServiceDetail {
  time: string;
  beat: number;
  interval_seconds: number;
  service: ServiceRow;
  // Instances stand with the worst verdict first, then the largest.
  instances: ServiceInstance[];
  // Limits are what its growth can hit, the one that binds first first.
  limits: Limit[];
  // Thresholds of the configuration that hold for it.
  elevated_bytes: number;
  high_bytes: number;
  // RuleYAML is a rule for the configuration that names this service; it is the one
  // that holds where RuleSource says where that stands, and a proposal where it is empty.
  rule_yaml: string;
  rule_source: string;
  // Work is what the program itself counts of its work; null where no source counts it.
  work: ServiceWork | null;
  // Sources are those of trading whose figures stand beside its memory.
  sources: string[];
}

// ServiceInstance is one living process of a service.
export interface ServiceInstance extends Instance {
  // Verdicts are on private_bytes, and on shmem_bytes, fds and threads where they
  // changed; empty where it is not judged.
  verdicts: Verdict[];
  // Level is the floor that private memory last came back to, at LevelTime: through that
  // point goes the trend, with the rate of the verdict on private_bytes.
  level_bytes: number | null;
  level_time: string | null;
  // Recorded says that this instance has series of its own in the store.
  recorded: boolean;
  watched: boolean;
}

// ServiceWork is a counter of work, which a source of the configuration reads.
export interface ServiceWork {
  source: string;
  counter: string; // its metric, or path
  // Count is what it says; null while the source does not answer.
  count: number | null;
}

// Limit is something that the growth of a service ends at.
export interface Limit {
  kind: string; // rule, cgroup, host
  bytes: number;
  // UsedBytes is what counts towards it now; null where that is not known.
  used_bytes: number | null;
  text: string; // where it stands, in words
}

// Lives are the present and earlier lives of a service side by side, as
// /api/services/{name}/lives gives them.
export interface Lives {
  service: string;
  // Lives stand with the youngest first: processes of the service that the store knows.
  lives: Life[];
  // Comparison is of the first one with those before it; null where there are none
  // that reached its age.
  comparison: LifeComparison | null;
  truncated: boolean; // there were more
}

// Life is one life of one process of a service.
export interface Life {
  pid: number;
  start: string; // the label of its series
  start_time: string;
  end_time: string | null; // null while it lives
  // UptimeSeconds is its age now, or when it ended.
  uptime_seconds: number;
  // AgeSeconds and PrivateBytes are columns of one length: the mean private memory of
  // the stretch that begins at that age.
  age_seconds: number[];
  private_bytes: number[];
}

// LifeComparison says how a life stands beside earlier ones at the same age.
export interface LifeComparison {
  age_seconds: number;
  present_bytes: number;
  // EarlierBytes is the median of the Lives that reached that age.
  earlier_bytes: number;
  difference_bytes: number;
  lives: number;
  sentence: string;
}

// Marks are moments worth a line in a chart, oldest first, as /api/marks gives them.
export interface Marks {
  marks: Mark[];
  truncated: boolean; // there were more; the newest are here
}

// Mark is one such moment.
export interface Mark {
  time: string;
  // Kind is start (a process of the service began), end (one ended), deploy (one began
  // from a changed file), verdict (its state changed), action, or a kind of the journal.
  kind: string;
  service: string;
  pid?: number;
  text: string;
}

// ServiceTable is every service at one beat, as /api/services gives it.
export interface ServiceTable {
  time: string; // of the beat
  beat: number; // its number since the daemon started
  interval_seconds: number;
  host: Host;
  // Services stand with the worst verdict first, then the fastest growing.
  services: ServiceRow[];
  watched_private_bytes: number; // all watched services together
  watched_limit_bytes: number;
  watched_status: string; // NORMAL or REVIEW
  processes: number; // that were read
  denied_processes: number;
  // Partial says that the system hides processes of other users.
  partial: boolean;
  // UntrackedServices are beyond the bound of the daemon and in no other figure.
  untracked_services: number;
}

// ServiceRow is one service: what all its instances use together, and what is thought of it.
export interface ServiceRow {
  name: string;
  kind?: string;
  watched: boolean;
  status: string; // NORMAL, UNKNOWN, INVESTIGATE, ELEVATED, HIGH
  // State is the worst of the instances' (learning, steady, filling, suspect, leaking)
  // and StateMetric what that is of: private_bytes, shmem_bytes, fds or threads.
  state: string;
  state_metric: string;
  // Sentence is that verdict in words, absent while learning.
  sentence?: string;
  caveats?: string[];
  private_bytes: number | null;
  rss_bytes: number | null;
  shmem_bytes: number | null;
  swap_bytes: number | null;
  cpu_percent: number | null; // of one core, since the beat before
  threads: number | null;
  fds: number | null;
  instances: number;
  // RatedInstances are those whose growth is known and in Rate.
  rated_instances: number;
  // Rate is the growth of private memory; null while nothing is known.
  rate: Rate | null;
  // SmallestBytesPerHour is the smallest growth that would have been seen.
  smallest_bytes_per_hour: number | null;
  // GrowthBytes is what its instances gained in private memory in their own lives since
  // the daemon started; instances that came or went are no growth.
  growth_private_bytes: number | null;
  // LimitBytes binds first, of those that are known; null where none is.
  limit_bytes: number | null;
  forecast: Outlook | null; // null where nothing is foreseen
  // UptimeSeconds is of the oldest instance.
  uptime_seconds: number;
}

// Top is who grew most, as /api/top gives it.
export interface Top {
  time: string; // until which it counts
  metric: string; // its name in the table of metrics, such as private_bytes
  since_seconds: number;
  // Services stand with the one that grew most first. Those that shrank are not there.
  services: TopRow[];
}

// TopRow is the growth of one service, in the unit of the metric. First is its value at
// the beginning of the time, or when the store first saw it after that; Last the newest.
export interface TopRow {
  service: string;
  first: number;
  last: number;
  growth: number;
  growth_per_hour: number | null; // null for less than a minute
  first_time: string;
  last_time: string;
}

// Session is what the server keeps of one browser's session: the answer of /api/session
// and of what changes it.
export interface Session {
  page_loads: number; // of this session
  all_page_loads: number; // of all sessions since the daemon started
  keys: string[]; // under which it keeps values, sorted
  // SweptKeys is how many temporary keys this call dropped.
  swept_keys: number;
  cache_entries: number; // of the daemon's answers, for everybody
  // ExpiresSeconds is how long the session lives when it is not used.
  expires_seconds: number;
  // Caller is who asks: the page shows what their role may do.
  caller: Caller;
}

// CacheCleared is the answer of POST /api/cache/clear.
export interface CacheCleared {
  // Entries and EntryBytes were in the caches.
  entries: number;
  entry_bytes: number;
  before: MemoryState;
  after: MemoryState;
  // FreedBytes is by how much private memory shrank; below 0 it grew meanwhile.
  freed_bytes: number | null;
}

// MemoryState is the daemon's own memory at one moment.
export interface MemoryState {
  rss_bytes: number | null;
  private_bytes: number | null;
  // HeapBytes is what Go's heap has in use; HeldBytes is all that the Go runtime holds
  // from the system, with what it has not given back.
  heap_bytes: number;
  held_bytes: number;
}

// Snapshot is one moment of a machine, as `zol0 quick --json` writes it.
export interface Snapshot {
  time: string;
  host: Host;
  services: Service[];
  // WatchedPrivateBytes is the private memory of all watched services together, also of
  // those a filter left out of Services.
  watched_private_bytes: number;
  watched_limit_bytes: number;
  watched_status: string; // NORMAL or REVIEW
  // Processes counts every process of the machine that was read.
  processes: number;
  // DeniedProcesses were there but could not be read by this user.
  denied_processes: number;
  // Partial says that the system hides processes of other users.
  partial: boolean;
  // PSSStallSeconds is how long reading PSS held memory locks of targets, in all.
  pss_stall_seconds?: number | null;
}

// Host is the machine's own memory.
export interface Host {
  name: string;
  memory_total_bytes: number;
  memory_used_bytes: number | null;
  memory_available_bytes: number | null;
  memory_used_percent: number | null;
  swap_total_bytes: number | null;
  swap_used_bytes: number | null;
  cpus: number;
  load1: number | null;
  uptime_seconds: number;
}

// Usage is what an instance uses, or all instances of a service together.
export interface Usage {
  private_bytes: number | null;
  rss_bytes: number | null;
  anon_bytes: number | null;
  file_bytes: number | null;
  shmem_bytes: number | null;
  swap_bytes: number | null;
  virtual_bytes: number | null;
  pss_bytes?: number | null;
  uss_bytes?: number | null;
  cpu_percent: number | null; // of one core
  cpu_seconds: number | null;
  threads: number | null;
  fds: number | null;
  minor_faults: number | null;
  major_faults: number | null;
}

// Service is a service and its live instances.
export interface Service extends Usage {
  name: string;
  kind?: string;
  watched: boolean;
  // Status is the worst of the instances': NORMAL, UNKNOWN, INVESTIGATE, ELEVATED, HIGH.
  status: string;
  // ThresholdBytes is what an instance passed; absent for NORMAL and UNKNOWN.
  threshold_bytes?: number;
  uptime_seconds: number; // of the oldest instance
  instances: Instance[];
}

// Instance is one process instance.
export interface Instance extends Usage {
  // ID is "PID@START": unlike a PID it names one life of one process until the next boot.
  id: string;
  pid: number;
  start_time: string;
  name: string;
  parent_pid: number;
  user_id: number | null;
  state: string;
  status: string;
  // PeakRSSBytes is of one instance only: peaks of several are of different moments.
  peak_rss_bytes: number | null;
  uptime_seconds: number;
}

// StoreState is what the daemon keeps on disk, as /api/store and zol0 store info --json give
// it.
export interface StoreState {
  time: string;
  path: string;
  schema_version: number;
  driver: string;
  file_bytes: number;
  log_bytes: number; // the write-ahead log beside it
  used_bytes: number; // of the file
  free_bytes: number; // of the file: what deleted rows left, for new ones
  cap_bytes: number; // size at which the oldest goes, whatever its age
  // DaysUntilCap is how long that takes at the present rate; null where it is not known
  // yet, or does not happen.
  days_until_cap: number | null;
  free_disk_bytes: number | null;
  oldest: string | null; // null in an empty store
  newest: string | null;
  series: number; // known
  open_series: number; // with samples in the current hour
  max_open_series: number;
  // RefusedSeries were not begun because of that cap.
  refused_series: number | null; // null without a daemon
  owners: StoreOwners[];
  events: number;
  detectors: number; // saved states
  samples: number;
  bytes_per_sample: number | null; // null before the first whole hour
  tiers: StoreTier[];
  // Appends since the daemon started, those the disk had no room for, and transactions
  // that failed and were done again. All are null without a daemon.
  appends: number | null;
  refused_appends: number | null;
  failed_writes: number | null;
  written_bytes: number | null; // to disk, since the daemon started
  // Asides could not be read and were put out of the way, never deleted.
  asides: StoreAside[];
}

// StoreTier is one resolution of the store.
export interface StoreTier {
  name: string; // raw, minutes, hours
  step_seconds: number | null; // null for raw: as sampled
  retention_seconds: number; // after which it goes
  oldest: string | null;
  newest: string | null;
  chunks: number;
  samples: number;
  bytes: number;
}

// StoreOwners counts what series belong to.
export interface StoreOwners {
  kind: string; // host, service, process, gauge
  open: number; // with samples lately
  all: number;
}

// StoreAside is a file, or rows of one, that could not be read.
export interface StoreAside {
  path: string; // where it is now
  reason: string;
}

// Strategies are how the strategies of trading sources perform, as /api/strategies gives
// them.
export interface Strategies {
  // Configured is false where there is no source: then there are no figures either.
  configured: boolean;
  message: string;
  hint: string;
  sources: SourceState[];
  strategies: Strategy[];
  totals: StrategyTotals;
}

// StrategyTotals are of all strategies whose figures are real.
export interface StrategyTotals {
  strategies: number;
  profit: number | null; // null: none, or in several currencies
  currency: string;
  trades: number;
  open_trades: number;
}

// Strategy is one strategy. A figure that is not known is null, and Why may say the reason
// under the name of its key.
export interface Strategy {
  name: string;
  source: string;
  service: string; // whose memory stands beside it; may be empty
  // Origin says where the figures come from: trades (computed from each of them), equity
  // (computed from its course), told (by the source), fallback (the source says that they
  // are not real).
  origin: string;
  active: boolean | null;
  currency: string; // empty: not known
  profit: number | null; // in the currency, net of fees
  profit_percent: number | null; // of the balance that it began with
  fees: number | null;
  equity: number | null;
  trades: number | null; // that were closed
  wins: number | null;
  losses: number | null;
  open_trades: number | null;
  win_rate: number | null; // 0 to 1
  profit_factor: number | null;
  expectancy: number | null; // profit of a trade in the mean
  sharpe: number | null;
  sortino: number | null;
  best: number | null;
  worst: number | null;
  max_drawdown: number | null; // in the currency, 0 or more
  max_drawdown_percent: number | null; // of the peak before it
  drawdown_peak_time: string | null;
  drawdown_trough_time: string | null;
  average_duration_seconds: number | null;
  first_trade_time: string | null;
  last_trade_time: string | null;
  why: Record<string, string>;
  // Course is the balance, or the profit where that is not known, at most 120 points.
  course: StrategyCourse;
}

// StrategyCourse is a line over time.
export interface StrategyCourse {
  times: number[]; // seconds since 1970, ascending
  values: number[];
  // Of is what the values are: equity, profit; empty without any.
  of: string;
}

// StrategyDetail is one strategy by days, weeks and months, as /api/strategy gives it.
export interface StrategyDetail extends Strategy {
  // Daily are the last 31 days, Weekly 26 weeks from Monday on, Monthly 24 months, all in
  // UTC and the present one last. None where no trades are known.
  daily: PeriodSum[];
  weekly: PeriodSum[];
  monthly: PeriodSum[];
}

// PeriodSum is what the trades that were closed in a period brought.
export interface PeriodSum {
  begin: string;
  profit: number;
  trades: number;
  wins: number;
}

// SourceState is how one source answers.
export interface SourceState {
  name: string;
  kind: string; // zol0, freqtrade, openmetrics, json, trades
  service: string;
  // State is waiting (not asked yet), ok, partial (some of it did not answer), dead.
  state: string;
  // Error is what went wrong last, with the next step.
  error?: string;
  hint?: string;
  // Caveat is what the source says against its own figures.
  caveat?: string;
  detail?: string; // what it says of itself: version, mode
  last_good_time: string | null;
  answers: number;
  failures: number; // in a row
  interval_seconds: number;
  series: number; // gauges and counters that it gives
  left_out: number;
}

// Core are the components of the trading core, as /api/core gives them.
export interface Core {
  configured: boolean;
  message: string;
  hint: string;
  sources: SourceState[];
  components: Component[];
}

// Component is one part of a trading core.
export interface Component {
  name: string;
  source: string;
  status: string; // up, degraded, down, unknown
  reason: string;
  count: number | null; // of its parts: strategies, models
  since: string; // of this status, as far as it was watched
}

// Version is what `zol0 version --json` writes.
export interface Version {
  version: string;
  revision?: string; // commit, where the build recorded it
  go: string;
  os: string;
  architecture: string;
}

// Explanation says how the service of one process was found.
export interface Explanation {
  pid: number;
  name: string;
  command?: string;
  // Parents are the ancestors from the parent up.
  parents?: Ancestor[];
  // Steps are those that were tried, in their order.
  steps: Note[];
  service: string;
  kind?: string;
  // DecidedBy is the step that decided.
  decided_by: string;
  watched: boolean;
  // Why is the decision in one sentence.
  why: string;
  // Withheld are facts that could not be read, with the reason as far as it is known.
  withheld?: string[];
}

// Ancestor is one process above the explained one.
export interface Ancestor {
  pid: number;
  name: string;
  service: string;
}

// Note is what one step saw and what came of it.
export interface Note {
  step: string;
  saw: string;
  outcome: string;
}
