import { describe, expect, test } from 'vitest'
import type { Strategy } from '../types'
import { shown } from './choice.svelte'

const all = Array.from({ length: 25 }, (_, k) => ({ name: `s${k}`, source: 'a', origin: k === 24 ? 'fallback' : 'told', profit: 25 - k }) as Strategy)
const names = (list: Strategy[]) => list.map((s) => s.name).join(' ')

describe('strategies of the first screen', () => {
  test('are the best and the worst where there are more than ten', () => {
    expect(names(shown(all, { which: 'both', names: [] }))).toBe('s0 s1 s2 s3 s4 s20 s21 s22 s23 s24')
    expect(shown(all.slice(0, 10), { which: 'both', names: [] })).toHaveLength(10)
  })
  test('are ten at most of the best, the worst, without what is not real', () => {
    expect(names(shown(all, { which: 'best', names: [] }))).toBe('s0 s1 s2 s3 s4 s5 s6 s7 s8 s9')
    expect(names(shown(all, { which: 'worst', names: [] }))).toBe('s23 s22 s21 s20 s19 s18 s17 s16 s15 s14')
  })
  test('are those that were chosen, and that there are', () => {
    expect(names(shown(all, { which: 'chosen', names: ['a\ns7', 'b\ns8', 'a\ns2'] }))).toBe('s2 s7')
  })
})
