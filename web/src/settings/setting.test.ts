import { expect, test } from 'vitest'
import type { Config } from '../types'
import { groups } from './setting'

const config: Config = {
  path: '/etc/zol0/zol0.yaml', proc_root: '/proc', elevated_bytes: 300e6, high_bytes: 500e6, dashboard_bytes: 100e6, watched_total_bytes: 3e9,
  daemon: { listen: '127.0.0.1:8509', data: '', interval_seconds: 5, receive: false, tokens: '/etc/zol0/tokens', web_config: '', hosts: '', rate_limit: 100, insecure: false },
  store: { size_bytes: 536_870_912, raw_seconds: 604_800, minutes_seconds: 2_592_000, hours_seconds: 31_536_000 },
  memory: { budget_bytes: 67_108_864 }, sources: [], logs: [], services: [],
  origins: { 'thresholds.high': '/etc/zol0/zol0.yaml:3', 'daemon.listen': 'ZOL0_DAEMON_LISTEN', 'store.raw': 'default', 'later.key': '/etc/zol0/zol0.yaml:9', proc_root: 'default' },
}

test('every value has its unit and its origin, in the order of the file', () => {
  const all = groups(config)
  expect(all.map((g) => g.title)).toEqual(['thresholds', 'daemon', 'store', 'memory', 'other'])
  const of = (key: string) => all.flatMap((g) => g.settings).find((s) => s.key === key)
  expect(of('thresholds.high')).toMatchObject({ value: '500 MB', origin: '/etc/zol0/zol0.yaml:3' })
  expect(of('daemon.listen')).toMatchObject({ value: '127.0.0.1:8509', origin: 'ZOL0_DAEMON_LISTEN' })
  expect(of('store.raw')).toMatchObject({ value: '7d', origin: 'default' })
  expect(of('memory.budget')?.value).toBe('67.1 MB')
  expect(of('daemon.data')?.value).toBe('–')
  expect(of('daemon.tokens')?.value).toBe('/etc/zol0/tokens')
  expect(of('daemon.rate_limit')?.value).toBe('100/s')
  expect(of('daemon.interval')?.origin).toBe('not told')
})

test('a key that this page does not know is not hidden', () => {
  const other = groups(config).at(-1)!.settings
  expect(other.map((s) => s.key)).toEqual(['proc_root', 'later.key'])
  expect(other[1]!.origin).toBe('/etc/zol0/zol0.yaml:9')
})
