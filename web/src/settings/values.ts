// The configuration as the file groups it: each value in words, with its meaning.
import { bytes, duration } from '../figure'
import type { Config } from '../types'

export interface Value {
  key: string // as in the file
  text: string
  meaning: string
}

export interface Group {
  title: string
  values: Value[]
}

export function groups(c: Config): Group[] {
  return [
    {
      title: 'Thresholds',
      values: [
        { key: 'thresholds.elevated', text: bytes(c.elevated_bytes), meaning: 'Private memory of a process above which it is elevated' },
        { key: 'thresholds.high', text: bytes(c.high_bytes), meaning: 'Above which it needs immediate attention' },
        { key: 'thresholds.dashboard', text: bytes(c.dashboard_bytes), meaning: 'Above which zol0 itself is to be investigated' },
        { key: 'thresholds.watched_total', text: bytes(c.watched_total_bytes), meaning: 'All watched services together' },
      ],
    },
    {
      title: 'Daemon',
      values: [
        { key: 'daemon.listen', text: c.daemon.listen, meaning: 'Where this page is served' },
        { key: 'daemon.data', text: c.daemon.data || '–', meaning: 'Directory of what is kept' },
        { key: 'daemon.interval', text: duration(c.daemon.interval_seconds), meaning: 'Time between two beats' },
        { key: 'proc_root', text: c.proc_root, meaning: 'Where procfs is mounted' },
      ],
    },
    {
      title: 'Store and memory',
      values: [
        { key: 'store.size', text: bytes(c.store.size_bytes), meaning: 'Cap of the file: over it detail goes before reach' },
        { key: 'store.raw', text: duration(c.store.raw_seconds), meaning: 'How long samples are kept as read' },
        { key: 'store.minutes', text: duration(c.store.minutes_seconds), meaning: 'How long by the minute' },
        { key: 'store.hours', text: duration(c.store.hours_seconds), meaning: 'How long by the hour' },
        { key: 'memory.budget', text: bytes(c.memory.budget_bytes), meaning: 'What the monitor allows itself' },
      ],
    },
  ]
}
