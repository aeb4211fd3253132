// The glossary: one meaning for each word, the same as in the documentation.
export interface Word {
  word: string
  meaning: string
}

export const words: Word[] = [
  { word: 'Service', meaning: 'What a person calls it: a name that survives restarts. It has none, one or several processes.' },
  { word: 'Process instance', meaning: 'One life of one process: its PID and when it began. A PID that is used again is another instance.' },
  { word: 'Private memory', meaning: 'Memory that only this process can give back: anonymous resident pages and swapped ones, without files and shared memory. Verdicts and thresholds are on it.' },
  { word: 'RSS', meaning: 'Resident set: all pages in memory, also those shared with others and those of files, which the kernel can drop. It grows without a leak.' },
  { word: 'Verdict', meaning: 'The judgement of one course of figures (private memory, shared memory, descriptors, threads) of one process, with its rate, interval and what must be borne in mind.' },
  { word: 'Rate', meaning: 'Growth per hour. The figure after ± is half the width of the interval in which the truth lies in 95 of 100 cases.' },
  { word: 'Horizon', meaning: 'The stretch of time on which a verdict rests.' },
  { word: 'Floor', meaning: 'The least that a course fell back to: what a leak lifts, and what a garbage collector does not.' },
  { word: 'Onset', meaning: 'When the growth began.' },
  { word: 'Limit', meaning: 'What the growth hits first: a limit of the configuration, of a cgroup, or the memory of the machine.' },
  { word: 'Forecast', meaning: 'What comes next if it goes on so: it reaches its limit, or settles near a level.' },
  { word: 'Status', meaning: 'Private memory against the thresholds of the configuration: normal, investigate, elevated, high; unknown where it could not be read.' },
  { word: 'Watched', meaning: 'Named by a rule of the configuration; everything where there is no rule.' },
  { word: 'Beat', meaning: 'One round of the daemon: read, store, judge, record, tell.' },
  { word: 'Pressure', meaning: 'PSI: the share of time in which some task waited for a processor, for memory or for a disk.' },
  { word: 'MB', meaning: '1,000,000 bytes, here and in the terminal. “–” is what nobody measured; it is never 0.' },
]

export const statuses: Word[] = [
  { word: 'normal', meaning: 'Below all thresholds.' },
  { word: 'investigate', meaning: 'Above a limit of its own.' },
  { word: 'elevated', meaning: 'Above 300 MB, or what the configuration says instead.' },
  { word: 'high', meaning: 'Above 500 MB, or what the configuration says instead: immediate attention.' },
  { word: 'unknown', meaning: 'Its private memory could not be read.' },
]

export const keys: Word[] = [
  { word: '/', meaning: 'to the search of this page; Escape leaves it' },
  { word: '?', meaning: 'this help' },
  { word: 'Tab', meaning: 'through everything; a verdict shows its sentence while it has the focus' },
  { word: '+ −', meaning: 'in a chart: a shorter, a longer stretch of time' },
  { word: '← →', meaning: 'in a chart: earlier, later' },
  { word: 'Page ↑ ↓, Home, End', meaning: 'in the table of processes' },
]
