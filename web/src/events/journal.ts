// The journal as a timeline: which kinds there are, days, and a list that stays bounded.
import { formatter } from '../clock'
import type { Event } from '../types'

export interface Kind {
  kind: string
  sign: string
  title: string
  meaning: string
}

export const kinds: Kind[] = [
  { kind: 'verdict', sign: '◑', title: 'Verdicts', meaning: 'What is thought of the growth of a process changed.' },
  { kind: 'alert', sign: '!', title: 'Alerts', meaning: 'An alert began, rose or ended.' },
  { kind: 'restart', sign: '↻', title: 'Restarts', meaning: 'A process of a service was replaced by a new one.' },
  { kind: 'fault', sign: '✕', title: 'Faults', meaning: 'The daemon cannot do a part of its work.' },
  { kind: 'recovered', sign: '✓', title: 'Recoveries', meaning: 'The daemon can do that part of its work again.' },
  { kind: 'degradation', sign: '▼', title: 'Memory budget', meaning: 'The daemon gave something up to stay small, or took it back.' },
  { kind: 'late', sign: '…', title: 'Late beats', meaning: 'Beats were skipped: the machine was too busy.' },
  { kind: 'clock', sign: '◷', title: 'Clock', meaning: 'The clock was set, or the machine slept.' },
  { kind: 'config', sign: '≡', title: 'Configuration', meaning: 'The configuration was read again, or refused.' },
  { kind: 'store', sign: '▤', title: 'Store', meaning: 'Something that could not be read was set aside.' },
  { kind: 'start', sign: '▶', title: 'Starts', meaning: 'The daemon began to watch.' },
  { kind: 'stop', sign: '■', title: 'Stops', meaning: 'The daemon ended.' },
]

export const kindOf = (kind: string): Kind => kinds.find((k) => k.kind === kind) ?? { kind, sign: '·', title: kind, meaning: 'A kind this page has no word for.' }

const word = (detail: unknown, key: string): string => {
  const value: unknown = detail !== null && typeof detail === 'object' ? (detail as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : ''
}

const kindTones: Record<string, string> = { fault: 'leaking', degradation: 'suspect', late: 'suspect', recovered: 'good', store: 'suspect' }

// toneOf is the colour of an event by what it means: a verdict has that of its state, an
// alert that of its severity, unless it ended.
export function toneOf(e: Event): string {
  if (e.kind === 'verdict') return word(e.detail, 'to') || 'steady'
  if (e.kind === 'alert') {
    if (word(e.detail, 'change') === 'ended') return 'good'
    return { critical: 'leaking', warning: 'suspect' }[word(e.detail, 'severity')] ?? 'steady'
  }
  return kindTones[e.kind] ?? 'steady'
}

// serviceOf is the service an event is about; empty where it is about something else.
export function serviceOf(e: Event): string {
  if (e.kind === 'verdict' || e.kind === 'restart') return e.subject
  return e.kind === 'alert' ? word(e.detail, 'service') : ''
}

// textOf is the sentence without the subject at its beginning: that stands before it.
export const textOf = (e: Event): string => (e.subject && e.text.startsWith(`${e.subject} `) ? e.text.slice(e.subject.length + 1) : e.text)

// chosen reads the kinds of the address and drops what is none.
export const chosen = (text: string): string[] => text.split(',').filter((k) => kinds.some((known) => known.kind === k))

// toggled adds a kind to those of the address, or takes it away.
export function toggled(text: string, kind: string): string {
  const now = chosen(text)
  return (now.includes(kind) ? now.filter((k) => k !== kind) : [...now, kind]).join(',')
}

// mostKept events are in the document at a time.
export const mostKept = 1000

export interface Kept {
  events: Event[] // newest first
  before: number // to ask for what came before them; 0: nothing did
  cut: boolean // newer ones were dropped for older ones
}

export const nothing: Kept = { events: [], before: 0, cut: false }

// renewed takes the newest events in. Where they do not reach those that are kept there
// would be a hole: then the list begins anew.
export function renewed(kept: Kept, fresh: Event[], before: number): Kept {
  if (kept.cut) return kept
  const last = fresh[fresh.length - 1]
  const rest = last ? kept.events.filter((e) => e.id < last.id) : []
  const reaches = kept.events.some((e) => e.id === last?.id)
  if (!reaches || rest.length === 0) return { events: fresh, before, cut: false }
  const events = [...fresh, ...rest]
  if (events.length <= mostKept) return { events, before: kept.before, cut: false }
  const held = events.slice(0, mostKept)
  return { events: held, before: held[held.length - 1]!.id, cut: false }
}

// extended puts older events below; beyond the bound the newest leave.
export function extended(kept: Kept, older: Event[], before: number): Kept {
  const lowest = kept.events[kept.events.length - 1]?.id ?? Infinity
  const events = [...kept.events, ...older.filter((e) => e.id < lowest)]
  return { events: events.slice(Math.max(0, events.length - mostKept)), before, cut: kept.cut || events.length > mostKept }
}

const dayName = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

export interface Day {
  title: string
  events: Event[]
}

// days are the events by the visitor's own days.
export function days(events: Event[]): Day[] {
  const out: Day[] = []
  for (const e of events) {
    const title = dayName(new Date(e.time))
    const last = out[out.length - 1]
    if (last?.title === title) last.events.push(e)
    else out.push({ title, events: [e] })
  }
  return out
}
