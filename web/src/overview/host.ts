// The machine's figures over the chosen stretch, out of one answer: the strip's sparklines
// and the system chart draw the same points.
import type { Series, SeriesAnswer } from '../types'

// hostMetrics are asked for together.
export const hostMetrics = [
  'zol0_host_cpu_busy_seconds_total',
  'zol0_host_cpu_seconds_total',
  'zol0_host_memory_total_bytes',
  'zol0_host_memory_available_bytes',
  'zol0_host_swap_total_bytes',
  'zol0_host_swap_free_bytes',
  'zol0_host_disk_total_bytes',
  'zol0_host_disk_available_bytes',
  'zol0_host_pressure_memory_some_seconds_total',
  'zol0_host_processes',
  'zol0_host_uptime_seconds',
].join(',')

// hostPoints is the original chart's limit.
export const hostPoints = 30

export interface Course {
  times: number[]
  values: (number | null)[]
}

const none: Course = { times: [], values: [] }

export interface HostCourses {
  cpu: Course
  memory: Course
  swap: Course
  disk: Course
  pressure: Course
  processes: Course
  uptime: Course
}

const named = (a: SeriesAnswer, name: string): Series | undefined => a.series.find((s) => s.name === name)

// growth is what a counter gained in each step; null where it began anew.
function growth(s: Series | undefined): Map<number, number> {
  const out = new Map<number, number>()
  const last = s?.last ?? []
  for (let i = 1; i < last.length; i++) {
    const by = last[i]! - last[i - 1]!
    if (by >= 0) out.set(s!.times[i]!, by)
  }
  return out
}

function quotient(a: Map<number, number>, b: Map<number, number>): Course {
  const times = [...b.keys()]
  return {
    times,
    values: times.map((t) => {
      const above = a.get(t)
      const below = b.get(t)!
      return above === undefined || below <= 0 ? null : Math.min(100, (100 * above) / below)
    }),
  }
}

function plain(s: Series | undefined): Course {
  return s ? { times: s.times, values: s.last ?? [] } : none
}

// used is the share that is not free, in percent.
function used(total: Series | undefined, free: Series | undefined): Course {
  if (!total || !free) return none
  const size = new Map(total.times.map((t, i) => [t, total.last?.[i] ?? 0]))
  return {
    times: free.times,
    values: free.times.map((t, i) => {
      const whole = size.get(t) ?? total.last?.at(-1) ?? 0
      const rest = free.last?.[i]
      return whole > 0 && rest !== undefined ? 100 * (1 - rest / whole) : null
    }),
  }
}

// stalled is the share of time in which work waited, from a counter of seconds.
function stalled(s: Series | undefined): Course {
  const by = growth(s)
  const times = [...by.keys()]
  const before = new Map(s?.times.map((t, i) => [t, s.times[i - 1] ?? t]))
  return { times, values: times.map((t) => (t > before.get(t)! ? Math.min(100, (100 * by.get(t)!) / (t - before.get(t)!)) : null)) }
}

export function courses(a: SeriesAnswer | null): HostCourses {
  if (!a) return { cpu: none, memory: none, swap: none, disk: none, pressure: none, processes: none, uptime: none }
  return {
    cpu: quotient(growth(named(a, 'zol0_host_cpu_busy_seconds_total')), growth(named(a, 'zol0_host_cpu_seconds_total'))),
    memory: used(named(a, 'zol0_host_memory_total_bytes'), named(a, 'zol0_host_memory_available_bytes')),
    swap: used(named(a, 'zol0_host_swap_total_bytes'), named(a, 'zol0_host_swap_free_bytes')),
    disk: used(named(a, 'zol0_host_disk_total_bytes'), named(a, 'zol0_host_disk_available_bytes')),
    pressure: stalled(named(a, 'zol0_host_pressure_memory_some_seconds_total')),
    processes: plain(named(a, 'zol0_host_processes')),
    uptime: plain(named(a, 'zol0_host_uptime_seconds')),
  }
}
