import { describe, expect, it } from 'vitest'
import type { Series } from '../types'
import { extent, gapped, holeOf, lineOf, median, nearest, newest, rateOf, reading } from './series'

const look = { label: 'x', color: '--series-1' }
const series = (times: number[], columns: Partial<Series>): Series => ({ name: 'n', labels: {}, times, ...columns })

describe('gaps', () => {
  it('puts a point without a value into a hole of more than one and a half steps', () => {
    const line = gapped({ times: [0, 10, 20, 50, 60], mid: [1, 2, 3, 4, 5], low: [0, 1, 2, 3, 4], high: [2, 3, 4, 5, 6] }, 10)
    expect(line.times).toEqual([0, 10, 20, 35, 50, 60])
    expect(line.mid).toEqual([1, 2, 3, null, 4, 5])
    expect(line.low).toEqual([0, 1, 2, null, 3, 4])
    expect(line.high).toEqual([2, 3, 4, null, 5, 6])
  })
  it('takes samples that come slower than the steps as they come', () => {
    // Samples every 5 s in steps of 2 s stand at 0, 4, 10, 14, 20: no hole.
    expect(gapped({ times: [0, 4, 10, 14, 20, 24], mid: [1, 1, 1, 1, 1, 1] }, 2).mid).not.toContain(null)
    // One missing sample is a hole.
    expect(gapped({ times: [0, 4, 10, 20, 24, 30, 34], mid: [1, 1, 1, 1, 1, 1, 1] }, 2).times).toContain(15)
  })
  it('needs two points to know better than the step', () => {
    expect(holeOf([], 10)).toBe(15)
    expect(holeOf([5], 10)).toBe(15)
  })
})

describe('lines', () => {
  it('has a band only where the answer has one', () => {
    expect(lineOf(series([0, 1], { mean: [1, 2] }), 1, look)).toEqual({ ...look, times: [0, 1], mid: [1, 2], low: undefined, high: undefined })
    expect(lineOf(series([0], { mean: [2], min: [1], max: [3] }), 1, look)).toMatchObject({ low: [1], high: [3] })
    expect(lineOf(undefined, 1, look)).toEqual({ ...look, times: [], mid: [] })
  })
})

describe('rates of counters', () => {
  it('is the growth per second at the end of each step', () => {
    const line = rateOf(series([0, 10, 20], { last: [5, 25, 30] }), 10, look)
    expect(line).toMatchObject({ times: [10, 20], mid: [2, 0.5] })
    expect(rateOf(series([0, 10], { last: [0, 1] }), 10, look, 100).mid).toEqual([10])
  })
  it('drops resets, holes and jumps', () => {
    const counter = series([0, 10, 20, 60, 70, 80], { last: [100, 110, 5, 500, 510, 99_999] })
    expect(rateOf(counter, 10, look, 1, 50).mid).toEqual([1, null, null, 1, null])
  })
  it('needs the last of each step', () => {
    expect(rateOf(series([0, 10], { mean: [0, 1] }), 10, look).mid).toEqual([])
  })
})

describe('reading', () => {
  const line = { ...look, times: [0, 10, 20, 35, 50], mid: [1, 2, 3, null, 5], low: [0, 1, 2, null, 4], high: [2, 3, 4, null, 6] }
  it('finds the nearest time', () => {
    expect([-5, 4, 6, 19, 100].map((t) => nearest(line.times, t))).toEqual([0, 0, 1, 2, 4])
    expect(nearest([], 1)).toBe(-1)
  })
  it('says nothing in a gap or far from any point', () => {
    expect(reading(line, 11)).toEqual({ at: 10, mid: 2, low: 1, high: 3 })
    expect(reading(line, 34)).toBeNull()
    expect(reading(line, 500)).toBeNull()
  })
  it('knows the newest up to a time, and the extent', () => {
    expect(newest(line)?.mid).toBe(5)
    expect(newest(line, 40)?.mid).toBe(3)
    expect(newest({ ...look, times: [], mid: [] })).toBeNull()
    expect(extent([line], 0, 20)).toEqual({ least: 0, most: 4 })
    expect(extent([line], 30, 40)).toBeNull()
  })
  it('has a median of numbers in any order', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
    expect(median([NaN, 1])).toBe(1)
  })
})
