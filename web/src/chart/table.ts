// Lines of their own times put into one table, as uPlot draws them.
import type { Line } from './line'
import { nearest, spacing } from './series'

// A cell without a value is null in a gap, and undefined where a line has no point at the
// time of another one's: lines go on over that.
export type Cell = number | null | undefined

// union is every time of any line once, ascending.
export function union(lines: { times: number[] }[]): number[] {
  if (lines.length === 1) return lines[0]!.times
  const all = new Set<number>()
  for (const line of lines) for (const t of line.times) all.add(t)
  return Array.from(all).sort((a, b) => a - b)
}

function spread(times: number[], own: number[], column: (number | null)[]): Cell[] {
  if (times === own) return column
  const out = new Array<Cell>(times.length).fill(undefined)
  let k = 0
  for (let i = 0; i < times.length && k < own.length; i++) {
    if (times[i] !== own[k]) continue
    out[i] = column[k] ?? null
    k++
  }
  return out
}

// tabled is the table: times, then for every line its mid, and its low and high where it has
// a band.
export function tabled(lines: Line[]): [number[], ...Cell[][]] {
  const times = union(lines)
  const columns: Cell[][] = []
  for (const line of lines) {
    columns.push(spread(times, line.times, line.mid))
    if (line.low && line.high) columns.push(spread(times, line.times, line.low), spread(times, line.times, line.high))
  }
  return [times, ...columns]
}

// stacked puts lines on each other, the first at the bottom, at the times of the one with
// the fewest points. A sum that lacks a part is a gap.
export function stacked(lines: Line[]): Line[] {
  const there = lines.filter((line) => line.times.length > 0)
  if (there.length === 0) return lines.map((line) => ({ ...line, times: [], mid: [], low: undefined, high: undefined }))
  const base = there.reduce((a, b) => (spacing(b.times, 0) > spacing(a.times, 0) ? b : a)).times
  const hole = 1.5 * spacing(base, 0)
  let below: (number | null)[] = base.map(() => 0)
  return lines.map((line) => {
    if (line.times.length > 0) {
      below = base.map((t, i) => {
        const k = nearest(line.times, t)
        const v = line.mid[k] ?? null
        const under = below[i] ?? null
        return v === null || under === null || Math.abs(line.times[k]! - t) > hole ? null : under + v
      })
    }
    return { ...line, times: base, mid: below, low: undefined, high: undefined }
  })
}

// alone are the indices of points with a gap on both sides: a line does not show them.
export function alone(column: Cell[]): number[] {
  const out: number[] = []
  let before: Cell = null
  let open = -1 // a point whose right side is not seen yet, with a gap on its left
  column.forEach((v, k) => {
    if (v === undefined) return
    if (v === null) {
      if (open >= 0) out.push(open)
      open = -1
    } else {
      open = before === null ? k : -1
    }
    before = v
  })
  if (open >= 0) out.push(open)
  return out
}
