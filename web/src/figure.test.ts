import { expect, test } from 'vitest'
import * as figure from './figure'
import vectors from './figure.vectors.json'

const kinds: Record<string, (v: number | null) => string> = {
  bytes: figure.bytes,
  delta: figure.delta,
  megabytes: figure.megabytes,
  megabytes_delta: figure.megabytesDelta,
  significant: (v) => figure.significant(v!),
  percent: figure.percent,
  duration: figure.duration,
  many: (v) => figure.many(v!, 'process', 'processes'),
}

test('every kind of figure has vectors', () => {
  expect(new Set(vectors.map((v) => v.kind))).toEqual(new Set(Object.keys(kinds)))
})

// One assertion for all of them: a list of differences says more than the first one.
test('figures read as the terminal writes them', () => {
  const different = vectors
    .map((v) => ({ ...v, page: kinds[v.kind]!(v.value) }))
    .filter((v) => v.page !== v.text)
  expect(different).toEqual([])
})

test('what is not known is never 0', () => {
  for (const missing of [null, undefined, NaN, Infinity]) {
    for (const unit of ['bytes', 'bytes_per_hour', 'bytes_per_second', 'percent', 'seconds', 'count', '']) {
      expect(figure.figure(missing, unit)).toBe('–')
    }
    expect(figure.count(missing)).toBe('–')
  }
})

test('rates carry their sign and their hour', () => {
  expect(figure.figure(14.2e6, 'bytes_per_hour')).toBe('+14.2 MB/h')
  expect(figure.figure(-3000, 'bytes_per_hour')).toBe('−3 KB/h')
  expect(figure.figure(0, 'bytes_per_hour')).toBe('0 B/h')
  expect(figure.figure(1_500_000, 'bytes_per_second')).toBe('1.5 MB/s')
})

test('counts are grouped', () => {
  expect(figure.count(1234567)).toBe('1 234 567')
  expect(figure.count(999)).toBe('999')
})
