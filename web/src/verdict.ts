// The words of verdicts in the order of their weight, each with its sign: colour is never
// the only one.

export type State = 'leaking' | 'suspect' | 'filling' | 'steady' | 'learning'

export const states: { state: State; sign: string; meaning: string }[] = [
  { state: 'leaking', sign: '●', meaning: 'Growth that was confirmed as a leak.' },
  { state: 'suspect', sign: '◑', meaning: 'Growth that looks like a leak, not confirmed.' },
  { state: 'filling', sign: '◔', meaning: 'Growth that levels off, as a cache that fills.' },
  { state: 'steady', sign: '○', meaning: 'No growth that stands out of the noise.' },
  { state: 'learning', sign: '◌', meaning: 'Watched too briefly to tell.' },
]

export const weight = (state: string): number => states.length - states.findIndex((s) => s.state === state)

export const signOf = (state: string): string => states.find((s) => s.state === state)?.sign ?? '?'

export const meaningOf = (state: string): string => states.find((s) => s.state === state)?.meaning ?? ''

// thingOf is what a metric counts, as the sentences call it.
export function thingOf(metric: string): string {
  return { private_bytes: 'private memory', shmem_bytes: 'shared memory', fds: 'descriptors', threads: 'threads' }[metric] ?? metric
}
