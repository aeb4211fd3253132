import { expect, it } from 'vitest'
import { bandPath, linePath, scaleOf } from './spark'

const box = { width: 100, height: 22 }

it('covers all columns, and never makes a mountain of noise', () => {
  expect(scaleOf([50, 100], [40], [null, 120])).toEqual({ low: 40, high: 120 })
  const noise = scaleOf([1000, 1001])!
  expect(noise.high - noise.low).toBeCloseTo(100.1)
  expect(scaleOf([0, 0])).toEqual({ low: -0.5, high: 0.5 })
  expect(scaleOf([], [null], undefined)).toBeNull()
})

it('draws from left to right, the greatest on top', () => {
  expect(linePath([0, 10], { low: 0, high: 10 }, box)).toBe('M0 21L100 1')
})

it('moves over gaps and shows a point alone', () => {
  expect(linePath([0, null, 10], { low: 0, high: 10 }, box)).toBe('M0 21h0M100 1h0')
  expect(linePath([5], { low: 0, high: 10 }, box)).toBe('M50 11h0')
})

it('closes the band of each stretch', () => {
  expect(bandPath([0, 0, null, 5], [10, 10, null, 5], { low: 0, high: 10 }, box)).toBe('M0 1L33.3 1L33.3 21L0 21ZM100 11L100 11Z')
})
