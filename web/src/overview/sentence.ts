// The first thing a visitor reads: what grows that should not, in words.
import { duration } from '../figure'
import type { Overview, ServiceRow } from '../types'

export interface Headline {
  state: string // whose colour it has
  title: string
  // services are those that it is about, worst first, each with its sentence.
  services: { name: string; text: string }[]
  rest: string
}

const most = 3

const names = (n: number): string => (n === 1 ? '1 service' : `${n} services`)

// lowered is a verdict's sentence without the word that the badge says already.
function lowered(s: ServiceRow): string {
  const text = (s.sentence ?? '').replace(/^[A-Z][a-z]+: /, '')
  return text
}

export function headline(o: Overview): Headline {
  const of = (state: string) => o.services.filter((s) => s.state === state)
  const leaking = of('leaking')
  const suspect = of('suspect')
  const learning = of('learning').length
  const watched = duration(o.own.uptime_seconds)
  const about = (list: ServiceRow[]) => list.slice(0, most).map((s) => ({ name: s.name, text: lowered(s) }))
  const more = (list: ServiceRow[]) => (list.length > most ? ` ${list.length - most} more are in the table.` : '')
  const calm = learning > 0 ? ` ${names(learning)} ${learning === 1 ? 'was' : 'were'} watched too briefly to tell.` : ''
  if (leaking.length > 0) {
    const others = suspect.length > 0 ? ` ${suspect.length === 1 ? '1 more service is' : `${suspect.length} more services are`} suspect.` : ''
    return { state: 'leaking', title: `${names(leaking.length)} ${leaking.length === 1 ? 'is' : 'are'} leaking.`, services: about(leaking), rest: (more(leaking) + others).trim() }
  }
  if (suspect.length > 0) {
    return {
      state: 'suspect',
      title: `No leak is confirmed; ${names(suspect.length)} ${suspect.length === 1 ? 'grows' : 'grow'} like one.`,
      services: about(suspect),
      rest: (more(suspect) + calm).trim(),
    }
  }
  if (o.services.length === 0) {
    return { state: 'learning', title: 'No service is watched.', services: [], rest: 'The rules of the configuration match no process.' }
  }
  if (learning === o.services.length) {
    return { state: 'learning', title: 'Nothing can be said yet.', services: [], rest: `zol0 has watched for ${watched}; a verdict takes at least 24 samples of a service.` }
  }
  return { state: 'steady', title: 'No service grows beyond its noise.', services: [], rest: `zol0 has watched for ${watched}.${calm}` }
}
