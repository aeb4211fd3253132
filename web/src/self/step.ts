// What the daemon gives up, step by step, to stay within its budget of memory.
export const steps: { step: number; word: string; meaning: string }[] = [
  { step: 0, word: 'normal', meaning: 'Nothing is given up.' },
  { step: 1, word: 'no caches', meaning: 'From 70 % of the budget: answers are the same, the same question asked twice takes longer.' },
  { step: 2, word: 'coarser windows', meaning: 'From 80 %: fewer processes are judged, by fewer figures. A leak of a small one may be found later or not at all.' },
  { step: 3, word: 'only services', meaning: 'From 88 %: only services and what rules name are stored and judged. Other processes have a gap in their history.' },
  { step: 4, word: 'no new clients', meaning: 'From 95 %: new live views are refused. Those that are open go on, and so does all watching.' },
]

// milliseconds is a span of a beat: "1.5 ms".
export function milliseconds(seconds: number | null, write: (v: number) => string): string {
  return seconds === null ? '–' : `${write(seconds * 1000)} ms`
}
