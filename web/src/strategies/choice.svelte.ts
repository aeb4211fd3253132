// Which strategies the first screen shows. The choice is this browser's.
import type { Strategy } from '../types'

export const most = 10

export type Which = 'both' | 'best' | 'worst' | 'chosen'

const place = 'zol0-strategies'

interface Kept {
  which: Which
  names: string[] // source and name, with a line end between
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? '') as Partial<Kept>
    const names = Array.isArray(kept.names) ? kept.names.filter((n) => typeof n === 'string').slice(0, most) : []
    return { which: kept.which === 'best' || kept.which === 'worst' || kept.which === 'chosen' ? kept.which : 'both', names }
  } catch {
    return { which: 'both', names: [] } // nothing was kept, or it cannot be read
  }
}

class Choice {
  kept = $state<Kept>(read())

  #keep(next: Kept) {
    this.kept = next
    try {
      localStorage.setItem(place, JSON.stringify(next))
    } catch {
      // it holds until the page is loaded anew
    }
  }

  which(which: Which) {
    this.#keep({ ...this.kept, which })
  }

  has(s: Strategy): boolean {
    return this.kept.names.includes(nameOf(s))
  }

  // toggle takes a strategy in or out; there is room for ten.
  toggle(s: Strategy) {
    const name = nameOf(s)
    const names = this.has(s) ? this.kept.names.filter((n) => n !== name) : [...this.kept.names, name].slice(-most)
    this.#keep({ names, which: names.length > 0 ? 'chosen' : 'both' })
  }
}

export const choice = new Choice()

export const nameOf = (s: Strategy): string => `${s.source}\n${s.name}`

// shown are those of all that fit a choice; all come with the most profitable first.
export function shown(all: Strategy[], kept: { which: Which; names: string[] }): Strategy[] {
  const real = all.filter((s) => s.origin !== 'fallback')
  switch (kept.which) {
    case 'best':
      return real.slice(0, most)
    case 'worst':
      return real.slice(-most).reverse()
    case 'chosen':
      return all.filter((s) => kept.names.includes(nameOf(s))).slice(0, most)
  }
  return all.length <= most ? all : [...all.slice(0, most / 2), ...all.slice(-most / 2)]
}
