// Figures of strategies as text. What is null is "–", with the reason on hover.
import { significant, unknown } from '../figure'
import { route } from '../route.svelte'
import type { Strategy } from '../types'

// money is an amount with its sign: "+1 250.5 USDT".
export function money(v: number | null, currency: string): string {
  if (v === null) return unknown
  const amount = Math.abs(v)
  const text = amount >= 1000 ? Math.round(amount).toLocaleString('en').replaceAll(',', ' ') : amount >= 1 ? amount.toFixed(2) : significant(amount)
  return `${v > 0 ? '+' : v < 0 ? '−' : ''}${text}${currency ? ` ${currency}` : ''}`
}

// rate is a share of one in percent.
export const rate = (v: number | null): string => (v === null ? unknown : `${(100 * v).toFixed(1)} %`)

// share is a figure that is in percent already, with its sign where it can be negative.
export const share = (v: number | null, signed = false): string => (v === null ? unknown : `${signed && v > 0 ? '+' : ''}${v.toFixed(2).replace('-', '−')} %`)

export const ratio = (v: number | null): string => (v === null ? unknown : v.toFixed(2).replace('-', '−'))

export const toneOf = (v: number | null): string => (v === null || v === 0 ? '' : v > 0 ? 'gain' : 'loss')

export const strategyHref = (s: Strategy): string => route.href('/strategies', { source: s.source, strategy: s.name })

// originText says where the figures come from.
export function originText(s: Strategy): string {
  switch (s.origin) {
    case 'trades':
      return 'computed from its trades'
    case 'equity':
      return 'told by the source; drawdown computed from its equity'
    case 'fallback':
      return 'not real: the source says so'
  }
  return 'told by the source'
}

// why is the reason why a figure is missing.
export const why = (s: Strategy, key: string, meaning: string): string => s.why[key] ?? meaning
