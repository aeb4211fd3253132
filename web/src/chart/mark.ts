// Marks are moments: ticks on the time axis, with their word on hover.
import { dayTime, seconds } from '../clock'
import type { Mark } from '../types'

export interface MarkKind {
  kind: string
  word: string
  sign: string // as in the legend
  shape: 'up' | 'down' | 'diamond' | 'round' | 'bar'
  tone: string
}

const kinds: MarkKind[] = [
  { kind: 'start', word: 'start', sign: '▲', shape: 'up', tone: '--series-4' },
  { kind: 'end', word: 'end', sign: '▼', shape: 'down', tone: '--muted' },
  { kind: 'deploy', word: 'deploy', sign: '◆', shape: 'diamond', tone: '--accent' },
  { kind: 'verdict', word: 'verdict', sign: '●', shape: 'round', tone: '--suspect' },
  { kind: 'onset', word: 'onset', sign: '❙', shape: 'bar', tone: '--leaking' },
  { kind: 'alert', word: 'alert', sign: '❙', shape: 'bar', tone: '--suspect' },
  { kind: 'action', word: 'action', sign: '◆', shape: 'diamond', tone: '--series-3' },
]

export const kindOf = (kind: string): MarkKind => kinds.find((k) => k.kind === kind) ?? { kind, word: kind, sign: '❙', shape: 'bar', tone: '--muted' }

export interface Placed extends Mark {
  at: number
}

// placed are the marks of a stretch of time, oldest first.
export function placed(marks: Mark[], from: number, to: number): Placed[] {
  return marks
    .map((m) => ({ ...m, at: seconds(m.time) }))
    .filter((m) => m.at >= from && m.at <= to)
    .sort((a, b) => a.at - b.at)
}

// kindsIn are the kinds that occur, with how often, in the order of their definition.
export function kindsIn(marks: Mark[]): (MarkKind & { times: number })[] {
  const counts = new Map<string, number>()
  for (const m of marks) counts.set(m.kind, (counts.get(m.kind) ?? 0) + 1)
  const order = (kind: string): number => (kinds.findIndex((k) => k.kind === kind) + kinds.length) % kinds.length
  return [...counts].map(([kind, times]) => ({ ...kindOf(kind), times })).sort((a, b) => order(a.kind) - order(b.kind))
}

// mostSaid is how many marks of one place are put into words.
const mostSaid = 4

// said are the words for what lies within reach of a time; the nearest first.
export function said(marks: Placed[], t: number, reach: number): string[] {
  const near = marks.filter((m) => Math.abs(m.at - t) <= reach).sort((a, b) => Math.abs(a.at - t) - Math.abs(b.at - t))
  const words = near.slice(0, mostSaid).map((m) => `${dayTime(m.at)} ${kindOf(m.kind).word}: ${m.text}`)
  if (near.length > mostSaid) words.push(`and ${near.length - mostSaid} more`)
  return words
}
