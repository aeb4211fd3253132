// The last 24 hours of every service, out of one answer, for the sparklines of the board.
import { seconds } from '../clock'
import type { Marks, SeriesAnswer } from '../types'

export interface ServiceCourse {
  values: (number | null)[]
  high: (number | null)[]
  marks: number[] // where processes began, from 0 to 1
}

export const courseSeconds = 24 * 3600

// coursePoints are a quarter of an hour each.
export const coursePoints = 97

export function serviceCourses(answer: SeriesAnswer | null, marks: Marks | null): Map<string, ServiceCourse> {
  const out = new Map<string, ServiceCourse>()
  if (!answer) return out
  const from = seconds(answer.from)
  const to = seconds(answer.to)
  const steps = Math.max(1, Math.round((to - from) / answer.step_seconds))
  for (const s of answer.series) {
    const name = s.labels.service
    if (!name || s.labels.rest) continue
    const course: ServiceCourse = { values: Array<number | null>(steps).fill(null), high: Array<number | null>(steps).fill(null), marks: [] }
    s.times.forEach((t, i) => {
      const k = Math.floor((t - from) / answer.step_seconds)
      if (k < 0 || k >= steps) return
      course.values[k] = s.mean?.[i] ?? null
      course.high[k] = s.max?.[i] ?? null
    })
    out.set(name, course)
  }
  for (const m of marks?.marks ?? []) {
    if (m.kind === 'start' || m.kind === 'deploy' || m.kind === 'restart') out.get(m.service)?.marks.push((seconds(m.time) - from) / (to - from))
  }
  return out
}
