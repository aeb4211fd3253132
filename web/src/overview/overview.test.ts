import { describe, expect, test } from 'vitest'
import type { Marks, Overview, Series, SeriesAnswer, ServiceRow } from '../types'
import { fits, held, outlook, sorted } from './board'
import { serviceCourses } from './courses'
import { courses } from './host'
import { headline } from './sentence'

function row(name: string, more: Partial<ServiceRow> = {}): ServiceRow {
  return {
    name, watched: true, status: 'NORMAL', state: 'steady', state_metric: 'private_bytes', private_bytes: 1e6, rss_bytes: 1e6,
    shmem_bytes: 0, swap_bytes: 0, cpu_percent: 1, threads: 1, fds: 1, instances: 1, rated_instances: 1, rate: null,
    smallest_bytes_per_hour: null, growth_private_bytes: null, limit_bytes: null, forecast: null, uptime_seconds: 10, ...more,
  }
}

const overview = (services: ServiceRow[]): Overview => ({ services, own: { uptime_seconds: 7200 } }) as unknown as Overview

describe('the sentence', () => {
  test('names what leaks, with the words of its verdict', () => {
    const says = headline(overview([row('a', { state: 'leaking', sentence: 'Leaking: growing by 14 MB/h (13 to 15).' }), row('b', { state: 'suspect' })]))
    expect(says.state).toBe('leaking')
    expect(says.title).toBe('1 service is leaking.')
    expect(says.services).toEqual([{ name: 'a', text: 'growing by 14 MB/h (13 to 15).' }])
    expect(says.rest).toBe('1 more service is suspect.')
  })
  test('names three and counts the rest', () => {
    const says = headline(overview(['a', 'b', 'c', 'd'].map((n) => row(n, { state: 'leaking' }))))
    expect(says.title).toBe('4 services are leaking.')
    expect(says.services).toHaveLength(3)
    expect(says.rest).toContain('1 more')
  })
  test('is calm only when something was judged', () => {
    expect(headline(overview([row('a'), row('b', { state: 'learning' })]))).toMatchObject({ state: 'steady', title: 'No service grows beyond its noise.' })
    expect(headline(overview([row('b', { state: 'learning' })])).title).toBe('Nothing can be said yet.')
    expect(headline(overview([])).title).toBe('No service is watched.')
  })
})

describe('the board', () => {
  const rows = [row('b', { private_bytes: 2 }), row('a', { private_bytes: null }), row('c', { private_bytes: 3 })]
  test('sorts both ways, the unknown last', () => {
    expect(sorted(rows, '-private').map((s) => s.name)).toEqual(['c', 'b', 'a'])
    expect(sorted(rows, 'private').map((s) => s.name)).toEqual(['b', 'c', 'a'])
  })
  test('keeps the order of the daemon without a wish, or with one that makes no sense', () => {
    expect(sorted(rows, '')).toBe(rows)
    expect(sorted(rows, '-nonsense')).toBe(rows)
  })
  test('holds the order while somebody reads; what is new comes last', () => {
    expect(held([row('new'), ...rows], ['c', 'a', 'b']).map((s) => s.name)).toEqual(['c', 'a', 'b', 'new'])
  })
  test('filters by text, verdict and kind', () => {
    const s = row('Momentum Bot', { state: 'suspect', kind: 'bot' })
    expect(fits(s, { text: 'moment', verdict: 'suspect', kind: 'bot' })).toBe(true)
    expect(fits(s, { text: '', verdict: 'leaking', kind: '' })).toBe(false)
    expect(fits(s, { text: '', verdict: '', kind: 'api' })).toBe(false)
  })
  test('says what comes next', () => {
    expect(outlook(null).cell).toBe('–')
    expect(outlook({ outlook: 'reaches', in_seconds: 32400, in_low_seconds: 28800, in_high_seconds: null, near: null, near_low: null, near_high: null })).toEqual({ cell: '9h', why: 'Reaches its limit in 8h to never' })
    expect(outlook({ outlook: 'reaches', in_seconds: 4e8, in_low_seconds: 3600, in_high_seconds: 5e8, near: null, near_low: null, near_high: null })).toEqual({ cell: '> 1 y', why: 'Reaches its limit in 1h to > 1 y' })
    expect(outlook({ outlook: 'settles', in_seconds: null, in_low_seconds: null, in_high_seconds: null, near: 5e6, near_low: 4e6, near_high: 6e6 }).cell).toBe('near 5 MB')
  })
})

const series = (name: string, times: number[], last: number[]): Series => ({ name, labels: {}, times, last })
const answer = (list: Series[]): SeriesAnswer => ({ name: '', from: '1970-01-01T00:00:00Z', to: '1970-01-01T00:01:00Z', step_seconds: 10, tier: 'raw', series: list, truncated: false })

describe('the machine', () => {
  test('has shares of counters, nothing where one began anew', () => {
    const c = courses(
      answer([
        series('zol0_host_cpu_busy_seconds_total', [0, 10, 20, 30], [100, 105, 1, 3]),
        series('zol0_host_cpu_seconds_total', [0, 10, 20, 30], [1000, 1020, 1040, 1060]),
      ]),
    )
    expect(c.cpu.times).toEqual([10, 20, 30])
    expect(c.cpu.values).toEqual([25, null, 10])
  })
  test('knows used from total and free, also where the total is older', () => {
    const c = courses(answer([series('zol0_host_memory_total_bytes', [0], [200]), series('zol0_host_memory_available_bytes', [0, 10], [150, 50])]))
    expect(c.memory.values).toEqual([25, 75])
    expect(c.swap.times).toEqual([])
  })
  test('is empty without an answer', () => expect(courses(null).cpu.values).toEqual([]))
})

describe('the last day of each service', () => {
  test('has a place for each step, gaps where nothing was recorded, and restarts', () => {
    const a = answer([{ name: 'x', labels: { service: 'bot' }, times: [0, 20], mean: [1, 3], max: [2, 4] }, { name: 'x', labels: { service: 'other', rest: 'true' }, times: [0], mean: [9], max: [9] }])
    const marks: Marks = { marks: [{ time: '1970-01-01T00:00:30Z', kind: 'start', service: 'bot', text: '' }, { time: '1970-01-01T00:00:30Z', kind: 'verdict', service: 'bot', text: '' }], truncated: false }
    const c = serviceCourses(a, marks)
    expect([...c.keys()]).toEqual(['bot'])
    expect(c.get('bot')).toEqual({ values: [1, null, 3, null, null, null], high: [2, null, 4, null, null, null], marks: [0.5] })
  })
})
