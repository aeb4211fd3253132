// Columns of the daemon made into lines of a chart.
import type { Series } from '../types'
import type { Line } from './line'

// holeOf is how far apart two points of one course are at most: more is a gap. The daemon's
// step says it where steps are longer than the time between samples; where they are shorter,
// points come as the samples came, some steps later or earlier.
export function holeOf(times: number[], step: number): number {
  const usual = spacing(times, step)
  return 1.5 * usual + (usual > step ? step : 0)
}

// spacing is the usual time between two points, at least a step.
export function spacing(times: number[], step: number): number {
  const apart: number[] = []
  for (let k = 1; k < times.length; k++) apart.push(times[k]! - times[k - 1]!)
  return apart.length ? Math.max(step, median(apart)) : step
}

// median of numbers in any order; NaN of none.
export function median(values: number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return NaN
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

interface Columns {
  times: number[]
  mid: (number | null)[]
  low?: (number | null)[]
  high?: (number | null)[]
}

// gapped puts a point without a value into every hole, so that no line crosses it.
export function gapped<T extends Columns>(line: T, step: number): T {
  const hole = holeOf(line.times, step)
  const out: Columns = { times: [], mid: [], low: line.low && [], high: line.high && [] }
  line.times.forEach((t, k) => {
    const before = line.times[k - 1]
    if (before !== undefined && t - before > hole) {
      out.times.push(before + (t - before) / 2)
      out.mid.push(null)
      out.low?.push(null)
      out.high?.push(null)
    }
    out.times.push(t)
    out.mid.push(line.mid[k] ?? null)
    out.low?.push(line.low![k] ?? null)
    out.high?.push(line.high![k] ?? null)
  })
  return { ...line, ...out }
}

type Look = Omit<Line, 'times' | 'mid' | 'low' | 'high'>

// lineOf is the course of a gauge: its mean, and a band where the answer has one.
export function lineOf(series: Series | undefined, step: number, look: Look): Line {
  if (!series) return { ...look, times: [], mid: [] }
  const mid = series.mean ?? series.last ?? series.max ?? series.min ?? []
  return gapped({ ...look, times: series.times, mid, low: series.min, high: series.max }, step)
}

// rateOf is how fast a counter grew, per second, at the end of each step. Where it went back
// it began anew (a process ended), and where there is a hole nothing is known: both are
// gaps, as is growth faster than most, which is a process that came with what it had
// counted before.
export function rateOf(series: Series | undefined, step: number, look: Look, scale = 1, most = Infinity): Line {
  const times: number[] = []
  const mid: (number | null)[] = []
  const last = series?.last
  if (series && last) {
    const hole = holeOf(series.times, step)
    for (let k = 1; k < series.times.length; k++) {
      const seconds = series.times[k]! - series.times[k - 1]!
      const rate = (scale * (last[k]! - last[k - 1]!)) / seconds
      times.push(series.times[k]!)
      mid.push(seconds > hole || rate < 0 || rate > most ? null : rate)
    }
  }
  return { ...look, times, mid }
}

// nearest is the index of the time closest to t, by halving; −1 of none.
export function nearest(times: number[], t: number): number {
  let low = 0
  let high = times.length - 1
  if (high < 0) return -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (times[middle]! <= t) low = middle
    else high = middle
  }
  return Math.abs(times[high]! - t) < Math.abs(times[low]! - t) ? high : low
}

export interface Reading {
  at: number
  mid: number
  low: number | null
  high: number | null
}

// reading is what a line says at a time, null in a gap.
export function reading(line: Line, t: number): Reading | null {
  const k = nearest(line.times, t)
  const mid = line.mid[k] ?? null
  if (k < 0 || mid === null || Math.abs(line.times[k]! - t) > holeOf(line.times, 0)) return null
  return { at: line.times[k]!, mid, low: line.low?.[k] ?? null, high: line.high?.[k] ?? null }
}

// newest is the last reading there is up to a time.
export function newest(line: Line, until = Infinity): Reading | null {
  for (let k = line.times.length - 1; k >= 0; k--) {
    const mid = line.mid[k] ?? null
    if (mid === null || line.times[k]! > until) continue
    return { at: line.times[k]!, mid, low: line.low?.[k] ?? null, high: line.high?.[k] ?? null }
  }
  return null
}

// extent is the least and the greatest that lines say in a stretch of time; null where
// they say nothing.
export function extent(lines: Line[], from: number, to: number): { least: number; most: number } | null {
  let least = Infinity
  let most = -Infinity
  for (const line of lines) {
    line.times.forEach((t, k) => {
      if (t < from || t > to) return
      for (const v of [line.mid[k], line.low?.[k], line.high?.[k]]) {
        if (v === null || v === undefined) continue
        if (v < least) least = v
        if (v > most) most = v
      }
    })
  }
  return least > most ? null : { least, most }
}
