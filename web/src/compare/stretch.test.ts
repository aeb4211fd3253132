import { expect, test, vi } from 'vitest'
import type { Life } from '../types'

vi.mock('../range.svelte', () => ({
  instant: (text: string) => (/^\d+$/.test(text) ? Number(text) : null),
}))
const { asked, change, changePercent, lifeKey, lives, ofLife, ranges, value } = await import('./stretch')

const read = (address: Record<string, string>) => (name: string) => address[name] ?? ''
const now = 1_795_464_600

test('without a word the last day stands against the one before', () => {
  const r = ranges(read({}), now)
  expect([r.before.from, r.before.to, r.after.from, r.after.to]).toEqual([now - 172_800, now - 86_400, now - 86_400, now])
})

test('a side of the address holds whole or not at all', () => {
  const r = ranges(read({ before_from: '100', before_to: '200', after_from: '500', after_to: '400' }), now)
  expect([r.before.from, r.before.to, r.after.from]).toEqual([100, 200, now - 86_400])
})

const life = (pid: number, end: string | null): Life => ({ pid, start: `${pid}00`, start_time: '2026-11-23T12:00:00Z', end_time: end, uptime_seconds: 60, age_seconds: [0], private_bytes: [1e6] })

test('lives of the address, else the two youngest', () => {
  const all = [life(3, null), life(2, '2026-11-23T13:00:00Z'), life(1, '2026-11-23T12:30:00Z')]
  expect([lives(read({}), all).before?.pid, lives(read({}), all).after?.pid]).toEqual([2, 3])
  expect(lives(read({ before: '1@100' }), all).before?.pid).toBe(1)
  expect(lives(read({ before: 'gone@1' }), all).before?.pid).toBe(2)
  expect(lives(read({}), all.slice(0, 1)).before).toBeUndefined()
  expect(lifeKey(all[0]!)).toBe('3@300')
})

test('a life that lives ends now, and is asked for with its process', () => {
  const q = asked('bot', ofLife(life(2, '2026-11-23T13:00:00Z'), now), ofLife(life(3, null), now))
  expect(q).toEqual({ service: 'bot', before_from: 1_795_435_200, before_to: 1_795_438_800, before_pid: 2, before_start: '200', after_from: 1_795_435_200, after_to: now, after_pid: 3, after_start: '300' })
  expect(asked('bot', { from: 1, to: 2, pid: 0, start: '' }, { from: 2, to: 3, pid: 0, start: '' })).toEqual({ service: 'bot', before_from: 1, before_to: 2, after_from: 2, after_to: 3 })
})

test('figures and changes carry sign and unit; what is not known is no figure', () => {
  expect([value(1.5e6, 'bytes'), value(12, 'per_hour'), value(null, 'per_hour'), value(3, 'count')]).toEqual(['1.5 MB', '12/h', '–', '3'])
  expect([change(-1.5e6, 'bytes'), change(2e6, 'bytes_per_hour'), change(3, 'count'), change(-2, 'per_hour'), change(null, 'bytes')]).toEqual(['−1.5 MB', '+2 MB/h', '+3', '−2/h', '–'])
  expect([change(1.25, 'percent'), changePercent(12.5), changePercent(-3), changePercent(null)]).toEqual(['+1.2 %', '+12.5 %', '−3.0 %', '–'])
})
