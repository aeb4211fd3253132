// The daemon's report on itself, in groups of a name, a figure and what it means.
import { bytes, count, duration, many, percent, significant, unknown } from '../figure'
import type { Self, StoreState } from '../types'

export interface Figure {
  name: string
  text: string
  why: string
}

export interface FigureGroup {
  title: string
  figures: Figure[]
}

// milliseconds is a cost: "4.7 ms".
export const milliseconds = (seconds: number | null): string => (seconds === null ? unknown : `${significant(seconds * 1000)} ms`)

export function groups(s: Self): FigureGroup[] {
  const m = s.memory
  return [
    {
      title: 'Memory',
      figures: [
        { name: 'Private', text: bytes(m.private_bytes), why: 'What only the daemon can give back' },
        { name: 'RSS', text: bytes(m.rss_bytes), why: 'Resident, with pages of its program and file' },
        { name: 'Peak RSS', text: bytes(m.peak_rss_bytes), why: 'Highest of this life' },
        { name: 'Heap', text: bytes(m.heap_bytes), why: 'In use by Go’s heap' },
        { name: 'Held', text: bytes(m.held_bytes), why: 'All that the Go runtime holds from the system' },
        { name: 'Budget', text: bytes(m.budget_bytes), why: 'memory.budget of the configuration' },
        { name: 'Limit of the runtime', text: bytes(m.limit_bytes), why: 'GOMEMLIMIT: from here it collects harder' },
        { name: 'Collections', text: count(m.collections), why: 'Runs of the garbage collector since the start' },
      ],
    },
    {
      title: 'Beats',
      figures: [
        { name: 'Number', text: count(s.beat.number), why: 'Finished since the start' },
        { name: 'Every', text: duration(s.beat.interval_seconds), why: 'daemon.interval of the configuration' },
        { name: 'Late', text: count(s.beat.late), why: 'Skipped because one was still going on or the machine slept' },
        { name: 'Last', text: milliseconds(s.beat.last_seconds), why: 'What the last one took' },
        { name: 'Median', text: milliseconds(s.beat.median_seconds), why: 'Of those since the start' },
        { name: 'Longest', text: milliseconds(s.beat.longest_seconds), why: 'Of those since the start' },
        { name: 'Detectors', text: `${count(s.detectors.memory)} + ${count(s.detectors.counts)}`, why: 'On memory, and on descriptors and threads' },
        { name: 'They hold', text: bytes(s.detectors.bytes), why: 'All detectors together' },
      ],
    },
    {
      title: 'Process',
      figures: [
        { name: 'CPU', text: percent(s.cpu_percent), why: 'Of one core, since the beat before' },
        { name: 'CPU time', text: duration(s.cpu_seconds), why: 'Since the start' },
        { name: 'Threads', text: count(s.threads), why: 'Alive' },
        { name: 'Goroutines', text: count(s.goroutines), why: 'Alive' },
        { name: 'Descriptors', text: count(s.fds), why: 'Open' },
        { name: 'Uptime', text: duration(s.uptime_seconds), why: 'Of the daemon' },
        { name: 'Reads by', text: s.reader, why: 'How processes are read' },
        { name: 'PID', text: String(s.pid), why: 'Of the daemon' },
      ],
    },
    {
      title: 'Clients',
      figures: [
        { name: 'Live', text: `${s.live.clients} of ${s.live.max_clients}`, why: 'Pages that listen to the beats' },
        { name: 'They are behind by', text: bytes(s.live.queued_bytes), why: 'Messages not yet sent' },
        { name: 'Dropped', text: count(s.live.dropped), why: 'Too slow' },
        { name: 'Refused', text: count(s.live.refused), why: 'Too many, or memory was short' },
        { name: 'Requests', text: count(s.http.requests), why: 'Answered since the start' },
        { name: 'Cached answers', text: `${s.cache.entries} of ${s.cache.max_entries}`, why: `${many(s.cache.hits, 'hit', 'hits')}, ${many(s.cache.misses, 'miss', 'misses')}` },
        { name: 'They hold', text: bytes(s.cache.bytes), why: `Of ${bytes(s.cache.max_bytes)}` },
        { name: 'Sessions', text: `${count(s.sessions.sessions)}, ${bytes(s.sessions.bytes)}`, why: 'Of browsers' },
      ],
    },
  ]
}

export function storeFigures(s: StoreState): Figure[] {
  return [
    { name: 'File', text: bytes(s.file_bytes), why: s.path },
    { name: 'Log beside it', text: bytes(s.log_bytes), why: 'The write-ahead log' },
    { name: 'Cap', text: bytes(s.cap_bytes), why: 'Over it detail goes before reach' },
    { name: 'Days until the cap', text: s.days_until_cap === null ? unknown : significant(s.days_until_cap), why: 'At the present rate; – where that is not known yet, or does not happen' },
    { name: 'Bytes a sample', text: s.bytes_per_sample === null ? unknown : significant(s.bytes_per_sample), why: 'Of samples as read, in whole hours' },
    { name: 'Series', text: `${count(s.open_series)} open of ${count(s.series)}`, why: 'With samples in this hour, and known' },
    { name: 'Events', text: count(s.events), why: 'In the journal' },
    { name: 'Free on the disk', text: bytes(s.free_disk_bytes), why: 'Where the store is' },
  ]
}

// budgetSteps are what is given up for memory, in their order.
export const budgetSteps = [
  'Normal: nothing is given up.',
  'Caches: answers are made anew for each who asks.',
  'Detectors: fewer processes are judged, and the store keeps fewer pages in memory.',
  'Instances: only services and what rules name are stored and judged.',
  'Clients: no new live clients are let in.',
]
