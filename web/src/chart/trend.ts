// The trend that a verdict speaks of, and what follows if it goes on.
import type { Line, Trend } from './line'
import { median } from './series'

// binsOfHorizon is how finely the floor is drawn: as the judges see it.
const binsOfHorizon = 40

// envelope is the floor of a line: the least of each of 40 bins from..to, at the time when
// it was reached. Three bins without a point are a gap: where steps of the line are longer than
// bins, some have none.
export function envelope(line: Line, from: number, to: number): { times: number[]; mid: (number | null)[] } {
  const times: number[] = []
  const mid: (number | null)[] = []
  const width = (to - from) / binsOfHorizon
  if (!(width > 0)) return { times, mid }
  const at = new Array<number>(binsOfHorizon).fill(NaN)
  const least = new Array<number>(binsOfHorizon).fill(Infinity)
  line.times.forEach((t, k) => {
    const v = line.low?.[k] ?? line.mid[k] ?? null
    if (v === null || t < from || t > to) return
    const bin = Math.min(binsOfHorizon - 1, Math.floor((t - from) / width))
    if (v < least[bin]!) {
      least[bin] = v
      at[bin] = t
    }
  })
  const hole = 3 * Math.max(width, stepOf(line))
  for (let bin = 0; bin < binsOfHorizon; bin++) {
    if (least[bin] === Infinity) continue
    const before = times[times.length - 1]
    if (before !== undefined && at[bin]! - before > hole) {
      times.push((before + at[bin]!) / 2)
      mid.push(null)
    }
    times.push(at[bin]!)
    mid.push(least[bin]!)
  }
  return { times, mid }
}

function stepOf(line: Line): number {
  const apart: number[] = []
  for (let k = 1; k < line.times.length; k++) apart.push(line.times[k]! - line.times[k - 1]!)
  return apart.length ? median(apart) : 0
}

export interface Slope {
  perHour: number
  low: number | null // per hour
  high: number | null
}

export interface Anchor {
  time: number
  value: number
}

// anchored is where a line of this slope runs through points: at the middle of their time,
// the median of what is left of them when the slope is taken away. A few points far off, as
// sawteeth have, do not move it. Null where there is no point.
export function anchored(points: { times: number[]; mid: (number | null)[] }, slope: Slope): Anchor | null {
  const known = points.times.flatMap((t, k) => {
    const v = points.mid[k] ?? null
    return v === null ? [] : [{ t, v }]
  })
  const first = known[0]
  const last = known[known.length - 1]
  if (!first || !last) return null
  const time = (first.t + last.t) / 2
  return { time, value: median(known.map(({ t, v }) => v - (slope.perHour / 3600) * (t - time))) }
}

// trendOf is the line from..to, with the band that the interval of its slope opens on both
// sides of the anchor.
export function trendOf(anchor: Anchor, slope: Slope, from: number, fitted: number, to: number, look: { label: string; color: string }): Trend {
  const times = [from, anchor.time, fitted, to].filter((t, k, all) => t >= from && t <= to && all.indexOf(t) === k).sort((a, b) => a - b)
  const at = (perHour: number) => times.map((t) => anchor.value + (perHour / 3600) * (t - anchor.time))
  const a = at(slope.low ?? slope.perHour)
  const b = at(slope.high ?? slope.perHour)
  return { ...look, times, mid: at(slope.perHour), low: a.map((v, k) => Math.min(v, b[k]!)), high: a.map((v, k) => Math.max(v, b[k]!)), fitted }
}

// trendAt is the value of a trend at a time between its ends; null beyond them.
export function trendAt(trend: Trend, t: number): { mid: number; low: number; high: number } | null {
  for (let k = 1; k < trend.times.length; k++) {
    const [a, b] = [trend.times[k - 1]!, trend.times[k]!]
    if (t < a || t > b) continue
    const share = (t - a) / (b - a)
    const between = (column: number[]) => column[k - 1]! + share * (column[k]! - column[k - 1]!)
    return { mid: between(trend.mid), low: between(trend.low), high: between(trend.high) }
  }
  return null
}

// trendExtent is the least and the greatest of a trend in a stretch of time.
export function trendExtent(trend: Trend, from: number, to: number): { least: number; most: number } | null {
  const first = trend.times[0] ?? NaN
  const last = trend.times[trend.times.length - 1] ?? NaN
  if (to < first || from > last) return null
  const inside = [Math.max(from, first), ...trend.times.filter((t) => t >= from && t <= to), Math.min(to, last)]
  let least = Infinity
  let most = -Infinity
  for (const t of inside) {
    const v = trendAt(trend, t)
    if (!v) continue
    least = Math.min(least, v.low)
    most = Math.max(most, v.high)
  }
  return least > most ? null : { least, most }
}
