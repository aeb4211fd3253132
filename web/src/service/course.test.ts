import { describe, expect, it } from 'vitest'
import type { Outlook, ServiceDetail, ServiceInstance, Verdict } from '../types'
import { crossing, growthOf, limitLevels, onsetMark, outlookWords, rateWords, settling, stretchesOf, subjectOf, trendOver } from './course'

const none: Outlook = { outlook: 'reaches', in_seconds: null, in_low_seconds: null, in_high_seconds: null, near: null, near_low: null, near_high: null }
const reaches: Outlook = { ...none, in_seconds: 3600, in_low_seconds: 3000, in_high_seconds: 5000 }
const verdict = (v: Partial<Verdict>) => ({ metric: 'private_bytes', forecast: null, onset: null, horizon_seconds: null, rate_per_hour: null, rate_low: null, rate_high: null, ...v }) as Verdict
const instance = (id: string, ...verdicts: Verdict[]) => ({ id, verdicts }) as ServiceInstance
const detail = (instances: ServiceInstance[], service = {}) => ({ time: '2026-11-23T12:00:00Z', instances, service: { rate: null, forecast: null, ...service } }) as ServiceDetail
const noon = Date.parse('2026-11-23T12:00:00Z') / 1000

it('asks for one instance or for all', () => {
  expect(subjectOf('bot', '')).toEqual({ prefix: 'zol0_service_', query: { service: 'bot' } })
  expect(subjectOf('bot', '12@345')).toEqual({ prefix: 'zol0_process_', query: { service: 'bot', pid: '12', start: '345' } })
  expect(subjectOf('bot', '12').prefix).toBe('zol0_service_')
})

describe('growth', () => {
  const a = instance('1@1', verdict({ metric: 'fds', horizon_seconds: 9 }), verdict({ horizon_seconds: 7200, rate_per_hour: 5, rate_low: 4, rate_high: 6, onset: '2026-11-23T10:00:00Z', forecast: reaches }))
  const b = instance('2@2', verdict({ horizon_seconds: 3600, rate_per_hour: 1, onset: '2026-11-23T09:00:00Z' }))
  it('of one instance is its verdict on private memory', () => {
    expect(growthOf(detail([a, b]), a)).toEqual({ slope: { perHour: 5, low: 4, high: 6 }, horizon: noon - 7200, until: noon, onset: noon - 7200, forecast: reaches })
  })
  it('of all is the rate of the service over the shortest horizon', () => {
    const g = growthOf(detail([a, b], { rate: { bytes_per_hour: 6, low_bytes_per_hour: 5, high_bytes_per_hour: 7 } }), undefined)
    expect(g).toMatchObject({ slope: { perHour: 6, low: 5, high: 7 }, horizon: noon - 3600, onset: noon - 3 * 3600, forecast: null })
  })
  it('is not known while learning, and never that of another', () => {
    const learning = instance('3@3', verdict({}))
    const rate = { bytes_per_hour: 6, low_bytes_per_hour: 5, high_bytes_per_hour: 7 }
    expect(growthOf(detail([a, learning], { rate, forecast: reaches }), learning)).toMatchObject({ slope: null, horizon: null, onset: null, forecast: null })
    expect(growthOf(detail([instance('4@4')], { rate }), instance('4@4'))).toMatchObject({ slope: null, horizon: null })
  })
})

describe('trend', () => {
  const times = Array.from({ length: 61 }, (_, k) => noon - 3600 + k * 60)
  const line = { label: '', color: '', times, mid: times.map((t) => 100e6 + (t - noon) * 1000 + 5e6), low: times.map((t) => 100e6 + (t - noon) * 1000) }
  const growth = { slope: { perHour: 3.6e6, low: 3e6, high: 4.2e6 }, horizon: noon - 3600, until: noon, onset: null, forecast: null }
  it('runs over the floor in the horizon, and on as far as it is asked for', () => {
    const t = trendOver(line, growth, noon + 3600, '--leaking')!
    expect(t.times[0]).toBe(noon - 3600)
    expect(t.times.at(-1)).toBe(noon + 3600)
    expect(t.fitted).toBe(noon)
    expect(t.mid[t.times.indexOf(noon)]).toBeCloseTo(100e6, -3)
    expect(t.mid.at(-1)).toBeCloseTo(103.6e6, -3)
    expect(t.high.at(-1)! - t.low.at(-1)!).toBeCloseTo(1.8e6, -5) // 1.5 h from the middle, ±0.6 MB/h
  })
  it('is not drawn without a slope, a horizon or points', () => {
    expect(trendOver(line, { ...growth, slope: null }, noon, '')).toBeUndefined()
    expect(trendOver(line, { ...growth, horizon: null }, noon, '')).toBeUndefined()
    expect(trendOver({ ...line, times: [], mid: [], low: [] }, growth, noon, '')).toBeUndefined()
  })
})

describe('what comes', () => {
  it('crosses between the ends of the forecast', () => {
    expect(crossing(reaches, 1000)).toEqual({ from: 4000, to: 6000, end: 6400, label: 'limit reached in 50m to 1h 23m' })
    expect(crossing({ ...reaches, in_high_seconds: null }, 0)).toMatchObject({ from: 3000, to: 7200, label: 'limit reached in 50m to no known end' })
    expect(crossing({ ...reaches, outlook: 'settles' }, 0)).toBeNull()
    expect(crossing(none, 0)).toBeNull()
    expect(crossing(null, 0)).toBeNull()
  })
  it('shows stretches that are in sight', () => {
    const growth = { slope: null, horizon: 100, until: 200, onset: 150, forecast: null }
    const cross = crossing(reaches, 200)
    expect(stretchesOf(growth, cross, 120, 220)).toEqual([{ from: 120, to: 200, label: 'horizon of the verdict, 1m 40s', tone: '--steady' }])
    expect(stretchesOf(growth, cross, 300, 4000).map((s) => [s.from, s.to])).toEqual([[3200, 4000]])
    expect(onsetMark(growth, 's')[0]?.time).toBe('1970-01-01T00:02:30.000Z')
    expect(onsetMark({ ...growth, onset: null }, 's')).toEqual([])
  })
  it('puts a limit where private memory ends', () => {
    expect(limitLevels([{ kind: 'rule', bytes: 600e6, used_bytes: 400e6, text: '' }], 400e6, true)).toEqual([{ value: 600e6, label: 'rule limit 600 MB', tone: '--leaking', far: true }])
    expect(limitLevels([{ kind: 'cgroup', bytes: 600e6, used_bytes: 500e6, text: '' }], 400e6, false)).toEqual([{ value: 500e6, label: '100 MB left to the cgroup limit of 600 MB', tone: '--leaking', far: false }])
    expect(limitLevels([{ kind: 'host', bytes: 600e6, used_bytes: null, text: '' }], 400e6, false)[0]?.value).toBe(600e6)
    expect(settling({ ...none, outlook: 'settles', near: 2e8 })).toEqual([{ value: 2e8, label: 'settles near 200 MB', tone: '--filling' }])
    expect(settling(reaches)).toEqual([])
  })
})

it('writes rates and forecasts as the board does', () => {
  expect(rateWords({ bytes_per_hour: 14.2e6, low_bytes_per_hour: 13.1e6, high_bytes_per_hour: 15.3e6 })).toEqual({ rate: '+14.2 MB/h', half: '± 1.1 MB', why: '95 % interval: +13.1 MB/h to +15.3 MB/h' })
  expect(rateWords(null).rate).toBe('–')
  expect(outlookWords(reaches)).toEqual({ word: 'in 1h', note: '50m to 1h 23m' })
  expect(outlookWords({ ...none, outlook: 'settles', near: 1e6, near_low: 9e5, near_high: 2e6 })).toEqual({ word: 'near 1 MB', note: 'settles at 900 KB to 2 MB' })
  expect(outlookWords(null).word).toBe('–')
})
