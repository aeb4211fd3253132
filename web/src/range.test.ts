import { beforeEach, expect, test, vi } from 'vitest'

let address: Record<string, string> = {}
const pushed: boolean[] = []
vi.mock('./route.svelte', () => ({
  route: {
    get: (name: string) => address[name] ?? '',
    set: (changes: Record<string, string>, push = false) => {
      address = Object.fromEntries(Object.entries({ ...address, ...changes }).filter(([, v]) => v !== ''))
      pushed.push(push)
    },
  },
}))
const { defaultPreset, instant, mostSeconds, presets, range } = await import('./range.svelte')

beforeEach(() => {
  address = {}
  range.now = 1_795_464_600
})

test('an instant is ISO 8601 or seconds since 1970, and anything else is none', () => {
  expect(instant('1795464600')).toBe(1_795_464_600)
  expect(instant('2026-11-23T20:10:00Z')).toBe(1_795_464_600)
  for (const text of ['', 'yesterday', '-5', '99999999999', 'NaN', '1e3x']) expect(instant(text)).toBeNull()
})

test('without a word it is the default, and it moves', () => {
  expect([range.preset, range.moves, range.to - range.from]).toEqual([defaultPreset, true, defaultPreset.seconds])
  range.now += 30
  expect(range.to).toBe(1_795_464_630)
  address = { range: 'nonsense' }
  expect(range.preset).toBe(defaultPreset)
})

test('every preset can be linked to', () => {
  for (const p of presets) {
    range.choose(p.word)
    expect(range.preset).toBe(p)
    expect(range.seconds).toBe(p.seconds)
  }
})

test('a stretch of its own stands still; one that is none is not taken', () => {
  address = { from: '100', to: '400' }
  range.now += 30
  expect([range.from, range.to, range.moves]).toEqual([100, 400, false])
  for (const wrong of [{ from: '400', to: '100' }, { from: '100' }, { from: 'x', to: '400' }, { from: '100', to: '100' }]) {
    address = wrong as Record<string, string>
    expect(range.custom).toBeNull()
  }
})

test('zooming takes either direction, at least ten seconds, and is a step back', () => {
  address = { range: '7d' }
  range.zoom(500.4, 300.6)
  expect(address).toEqual({ from: '300', to: '501' })
  range.zoom(300, 301)
  expect([range.from, range.seconds]).toEqual([300, 10])
  expect(pushed.at(-1)).toBe(true)
  range.choose(defaultPreset.word)
  expect(address).toEqual({})
})

test('zooming out ends where the daemon would refuse', () => {
  range.zoom(0, range.now)
  expect([range.to, range.seconds]).toEqual([range.now, mostSeconds])
})
