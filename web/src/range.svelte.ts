// The stretch of time that all charts of a view share.
import { route } from './route.svelte'

export interface Preset {
  word: string // in the address
  label: string
  seconds: number
}

export const presets: Preset[] = [
  { word: 'live', label: 'Live (15 min)', seconds: 900 },
  { word: '1h', label: 'Last hour', seconds: 3600 },
  { word: '6h', label: 'Last 6 h', seconds: 6 * 3600 },
  { word: '24h', label: 'Last 24 h', seconds: 86400 },
  { word: '7d', label: 'Last 7 days', seconds: 7 * 86400 },
  { word: '30d', label: 'Last 30 days', seconds: 30 * 86400 },
  { word: '90d', label: 'Last 90 days', seconds: 90 * 86400 },
]

export const defaultPreset = presets[2]!

// instant reads a time of the address: ISO 8601, or seconds since 1970. It is null for
// anything else: Date.parse alone makes a day of 2001 of "-5".
export function instant(text: string): number | null {
  const v = /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) / 1000 : NaN
  return Number.isFinite(v) && v >= 0 && v < 1e10 ? Math.round(v) : null
}

// mostSeconds is the longest stretch that the daemon answers.
export const mostSeconds = 400 * 86400

class Range {
  // now moves with every refresh: charts that end now end there.
  now = $state(Math.floor(Date.now() / 1000))

  get custom(): { from: number; to: number } | null {
    const from = instant(route.get('from'))
    const to = instant(route.get('to'))
    return from !== null && to !== null && from < to ? { from, to } : null
  }

  get preset(): Preset {
    return presets.find((p) => p.word === route.get('range')) ?? defaultPreset
  }

  // from and to in seconds since 1970.
  get from(): number {
    return this.custom?.from ?? this.now - this.preset.seconds
  }
  get to(): number {
    return this.custom?.to ?? this.now
  }
  get seconds(): number {
    return this.to - this.from
  }
  // moves says that the stretch ends now.
  get moves(): boolean {
    return this.custom === null
  }

  choose(word: string) {
    route.set({ range: word === defaultPreset.word ? '' : word, from: '', to: '' }, true)
  }

  // zoom shows a stretch of at least ten seconds, and of a too long one its end; the
  // browser's back button leaves it.
  zoom(from: number, to: number) {
    const a = Math.floor(Math.min(from, to))
    const b = Math.max(Math.ceil(Math.max(from, to)), a + 10)
    route.set({ range: '', from: String(Math.max(a, b - mostSeconds)), to: String(b) }, true)
  }
}

export const range = new Range()
