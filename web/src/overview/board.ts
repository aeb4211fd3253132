// The leak board's rows: filtered, sorted, and held in order while somebody reads.
import { bytes, until } from '../figure'
import type { Outlook, ServiceRow } from '../types'
import { weight } from '../verdict'

export interface Column {
  key: string
  title: string
  why: string
  value: (s: ServiceRow) => number | string | null
  // falling says that the first click shows the largest first.
  falling: boolean
  narrow?: boolean // shown on a phone too
}

export const columns: Column[] = [
  { key: 'service', title: 'Service', why: 'A name that survives restarts', value: (s) => s.name.toLowerCase(), falling: false, narrow: true },
  { key: 'verdict', title: 'Verdict', why: 'The worst of its processes: hover or focus for the sentence', value: (s) => weight(s.state), falling: true, narrow: true },
  { key: 'private', title: 'Now MB', why: 'Private memory: what only these processes can give back', value: (s) => s.private_bytes, falling: true, narrow: true },
  { key: 'rate', title: 'MB/h', why: 'Growth of private memory with half the width of its 95 % interval', value: (s) => s.rate?.bytes_per_hour ?? null, falling: true, narrow: true },
  { key: 'limit', title: 'Limit in', why: 'Time to the limit that binds first, if it goes on so', value: (s) => (s.forecast?.outlook === 'reaches' ? s.forecast.in_seconds : null), falling: false },
  { key: 'cpu', title: 'CPU %', why: 'Of one core, since the beat before', value: (s) => s.cpu_percent, falling: true },
  { key: 'fds', title: 'FDs', why: 'Open file descriptors', value: (s) => s.fds, falling: true },
  { key: 'threads', title: 'Threads', why: 'Threads alive', value: (s) => s.threads, falling: true },
  { key: 'instances', title: 'Inst.', why: 'Processes alive', value: (s) => s.instances, falling: true },
]

export interface Filter {
  text: string
  verdict: string
  kind: string
}

export function fits(s: ServiceRow, f: Filter): boolean {
  return (!f.verdict || s.state === f.verdict) && (!f.kind || (s.kind ?? '') === f.kind) && (!f.text || s.name.toLowerCase().includes(f.text.toLowerCase()))
}

// sorted orders by a column, "-" before its key for falling; unknown is last, and an empty
// word keeps the daemon's order: worst first.
export function sorted(rows: ServiceRow[], by: string): ServiceRow[] {
  const falling = by.startsWith('-')
  const column = columns.find((c) => c.key === by.replace(/^-/, ''))
  if (!column) return rows
  return [...rows].sort((a, b) => {
    const x = column.value(a)
    const y = column.value(b)
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    const order = x < y ? -1 : x > y ? 1 : 0
    return falling ? -order : order
  })
}

// held keeps the order of names that somebody is reading; new services come last.
export function held(rows: ServiceRow[], order: string[]): ServiceRow[] {
  const place = new Map(order.map((name, i) => [name, i]))
  return [...rows].sort((a, b) => (place.get(a.name) ?? order.length) - (place.get(b.name) ?? order.length))
}

// outlook is a forecast in a cell, and in words.
export function outlook(f: Outlook | null): { cell: string; why: string } {
  if (!f) return { cell: '–', why: 'Nothing is foreseen' }
  if (f.outlook === 'settles') return { cell: `near ${bytes(f.near)}`, why: `Settles between ${bytes(f.near_low)} and ${bytes(f.near_high)}` }
  const low = until(f.in_low_seconds)
  const high = f.in_high_seconds === null ? 'never' : until(f.in_high_seconds)
  return { cell: until(f.in_seconds), why: `Reaches its limit in ${low} to ${high}` }
}
