import { expect, it } from 'vitest'
import { kindsIn, placed, said } from './mark'

const mark = (at: number, kind: string, text = '') => ({ time: new Date(at * 1000).toISOString(), kind, service: 's', text })

it('keeps what is in sight, oldest first', () => {
  expect(placed([mark(50, 'end'), mark(10, 'start'), mark(500, 'start')], 0, 100).map((m) => m.at)).toEqual([10, 50])
})

it('counts kinds in one order, unknown ones last', () => {
  expect(kindsIn([mark(0, 'clock'), mark(1, 'verdict'), mark(2, 'start'), mark(3, 'start')]).map((k) => [k.kind, k.times])).toEqual([
    ['start', 2],
    ['verdict', 1],
    ['clock', 1],
  ])
})

it('says what is near, and how much more', () => {
  const marks = placed(
    Array.from({ length: 6 }, (_, k) => mark(100 + k, 'deploy', `n${k}`)),
    0,
    1000,
  )
  expect(said(marks, 100, 2)).toHaveLength(3)
  expect(said(marks, 100, 2)[0]).toContain('deploy: n0')
  expect(said(marks, 100, 50)).toHaveLength(5)
  expect(said(marks, 100, 50)[4]).toBe('and 2 more')
  expect(said(marks, 500, 2)).toEqual([])
})
