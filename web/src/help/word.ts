// The words of this page, one meaning each, as the documentation has them.
export interface Chapter {
  id: string
  title: string
  words: [word: string, meaning: string][]
}

export const chapters: Chapter[] = [
  {
    id: 'words',
    title: 'Words',
    words: [
      ['service', 'What a person calls it: a name that survives restarts. It has any number of processes at a time.'],
      ['process, instance', 'One life of one process: its PID and when it began. Another process that gets the same PID later is another instance.'],
      ['private memory', 'Memory that only this process can give back. On Linux its anonymous pages and what of them was swapped out. Verdicts and thresholds use it.'],
      ['RSS', 'Resident set size: pages in memory, those that are shared with other processes among them. Sums of it count shared pages more than once.'],
      ['shared memory', 'Memory that several processes have in common.'],
      ['sample', 'What the kernel said about one process at one instant.'],
      ['series', 'One figure of one process or service over time.'],
      ['life', 'A series from one restart to the next.'],
      ['beat', 'What the daemon does at every interval: read, judge, look for alerts, write down, tell.'],
      ['watched', 'Named by a rule of the configuration; everything, where there is no rule.'],
      ['rate', 'Growth per hour with its 95 % interval: in 95 of 100 such cases the true rate lies in it.'],
      ['smallest growth', 'The smallest growth that would have been seen. A steady service may grow by less.'],
      ['floor', 'The smallest value of a stretch: what is left when bursts and garbage have gone. Verdicts look at floors.'],
      ['onset', 'When the growth began.'],
      ['horizon', 'The length of what a verdict rests on.'],
      ['score', 'The evidence for a leak in log-odds: 0 is even. Over the threshold for long enough it makes leaking.'],
      ['caveat', 'What must be borne in mind with a verdict. “Bound unknown”: a cache that fills looks the same.'],
      ['limit', 'What growth ends at: a limit of a rule, of the control group, or the memory of the machine. The one that binds first is shown.'],
      ['pressure (PSI)', 'The share of the last ten seconds in which some task waited for the processor, memory or disk.'],
      ['descriptors (FDs)', 'Open files, sockets and pipes of a process.'],
      ['gap', 'Time without samples. It is left open in a chart: nothing is drawn that was not measured.'],
    ],
  },
  {
    id: 'status',
    title: 'Thresholds',
    words: [
      ['normal', 'Private memory is below every threshold.'],
      ['investigate', 'zol0 itself is above thresholds.dashboard.'],
      ['elevated', 'A process is above thresholds.elevated.'],
      ['high', 'A process is above thresholds.high: it needs immediate attention.'],
      ['unknown', 'It could not be read, so nothing is said.'],
      ['review', 'All watched services together are above thresholds.watched_total.'],
    ],
  },
  {
    id: 'units',
    title: 'Units',
    words: [
      ['MB', '1,000,000 bytes everywhere; KB, GB and TB alike. At most three significant digits are shown.'],
      ['MB/h', 'Growth per hour.'],
      ['CPU %', 'Of one core for a process or service; of all cores together for the machine.'],
      ['4m 10s, 12d 4h', 'Spans by their two largest units.'],
      ['±', 'Half the width of the 95 % interval.'],
      ['–', 'Not measured, or not known. It is never written as 0.'],
      ['times', 'Your own time zone. Files and the API have UTC.'],
    ],
  },
  {
    id: 'columns',
    title: 'Columns of the services',
    words: [
      ['Verdict', 'The worst verdict of its processes. Its sentence is shown on hover and focus.'],
      ['Now MB', 'Private memory of all its processes together at the last beat.'],
      ['MB/h', 'Growth of private memory with half the width of its interval.'],
      ['Limit in', 'Time to the limit that binds first, if it goes on so; “near” a level where it settles.'],
      ['24 h', 'Private memory over a day. A tick on the axis is a process that began.'],
      ['CPU %, FDs, Threads', 'Sums over its processes.'],
      ['Inst.', 'Processes alive.'],
    ],
  },
]

export const keys: [key: string, what: string][] = [
  ['/', 'goes to the search of the page'],
  ['?', 'opens this page'],
  ['Escape', 'leaves the search, closes the details of a process'],
  ['↑ ↓ Page Up Page Down Home End', 'choose a row in the table of processes'],
  ['Enter, Space', 'open the details of the chosen row'],
  ['← →', 'read a chart that has the focus; + and − zoom it, with Shift the arrows move it, 0 goes back'],
  ['Tab, Shift Tab', 'go to the next and previous thing that can be used'],
]

export const fits = (search: string, ...texts: string[]): boolean => texts.some((t) => t.toLowerCase().includes(search.trim().toLowerCase()))
