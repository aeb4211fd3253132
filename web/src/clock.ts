// Times as a person reads them: local, with the zone said once.

// formatter is made when it is first needed: making one takes as long as drawing a row, and
// a page that opens needs few of them.
export function formatter(options: Intl.DateTimeFormatOptions): (at: Date) => string {
  let made: Intl.DateTimeFormat | undefined
  return (at) => (made ??= new Intl.DateTimeFormat('en-GB', options)).format(at)
}

const time = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = formatter({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const full = formatter({ dateStyle: 'medium', timeStyle: 'long' })

const date = (at: string | number | Date): Date => (typeof at === 'number' ? new Date(at * 1000) : new Date(at))

export const unknownTime = '–'

// clockTime is "12:03:20".
export const clockTime = (at: string | number | Date | null): string => (at === null ? unknownTime : time(date(at)))

// dayTime is "23 Nov, 12:03".
export const dayTime = (at: string | number | Date | null): string => (at === null ? unknownTime : day(date(at)))

// fullTime says everything, with the zone.
export const fullTime = (at: string | number | Date | null): string => (at === null ? unknownTime : full(date(at)))

// zone is the visitor's, such as "Europe/Warsaw".
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

export const seconds = (at: string): number => Date.parse(at) / 1000
