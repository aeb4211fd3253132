// What the charts of a service are made of: which series, and what the verdict says of them.
import { seconds } from '../clock'
import { bytes, delta, duration, until, unknown } from '../figure'
import type { Level, Line, Stretch, Trend } from '../chart/line'
import { anchored, envelope, trendOf, type Slope } from '../chart/trend'
import type { Limit, Mark, Outlook, Rate, Series, SeriesAnswer, ServiceDetail, ServiceInstance, Verdict } from '../types'

// subject is whom a series belongs to: all instances of a service, or one of them.
export interface Subject {
  prefix: string
  query: { service: string; pid?: string; start?: string }
}

// subjectOf reads an instance of the address, "PID@START".
export function subjectOf(service: string, instance: string): Subject {
  const [pid, start] = instance.split('@')
  return pid && start ? { prefix: 'zol0_process_', query: { service, pid, start } } : { prefix: 'zol0_service_', query: { service } }
}

export const named = (answer: SeriesAnswer | null, name: string): Series | undefined => answer?.series.find((s) => s.name === name)

export const privateVerdict = (x: ServiceInstance): Verdict | undefined => x.verdicts.find((v) => v.metric === 'private_bytes')

// Growth is what is thought of private memory, of a service or of one instance.
export interface Growth {
  slope: Slope | null
  // From horizon to until is what the verdict rests on.
  horizon: number | null
  until: number
  onset: number | null
  forecast: Outlook | null
}

export function growthOf(detail: ServiceDetail, instance: ServiceInstance | undefined): Growth {
  const now = seconds(detail.time)
  const verdicts = (instance ? [instance] : detail.instances).map(privateVerdict).filter((v) => v !== undefined)
  const rated = verdicts.filter((v) => v.rate_per_hour !== null && v.horizon_seconds !== null)
  // The rates of several processes hold together for the shortest of their horizons.
  const span = rated.length ? Math.min(...rated.map((v) => v.horizon_seconds!)) : null
  const onsets = verdicts.flatMap((v) => (v.onset ? [seconds(v.onset)] : []))
  const alone = instance ? verdicts[0] : undefined
  const rate = detail.service.rate
  let slope: Slope | null = null
  if (alone) {
    if (alone.rate_per_hour !== null) slope = { perHour: alone.rate_per_hour, low: alone.rate_low, high: alone.rate_high }
  } else if (!instance && rate) {
    slope = { perHour: rate.bytes_per_hour, low: rate.low_bytes_per_hour, high: rate.high_bytes_per_hour }
  }
  return {
    slope,
    horizon: span === null ? null : now - span,
    until: now,
    onset: onsets.length ? Math.min(...onsets) : null,
    forecast: instance ? (alone?.forecast ?? null) : detail.service.forecast,
  }
}

// nothingOf is what is thought of a process that is gone.
export const nothingOf = (detail: ServiceDetail): Growth => ({ slope: null, horizon: null, until: seconds(detail.time), onset: null, forecast: null })

// trendOver is the fitted line over the horizon, and beyond it to the end of a projection.
// It runs through the floor of what was measured: growth of the floor is what judges see.
export function trendOver(line: Line, growth: Growth, to: number, color: string): Trend | undefined {
  const { slope, horizon, until } = growth
  if (!slope || horizon === null) return undefined
  const anchor = anchored(envelope(line, horizon, until), slope)
  if (!anchor) return undefined
  return trendOf(anchor, slope, horizon, until, Math.max(until, to), { label: 'trend of the floor', color })
}

// unbounded is how much further than its middle a projection is drawn that has no late end.
const unbounded = 2

// Crossing is when a limit is reached.
export interface Crossing {
  from: number
  to: number
  end: number // of a time axis that shows it
  label: string
}

export function crossing(forecast: Outlook | null, now: number): Crossing | null {
  if (forecast?.outlook !== 'reaches' || forecast.in_seconds === null) return null
  const low = forecast.in_low_seconds ?? forecast.in_seconds
  const high = forecast.in_high_seconds ?? Math.max(low, forecast.in_seconds) * unbounded
  const late = forecast.in_high_seconds === null ? 'no known end' : duration(high)
  return { from: now + low, to: now + high, end: now + 1.08 * high, label: `limit reached in ${duration(low)} to ${late}` }
}

// limitLevels are the limits as levels of the chart. What counts towards a limit may be
// more than private memory (files in a cgroup, other processes of the machine): its level
// is then where private memory ends if the rest stays.
export function limitLevels(limits: Limit[], privateBytes: number | null, far: boolean): Level[] {
  return limits.map((limit, k) => {
    const left = limit.used_bytes === null ? null : limit.bytes - limit.used_bytes
    const same = left === null || privateBytes === null || Math.abs(limit.used_bytes! - privateBytes) <= 0.02 * limit.bytes
    return {
      value: same ? limit.bytes : privateBytes! + left!,
      label: same ? `${limit.kind} limit ${bytes(limit.bytes)}` : `${bytes(left)} left to the ${limit.kind} limit of ${bytes(limit.bytes)}`,
      tone: '--leaking',
      far: far && k === 0,
    }
  })
}

// settling is the level near which a filling cache ends.
export function settling(forecast: Outlook | null): Level[] {
  if (forecast?.outlook !== 'settles' || forecast.near === null) return []
  return [{ value: forecast.near, label: `settles near ${bytes(forecast.near)}`, tone: '--filling' }]
}

export function stretchesOf(growth: Growth, cross: Crossing | null, from: number, to: number): Stretch[] {
  const out: Stretch[] = []
  if (growth.horizon !== null && growth.horizon < to && growth.until > from) {
    out.push({ from: Math.max(from, growth.horizon), to: Math.min(to, growth.until), label: `horizon of the verdict, ${duration(growth.until - growth.horizon)}`, tone: '--steady' })
  }
  if (cross && cross.from < to && cross.to > from) out.push({ from: cross.from, to: Math.min(to, cross.to), label: cross.label, tone: '--leaking' })
  return out
}

export function onsetMark(growth: Growth, service: string): Mark[] {
  if (growth.onset === null) return []
  return [{ time: new Date(growth.onset * 1000).toISOString(), kind: 'onset', service, text: 'the growth began about here' }]
}

// rateWords are a rate with half the width of its interval: "+14.2 MB/h ± 1.1".
export function rateWords(rate: Rate | null): { rate: string; half: string; why: string } {
  if (!rate) return { rate: unknown, half: '', why: 'Not known yet' }
  const { bytes_per_hour: mid, low_bytes_per_hour: low, high_bytes_per_hour: high } = rate
  return { rate: `${delta(mid)}/h`, half: `± ${bytes((high - low) / 2)}`, why: `95 % interval: ${delta(low)}/h to ${delta(high)}/h` }
}

// outlookWords are a forecast in a figure and a note.
export function outlookWords(forecast: Outlook | null): { word: string; note: string } {
  if (!forecast) return { word: unknown, note: 'nothing is foreseen' }
  if (forecast.outlook === 'settles') return { word: `near ${bytes(forecast.near)}`, note: `settles at ${bytes(forecast.near_low)} to ${bytes(forecast.near_high)}` }
  const late = forecast.in_high_seconds === null ? 'never' : until(forecast.in_high_seconds)
  const word = until(forecast.in_seconds)
  return { word: word.startsWith('>') ? word : `in ${word}`, note: word === late ? '' : `${until(forecast.in_low_seconds)} to ${late}` }
}
