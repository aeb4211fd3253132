// The two stretches that are compared, as the address says them and as the API is asked.
import type { Query } from '../api'
import { dayTime } from '../clock'
import { instant } from '../range.svelte'
import { bytes, delta, figure, percent, significant } from '../figure'
import type { Life } from '../types'

// Stretch is one side: times in seconds since 1970, and which life.
export interface Stretch {
  from: number
  to: number
  pid: number // 0: the service as a whole
  start: string
}

export type Read = (name: string) => string

const day = 86_400

// ranges are the two stretches of the address; where it says none, the last 24 hours and
// those before.
export function ranges(read: Read, now: number): { before: Stretch; after: Stretch } {
  const side = (name: string, from: number, to: number): Stretch => {
    const a = instant(read(`${name}_from`))
    const b = instant(read(`${name}_to`))
    return a !== null && b !== null && a < b ? { from: a, to: b, pid: 0, start: '' } : { from, to, pid: 0, start: '' }
  }
  return { before: side('before', now - 2 * day, now - day), after: side('after', now - day, now) }
}

// lifeKey names a life in the address, as "PID@START" does everywhere.
export const lifeKey = (l: { pid: number; start: string }): string => `${l.pid}@${l.start}`

export const ofLife = (l: Life, now: number): Stretch => ({
  from: Math.floor(Date.parse(l.start_time) / 1000),
  to: l.end_time ? Math.ceil(Date.parse(l.end_time) / 1000) : now,
  pid: l.pid,
  start: l.start,
})

export const lifeLabel = (l: Life): string => `PID ${l.pid}: ${dayTime(l.start_time)} – ${l.end_time ? dayTime(l.end_time) : 'lives'}`

// lives are the two of the address; where it says none, the youngest and the one before.
export function lives(read: Read, all: Life[]): { before: Life | undefined; after: Life | undefined } {
  const pick = (name: string, other: Life | undefined) => all.find((l) => lifeKey(l) === read(name)) ?? other
  return { before: pick('before', all[1]), after: pick('after', all[0]) }
}

// asked is what /api/compare is asked for.
export function asked(service: string, before: Stretch, after: Stretch): Query {
  const side = (name: string, s: Stretch): Query => ({
    [`${name}_from`]: s.from,
    [`${name}_to`]: s.to,
    ...(s.pid > 0 ? { [`${name}_pid`]: s.pid, [`${name}_start`]: s.start } : {}),
  })
  return { service, ...side('before', before), ...side('after', after) }
}

// value is a figure of a row by its unit.
export function value(v: number | null, unit: string): string {
  if (unit === 'per_hour') return v === null ? '–' : `${significant(v)}/h`
  return figure(v, unit)
}

// change is a difference with its sign.
export function change(v: number | null, unit: string): string {
  if (v === null) return '–'
  if (unit === 'bytes') return delta(v)
  if (unit === 'bytes_per_hour') return `${delta(v)}/h`
  const sign = v > 0 ? '+' : ''
  if (unit === 'percent') return `${sign}${percent(v)}`
  return `${sign}${significant(v)}${unit === 'per_hour' ? '/h' : ''}`
}

export const changePercent = (v: number | null): string => (v === null ? '–' : `${v > 0 ? '+' : ''}${percent(v)}`)

export const sizeNow = (l: Life): string => bytes(l.private_bytes.at(-1))

// local is a time as the browser's field for local times wants it.
export function local(at: number): string {
  const d = new Date(at * 1000)
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
