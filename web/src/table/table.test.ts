import { describe, expect, test } from 'vitest'
import { compared, direction, drift, held, turned } from './order'
import { moved, revealed, rowsIn, spare, windowOf } from './window'

describe('the window', () => {
  test('draws the same number of rows for ten thousand as for two hundred', () => {
    const sizes = new Set<number>()
    for (const count of [200, 2000, 10_000]) {
      for (const share of [0.3, 0.5, 0.7]) {
        const w = windowOf(count * 24 * share, 600, 24, count)
        sizes.add(w.end - w.first)
      }
    }
    expect([...sizes]).toEqual([25 + 1 + 2 * spare])
  })

  test('covers what is in sight wherever it is scrolled to, and no more than there is', () => {
    for (let scrolled = 0; scrolled <= 2000 * 24 - 600; scrolled += 37) {
      const w = windowOf(scrolled, 600, 24, 2000)
      expect(w.first * 24).toBeLessThanOrEqual(scrolled)
      expect(w.end * 24).toBeGreaterThanOrEqual(scrolled + 600)
      expect(w.first).toBeGreaterThanOrEqual(0)
      expect(w.end).toBeLessThanOrEqual(2000)
    }
  })

  test('is whole for few rows, and empty for none', () => {
    expect(windowOf(0, 600, 24, 5)).toEqual({ first: 0, end: 5 })
    expect(windowOf(0, 600, 24, 0)).toEqual({ first: 0, end: 0 })
    // A filter can leave fewer rows than the viewport was scrolled by.
    expect(windowOf(20_000, 600, 24, 5)).toEqual({ first: 0, end: 5 })
    expect(windowOf(0, 0, 24, 2000).end).toBeLessThan(20)
  })
})

describe('keys', () => {
  test('lead through the rows and stay among them', () => {
    expect(moved('ArrowDown', -1, 10, 4)).toBe(0)
    expect(moved('ArrowDown', 9, 10, 4)).toBe(9)
    expect(moved('ArrowUp', 0, 10, 4)).toBe(0)
    expect(moved('PageDown', -1, 10, 4)).toBe(4)
    expect(moved('PageDown', 7, 10, 4)).toBe(9)
    expect(moved('PageUp', 7, 10, 4)).toBe(3)
    expect(moved('Home', 7, 10, 4)).toBe(0)
    expect(moved('End', 0, 10, 4)).toBe(9)
    expect(moved('x', 0, 10, 4)).toBeNull()
    expect(moved('End', -1, 0, 4)).toBeNull()
    expect(rowsIn(10, 24)).toBe(1)
    expect(rowsIn(600, 24)).toBe(25)
  })

  test('scroll as little as shows the row', () => {
    expect(revealed(3, 100, 240, 24)).toBe(72)
    expect(revealed(5, 100, 240, 24)).toBe(100)
    expect(revealed(20, 100, 240, 24)).toBe(21 * 24 - 240)
  })
})

describe('the order', () => {
  test('what is not known is last either way', () => {
    const values = [3, null, 1, 2]
    expect([...values].sort((a, b) => compared(a, b, false))).toEqual([1, 2, 3, null])
    expect([...values].sort((a, b) => compared(a, b, true))).toEqual([3, 2, 1, null])
  })

  test('names sort by their numbers', () => {
    expect(['bot 10', 'Bot 9', 'api'].sort((a, b) => compared(a, b, false))).toEqual(['api', 'Bot 9', 'bot 10'])
  })

  test('the head of a column turns it', () => {
    expect(turned('', 'cpu', true)).toBe('-cpu')
    expect(turned('-cpu', 'cpu', true)).toBe('cpu')
    expect(turned('cpu', 'cpu', true)).toBe('-cpu')
    expect(turned('-cpu', 'name', false)).toBe('name')
    expect(direction('-cpu', 'cpu')).toBe('descending')
    expect(direction('cpu', 'cpu')).toBe('ascending')
    expect(direction('cpu', 'name')).toBeUndefined()
  })

  test('no row moves under a reader: ended ones stay, new ones come last', () => {
    const row = (id: string, v: number) => ({ id, v })
    const out = held([row('a', 9), row('b', 8), row('c', 7)], [row('d', 100), row('c', 99), row('a', 1)], (r) => r.id)
    expect(out).toEqual([
      { row: row('a', 1), gone: false, late: false },
      { row: row('b', 8), gone: true, late: false },
      { row: row('c', 99), gone: false, late: false },
      { row: row('d', 100), gone: false, late: true },
    ])
  })

  test('a held order is given up before it collects what ended', () => {
    const old = Array.from({ length: drift }, (_, k) => `old ${k}`)
    expect(held(old, [], (r) => r)).toHaveLength(drift)
    expect(held(old, ['new'], (r) => r)).toBeNull()
  })
})
