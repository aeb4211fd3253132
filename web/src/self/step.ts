// What the daemon gives up, step by step, to stay within its budget of memory.
export const steps: { step: number; word: string; meaning: string }[] = [
  { step: 0, word: 'normal', meaning: 'Everything is kept.' },
  { step: 1, word: 'caches', meaning: 'Cached answers go: they are computed again when they are asked for.' },
  { step: 2, word: 'detectors', meaning: 'Fewer processes are judged, and the store keeps fewer pages in memory.' },
  { step: 3, word: 'instances', meaning: 'Fewer processes have series of their own; the rest is summed up.' },
  { step: 4, word: 'live clients', meaning: 'No new live clients are admitted.' },
]

// milliseconds is a span of a beat: "1.5 ms".
export function milliseconds(seconds: number | null, write: (v: number) => string): string {
  return seconds === null ? '–' : `${write(seconds * 1000)} ms`
}
