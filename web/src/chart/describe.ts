// A chart in words, for those who do not see it.
import { clockTime, dayTime } from '../clock'
import { duration, figure } from '../figure'
import type { Line } from './line'
import type { Placed } from './mark'
import { extent, newest, reading } from './series'

export const unitOf = (unit: string): string => (unit === 'per_second' ? '/s' : '')

// amount is a figure of a chart with its unit.
export const amount = (v: number | null | undefined, unit: string): string => (v === null || v === undefined ? '–' : figure(v, unit) + unitOf(unit))

// moment is a time on the axis of a chart: of the day, or an age.
export function moment(t: number, ages: boolean, span: number): string {
  if (ages) return `${duration(t)} after start`
  return span <= 3600 ? clockTime(t) : dayTime(t)
}

export function described(label: string, lines: Line[], from: number, to: number, unit: string, ages: boolean): string {
  const span = to - from
  const begin = ages ? '' : `, ${dayTime(from)} to ${dayTime(to)}`
  const parts = lines.flatMap((line) => {
    const last = newest(line, to)
    const bounds = extent([line], from, to)
    if (!last || !bounds) return []
    return [`${line.label}: last ${amount(last.mid, unit)} at ${moment(last.at, ages, span)}, least ${amount(bounds.least, unit)}, greatest ${amount(bounds.most, unit)}`]
  })
  return `${label}${begin}. ${parts.length ? parts.join('; ') : 'Nothing was measured in this time'}.`
}

// atMost rows are shown of a table below a chart.
const atMost = 30

export interface Row {
  at: number
  cells: string[]
}

// rowsOf are at most 30 rows of equal distance, newest first. Rows without any figure are
// left out.
export function rowsOf(lines: Line[], from: number, to: number, unit: string): Row[] {
  const all = lines.reduce<number[]>((longest, line) => (line.times.length > longest.length ? line.times : longest), [])
  const times = all.filter((t) => t >= from && t <= to)
  const every = Math.max(1, Math.ceil(times.length / atMost))
  const rows: Row[] = []
  for (let k = times.length - 1; k >= 0; k -= every) {
    const at = times[k]!
    const read = lines.map((line) => reading(line, at))
    if (read.some((r) => r)) rows.push({ at, cells: read.map((r) => amount(r?.mid, unit)) })
  }
  return rows
}

// markRows are the newest marks, for the same table.
export const markRows = (marks: Placed[]): Placed[] => marks.slice(-atMost).reverse()
