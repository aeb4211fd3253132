import { expect, it } from 'vitest'
import { alone, stacked, tabled, union } from './table'

const line = (times: number[], mid: (number | null)[]) => ({ label: 'x', color: '--text', times, mid })

it('has every time once', () => {
  expect(union([line([1, 5, 9], []), line([3, 5, 100], [])])).toEqual([1, 3, 5, 9, 100])
})

it('keeps the columns of one line as they are', () => {
  const one = line([1, 2], [3, null])
  const table = tabled([one])
  expect(table[0]).toBe(one.times)
  expect(table[1]).toBe(one.mid)
})

it('tells a gap from a time of another line', () => {
  expect(tabled([line([1, 3, 5], [10, null, 30]), { ...line([2, 3], [7, 8]), low: [6, 7], high: [8, 9] }])).toEqual([
    [1, 2, 3, 5],
    [10, undefined, null, 30],
    [undefined, 7, 8, undefined],
    [undefined, 6, 7, undefined],
    [undefined, 8, 9, undefined],
  ])
})

it('stacks lines at the times of the coarsest', () => {
  const fine = line([0, 10, 20, 30, 40, 50, 60, 70], [1, 1, 1, 1, 1, 1, 2, 2])
  const coarse = line([0, 60], [10, 20])
  expect(stacked([fine, coarse]).map((l) => [l.times, l.mid])).toEqual([
    [
      [0, 60],
      [1, 2],
    ],
    [
      [0, 60],
      [11, 22],
    ],
  ])
})

it('has no sum where a part is not known', () => {
  const [, top] = stacked([line([0, 10, 20], [1, null, 3]), line([0, 10, 20], [1, 1, 1])])
  expect(top?.mid).toEqual([2, null, 4])
  expect(stacked([line([], []), line([], [])]).every((l) => l.mid.length === 0)).toBe(true)
})

it('finds points that no line would show', () => {
  expect(alone([1, null, 2, 3, null, undefined, 4, undefined, null, 5])).toEqual([0, 6, 9])
  expect(alone([1, undefined, 2])).toEqual([])
  expect(alone([])).toEqual([])
})
