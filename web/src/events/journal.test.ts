import { describe, expect, test } from 'vitest'
import type { Event } from '../types'
import { chosen, days, extended, kindOf, mostKept, nothing, renewed, serviceOf, textOf, toggled, toneOf } from './journal'

const event = (id: number, more: Partial<Event> = {}): Event => ({ id, time: '2026-11-23T12:00:00Z', kind: 'late', subject: 'zol0', text: `event ${id}`, detail: null, ...more })
const from = (high: number, count: number): Event[] => Array.from({ length: count }, (_, k) => event(high - k))
const ids = (events: Event[]) => events.map((e) => e.id)

describe('the list', () => {
  test('takes new events in and keeps the older ones that were asked for', () => {
    let kept = renewed(nothing, from(10, 3), 8)
    kept = extended(kept, from(7, 3), 5)
    kept = renewed(kept, from(12, 3), 10)
    expect(ids(kept.events)).toEqual([12, 11, 10, 9, 8, 7, 6, 5])
    expect(kept.before).toBe(5)
  })

  test('begins anew rather than have a hole', () => {
    const kept = renewed(extended(renewed(nothing, from(10, 3), 8), from(7, 3), 5), from(99, 3), 97)
    expect(ids(kept.events)).toEqual([99, 98, 97])
    expect(kept.before).toBe(97)
  })

  test('is bounded: for older events the newest leave, and it then stands still', () => {
    let kept = renewed(nothing, from(5000, 100), 4901)
    for (let high = 4900; high > 3000; high -= 100) kept = extended(kept, from(high, 100), high - 99)
    expect(kept.events).toHaveLength(mostKept)
    expect(kept.cut).toBe(true)
    expect(kept.events[mostKept - 1]!.id).toBe(3001)
    expect(renewed(kept, from(6000, 100), 5901)).toBe(kept)
  })

  test('is bounded while it is only refreshed, and can still go back', () => {
    let kept = extended(renewed(nothing, from(1000, 100), 901), from(900, 899), 2)
    for (let high = 1050; high < 3000; high += 50) kept = renewed(kept, from(high, 100), high - 99)
    expect(kept.events).toHaveLength(mostKept)
    expect(kept.before).toBe(kept.events[mostKept - 1]!.id)
    expect(kept.cut).toBe(false)
  })

  test('is empty for no events', () => {
    expect(renewed(nothing, [], 0)).toEqual(nothing)
    expect(days([])).toEqual([])
  })
})

test('days have a title each, newest first', () => {
  const out = days([event(3, { time: '2026-11-23T12:00:00Z' }), event(2, { time: '2026-11-23T11:00:00Z' }), event(1, { time: '2026-11-20T12:00:00Z' })])
  expect(out.map((d) => ids(d.events))).toEqual([[3, 2], [1]])
  expect(out[0]!.title).toContain('November 2026')
})

test('kinds of the address', () => {
  expect(chosen('verdict,nonsense,late')).toEqual(['verdict', 'late'])
  expect(toggled('verdict', 'late')).toBe('verdict,late')
  expect(toggled('verdict,late', 'verdict')).toBe('late')
  expect(kindOf('new_kind').title).toBe('new_kind')
})

test('tones and services', () => {
  const verdict = event(1, { kind: 'verdict', subject: 'bot', detail: { to: 'leaking' } })
  expect([toneOf(verdict), serviceOf(verdict)]).toEqual(['leaking', 'bot'])
  const alert = (detail: object) => event(1, { kind: 'alert', subject: 'bot', detail })
  expect(toneOf(alert({ change: 'began', severity: 'critical' }))).toBe('leaking')
  expect(toneOf(alert({ change: 'ended', severity: 'critical' }))).toBe('good')
  expect(serviceOf(alert({ service: 'bot' }))).toBe('bot')
  expect([toneOf(event(1, { detail: 'text' })), serviceOf(event(1))]).toEqual(['suspect', ''])
})

test('the subject is not said twice', () => {
  expect(textOf(event(1, { subject: 'bot', text: 'bot (python3, PID 7): Steady.' }))).toBe('(python3, PID 7): Steady.')
  expect(textOf(event(1, { subject: 'bot', text: 'bottom up' }))).toBe('bottom up')
  expect(textOf(event(1, { subject: '', text: ' x' }))).toBe(' x')
})
