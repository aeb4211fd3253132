// Times as a person reads them: local, with the zone said once.

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

const date = (at: string | number | Date): Date => (typeof at === 'number' ? new Date(at * 1000) : new Date(at))

export const unknownTime = '–'

// clockTime is "12:03:20".
export const clockTime = (at: string | number | Date | null): string => (at === null ? unknownTime : time.format(date(at)))

// dayTime is "23 Nov, 12:03".
export const dayTime = (at: string | number | Date | null): string => (at === null ? unknownTime : day.format(date(at)))

// fullTime says everything, with the zone.
export const fullTime = (at: string | number | Date | null): string => (at === null ? unknownTime : full.format(date(at)))

// zone is the visitor's, such as "Europe/Warsaw".
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

export const seconds = (at: string): number => Date.parse(at) / 1000
