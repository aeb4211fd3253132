import { describe, expect, it } from 'vitest'
import { ageLabels, bounds, timeLabels, valueLabels } from './axis'

describe('words of the value axis', () => {
  it('names bytes in one unit with as many decimals as tell marks apart', () => {
    expect(valueLabels([0, 2e8, 4e8], 'bytes')).toEqual(['0', '200 MB', '400 MB'])
    expect(valueLabels([388.2e6, 388.4e6, 388.6e6], 'bytes')).toEqual(['388.2 MB', '388.4 MB', '388.6 MB'])
    expect(valueLabels([0, 5e8, 1e9], 'bytes')).toEqual(['0', '0.5 GB', '1.0 GB'])
    expect(valueLabels([0, 2.5e6, 5e6], 'bytes_per_second')).toEqual(['0', '2.5 MB/s', '5.0 MB/s'])
    expect(valueLabels([-1e6, 0, 1e6], 'bytes')).toEqual(['−1 MB', '0', '1 MB'])
  })
  it('names shares and numbers', () => {
    expect(valueLabels([0, 0.5, 1], 'percent')).toEqual(['0', '0.5 %', '1.0 %'])
    expect(valueLabels([0, 20, 40], 'count')).toEqual(['0', '20', '40'])
    expect(valueLabels([0, 20_000, 40_000], 'per_second')).toEqual(['0', '20k/s', '40k/s'])
    expect(valueLabels([], 'count')).toEqual([])
  })
})

describe('words of the time axis', () => {
  const local = (day: number, hour: number, minute = 0, second = 0) => new Date(2026, 10, day, hour, minute, second).getTime() / 1000
  it('says the day where one begins', () => {
    expect(timeLabels([local(23, 22), local(24, 0), local(24, 2)], 7200)).toEqual(['22:00', '24 Nov', '02:00'])
  })
  it('says seconds where they matter, and months over years', () => {
    expect(timeLabels([local(23, 12, 0, 30)], 30)).toEqual(['12:00:30'])
    expect(timeLabels([local(1, 12)], 86400)).toEqual(['1 Nov'])
    expect(timeLabels([local(1, 0)], 30 * 86400)).toEqual(['Nov 2026'])
    expect(ageLabels([0, 3600, 90])).toEqual(['0', '1h', '1m 30s'])
  })
})

describe('bounds of the value axis', () => {
  const plain = { levels: [], fit: false, unit: 'bytes' }
  it('begins at zero and leaves room above', () => {
    expect(bounds(90e6, 100e6, plain)).toEqual({ min: 0, max: 106e6 })
  })
  it('shows a level within sight, not one far away', () => {
    expect(bounds(90e6, 100e6, { ...plain, levels: [{ value: 150e6 }] }).max).toBeCloseTo(159e6)
    expect(bounds(90e6, 100e6, { ...plain, levels: [{ value: 200e6 }] }).max).toBe(106e6)
    expect(bounds(90e6, 100e6, { ...plain, levels: [{ value: 200e6, far: true }] }).max).toBeCloseTo(212e6)
  })
  it('fits the data when zoomed, without making a mountain of nothing', () => {
    const b = bounds(100e6, 110e6, { ...plain, fit: true })
    expect(b.min).toBeCloseTo(99.4e6)
    expect(b.max).toBeCloseTo(110.6e6)
    const flat = bounds(100e6, 100e6, { ...plain, fit: true })
    expect(flat.max - flat.min).toBeGreaterThan(1e4)
    expect(bounds(0, 100, { ...plain, fit: true }).min).toBe(0)
  })
  it('does not draw idle percentages as peaks', () => {
    expect(bounds(0, 0.02, { ...plain, unit: 'percent' }).max).toBeGreaterThanOrEqual(1)
    expect(bounds(null, null, plain)).toEqual({ min: 0, max: 1.06e6 })
  })
})
