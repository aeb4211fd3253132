import { describe, expect, it } from 'vitest'
import { anchored, envelope, trendAt, trendExtent, trendOf } from './trend'

const look = { label: 'trend', color: '--leaking' }
const line = (times: number[], mid: (number | null)[], low?: (number | null)[]) => ({ ...look, times, mid, low })

describe('envelope', () => {
  it('is the least of each bin, at the time it was reached', () => {
    const times = Array.from({ length: 80 }, (_, k) => k)
    const e = envelope(
      line(
        times,
        times.map((t) => (t % 2 ? 100 : 10 + t)),
      ),
      0,
      80,
    )
    expect(e.times).toEqual(times.filter((t) => t % 2 === 0))
    expect(e.mid).toEqual(e.times.map((t) => 10 + t))
  })
  it('takes the low column where there is one, and nothing outside', () => {
    expect(envelope(line([0, 100, 200, 300], [9, 9, 9, 9], [1, 2, 3, 4]), 100, 200)).toEqual({ times: [100, 200], mid: [2, 3] })
  })
  it('keeps a gap, but makes none of steps longer than bins', () => {
    expect(envelope(line([0, 60, 120, 180], [4, 3, 2, 1]), 0, 180).mid).toEqual([4, 3, 2, 1])
    expect(envelope(line([0, 1, 2, 90, 91, 100], [4, 3, 2, 1, 1, 1]), 0, 100).mid).toContain(null)
    expect(envelope(line([0], [1]), 5, 5).times).toEqual([])
  })
})

describe('trend', () => {
  // 36 MB/h from 100 MB on is 10 kB/s.
  const times = Array.from({ length: 101 }, (_, k) => k * 10)
  const slope = { perHour: 36e6, low: 30e6, high: 42e6 }
  it('runs through the median of what is left without the slope', () => {
    const a = anchored({ times, mid: times.map((t) => 100e6 + 1e4 * t) }, slope)!
    expect(a.time).toBe(500)
    expect(a.value).toBeCloseTo(105e6, 0)
  })
  it('is not moved by a few points far off, nor by gaps', () => {
    const a = anchored({ times, mid: times.map((t, k) => (k % 5 === 0 ? 900e6 : k % 7 === 0 ? null : 100e6 + 1e4 * t)) }, slope)!
    expect(a.value).toBeCloseTo(105e6, 0)
    expect(anchored({ times: [], mid: [] }, slope)).toBeNull()
    expect(anchored({ times: [1], mid: [null] }, slope)).toBeNull()
  })
  it('has a band that opens from the anchor on', () => {
    const t = trendOf({ time: 0, value: 100e6 }, slope, -3600, 0, 3600, look)
    expect(t.times).toEqual([-3600, 0, 3600])
    expect(t.mid).toEqual([64e6, 100e6, 136e6])
    expect(t.low).toEqual([58e6, 100e6, 130e6])
    expect(t.high).toEqual([70e6, 100e6, 142e6])
    expect(trendAt(t, 1800)).toEqual({ mid: 118e6, low: 115e6, high: 121e6 })
    expect(trendAt(t, 4000)).toBeNull()
    expect(trendExtent(t, -1800, 1800)).toEqual({ least: 79e6, most: 121e6 })
    expect(trendExtent(t, 5000, 6000)).toBeNull()
  })
  it('is a line where the interval is not known', () => {
    const t = trendOf({ time: 0, value: 0 }, { perHour: 3600, low: null, high: null }, 0, 10, 10, look)
    expect(t.low).toEqual(t.mid)
    expect(t.times).toEqual([0, 10])
  })
})
