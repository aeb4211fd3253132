// Zooming by keys and back out.
import { range } from '../range.svelte'
import { defaultPreset } from '../range.svelte'

// before is the preset that was left by zooming in; the way back leads there.
let before = defaultPreset.word

export function zoomTo(from: number, to: number) {
  if (!range.custom) before = range.preset.word
  range.zoom(from, to)
}

export function zoomOut() {
  if (range.custom) range.choose(before)
}

export interface Stretched {
  from: number
  to: number
}

// closer and wider keep the time under the crosshair where it is.
export function closer(from: number, to: number, at: number): Stretched {
  return { from: at - (at - from) / 2, to: at + (to - at) / 2 }
}

export function wider(from: number, to: number, at: number, latest: number): Stretched {
  return shifted(at - (at - from) * 2, at + (to - at) * 2, 0, latest)
}

// shifted moves a stretch by a share of itself, but not beyond now.
export function shifted(from: number, to: number, share: number, latest: number): Stretched {
  const by = Math.min(share * (to - from), latest - to)
  return { from: Math.max(0, from + by), to: to + by }
}
