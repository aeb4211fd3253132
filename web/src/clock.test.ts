import { expect, test, vi } from 'vitest'

vi.stubEnv('TZ', 'Europe/Warsaw')
const { clockTime, dayTime, fullTime, seconds, unknownTime, zone } = await import('./clock')

const at = '2026-11-23T11:03:20Z'

test('times are local, from RFC 3339 or from seconds', () => {
  expect(zone).toBe('Europe/Warsaw')
  expect(clockTime(at)).toBe('12:03:20')
  expect(clockTime(seconds(at))).toBe('12:03:20')
  expect(clockTime(new Date(at))).toBe('12:03:20')
  expect(dayTime(at)).toMatch(/^23 Nov(ember)?, 12:03$/)
})

test('the full time says its zone, which is another in summer', () => {
  expect(fullTime(at)).toMatch(/CET|GMT\+1/)
  expect(fullTime('2026-07-01T11:03:20Z')).toMatch(/CEST|GMT\+2/)
})

test('no time is no time, not 1970', () => {
  for (const write of [clockTime, dayTime, fullTime]) expect(write(null)).toBe(unknownTime)
  expect(clockTime(0)).toBe('01:00:00')
})
