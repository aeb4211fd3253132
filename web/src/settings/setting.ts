// The keys of the configuration as they stand in its file, with what holds.
import { bytes, duration } from '../figure'
import type { Config } from '../types'

export interface Setting {
  key: string
  value: string
  origin: string
  meaning: string
}

export interface Group {
  title: string
  settings: Setting[]
}

const meanings: [group: string, key: string, value: (c: Config) => string, meaning: string][] = [
  ['thresholds', 'elevated', (c) => bytes(c.elevated_bytes), 'private memory of one process above which it is elevated'],
  ['thresholds', 'high', (c) => bytes(c.high_bytes), 'above which it is high'],
  ['thresholds', 'dashboard', (c) => bytes(c.dashboard_bytes), 'zol0 itself above this: investigate'],
  ['thresholds', 'watched_total', (c) => bytes(c.watched_total_bytes), 'all watched services together above this: review'],
  ['daemon', 'listen', (c) => c.daemon.listen, 'where this page and the API are served'],
  ['daemon', 'data', (c) => c.daemon.data || '–', 'the directory of everything the daemon keeps'],
  ['daemon', 'interval', (c) => duration(c.daemon.interval_seconds), 'time between two beats'],
  ['daemon', 'receive', (c) => (c.daemon.receive ? 'yes' : 'no'), 'whether other hosts may write their samples here'],
  ['daemon', 'tokens', (c) => c.daemon.tokens || '–', 'the file of tokens that everybody has to show'],
  ['daemon', 'web_config', (c) => c.daemon.web_config || '–', 'the file for TLS, passwords and client certificates'],
  ['daemon', 'hosts', (c) => c.daemon.hosts || '–', 'further names that it is asked by'],
  ['daemon', 'rate_limit', (c) => (c.daemon.rate_limit > 0 ? `${c.daemon.rate_limit}/s` : 'none'), 'requests that one address may send'],
  ['daemon', 'insecure', (c) => (c.daemon.insecure ? 'yes' : 'no'), 'whether it may listen where others reach it and ask nobody'],
  ['store', 'size', (c) => bytes(c.store.size_bytes), 'the most the file may take; it goes before the times below'],
  ['store', 'raw', (c) => duration(c.store.raw_seconds), 'how long every sample is kept as it was read'],
  ['store', 'minutes', (c) => duration(c.store.minutes_seconds), 'how long minutes are kept, each with min, mean, max and last'],
  ['store', 'hours', (c) => duration(c.store.hours_seconds), 'how long hours are kept'],
  ['store', 'engine.write', (c) => c.store.engine?.write || '–', 'the engine elsewhere that is told everything'],
  ['store', 'engine.read', (c) => c.store.engine?.read || '–', 'the engine that answers for the past'],
  ['store', 'engine.host', (c) => c.store.engine?.host || 'the machine’s name', 'label on everything written'],
  ['store', 'engine.instance', (c) => c.store.engine?.instance || 'the address of the server', 'label on everything written'],
  ['store', 'engine.spool', (c) => bytes(c.store.engine?.spool_bytes ?? 0), 'the most that waits on disk while the engine cannot be reached'],
  ['store', 'engine.tenant', (c) => c.store.engine?.tenant || '–', 'sent as X-Scope-OrgID'],
  ['memory', 'budget', (c) => bytes(c.memory.budget_bytes), 'what zol0 allows itself of private memory'],
]

// originOf says where a value comes from; the daemon's words are kept.
export const originOf = (c: Config, key: string): string => c.origins[key] ?? 'not told'

// groups are the settings in the order of the file. A key that the daemon knows and this
// page does not is listed with its origin, rather than hidden.
export function groups(c: Config): Group[] {
  const out: Group[] = []
  const known = new Set(['proc_root'])
  for (const [title, name, value, meaning] of meanings) {
    const key = `${title}.${name}`
    known.add(key)
    if (key.startsWith('store.engine.') && !c.store.engine) continue
    let group = out.find((g) => g.title === title)
    if (!group) out.push((group = { title, settings: [] }))
    group.settings.push({ key, value: value(c), origin: originOf(c, key), meaning })
  }
  const other: Setting[] = [{ key: 'proc_root', value: c.proc_root, origin: originOf(c, 'proc_root'), meaning: 'where procfs is mounted; by flag or environment only' }]
  for (const key of Object.keys(c.origins).sort()) {
    if (!known.has(key) && !key.startsWith('services') && !key.startsWith('store.engine.')) other.push({ key, value: 'see zol0 config show', origin: originOf(c, key), meaning: 'this page has no word for it' })
  }
  out.push({ title: 'other', settings: other })
  return out
}
