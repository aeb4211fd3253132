// What the page knows of the present: one overview, and how fresh it is. Everything here
// has a bound: one overview is kept, the one before is let go before the next is asked for.
import { access } from './access.svelte'
import { aborted, faultOf, get, post, type Fault } from './api'
import { range } from './range.svelte'
import type { BeatNews, CacheCleared, Overview, Session } from './types'

// autoEvery is how often auto refresh asks for everything; between two of these the beats
// say what changed.
export const autoEvery = 30_000

// retryAfter is how soon a daemon that is gone is looked for again.
const retryAfter = 3_000

export type Connection = 'loading' | 'current' | 'live' | 'gone'

class Live {
  // The overview is large and replaced as a whole: its parts need no watching.
  overview = $state.raw<Overview | null>(null)
  fault = $state.raw<Fault | null>(null)
  connection = $state<Connection>('loading')
  updated = $state<Date | null>(null)
  auto = $state(false)
  busy = $state(false)
  session = $state.raw<Session | null>(null)
  cleared = $state.raw<CacheCleared | null>(null)
  clearing = $state(false)
  // tick counts refreshes: what shows the past asks again when it moves.
  tick = $state(0)

  #asking: AbortController | null = null
  #stream: EventSource | null = null
  #timer: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  // begin counts a page load and asks for the first overview.
  begin() {
    void this.#load('/api/session/load')
    document.addEventListener('visibilitychange', () => this.#follow())
  }

  refresh = (): Promise<void> => this.#load('/api/session/refresh')

  async #load(sessionPath: string): Promise<void> {
    clearTimeout(this.#retry)
    this.#asking?.abort()
    const asking = (this.#asking = new AbortController())
    this.busy = true
    try {
      // That a visit could not be counted is said, but hides nothing.
      let uncounted: Fault | null = null
      const counted = post<Session>(sessionPath, asking.signal).catch((error: unknown) => {
        if (!aborted(error)) uncounted = faultOf(error)
        return this.session
      })
      const overview = await get<Overview>('/api/overview', {}, asking.signal)
      this.session = await counted
      if (this.session) access.caller = this.session.caller
      if (asking.signal.aborted) return
      this.overview = overview
      this.updated = new Date()
      this.fault = uncounted
      range.now = Math.floor(Date.parse(overview.time) / 1000)
      this.tick++
      this.connection = this.#stream ? 'live' : 'current'
    } catch (error) {
      if (aborted(error)) return
      this.fault = faultOf(error)
      // Whoever logs in begins anew.
      if (access.asked) this.#forget()
      else if (this.fault.gone) this.#lost()
      // Without a first answer nothing else is asked for: it is asked for again.
      else if (!this.overview) this.#retry = setTimeout(() => void this.refresh(), retryAfter)
    } finally {
      if (this.#asking === asking) {
        this.#asking = null
        this.busy = false
      }
    }
  }

  // forget lets go what was shown to somebody who is not known any more.
  #forget() {
    this.overview = null
    this.fault = null
    this.connection = 'loading'
    this.#unfollow()
  }

  // lost is when nobody answers: what is shown stays, marked as old, and the daemon is
  // looked for until it is back. A hidden tab looks for nothing.
  #lost() {
    this.connection = 'gone'
    this.#unfollow()
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      if (document.hidden) this.#lost()
      else void this.refresh().then(() => this.connection !== 'gone' && this.#follow())
    }, retryAfter)
  }

  setAuto(on: boolean) {
    this.auto = on
    this.#follow()
  }

  // follow listens to the beats while auto refresh is on and somebody can see it.
  #follow() {
    if (!this.auto || document.hidden) {
      this.#unfollow()
      return
    }
    if (this.#stream) return
    const stream = (this.#stream = new EventSource('/api/events'))
    stream.addEventListener('open', () => {
      if (this.overview) this.connection = 'live'
    })
    stream.addEventListener('beat', (event) => this.#beat(JSON.parse((event as MessageEvent<string>).data) as BeatNews))
    for (const end of ['dropped', 'closing']) stream.addEventListener(end, () => this.#lost())
    stream.addEventListener('error', () => this.#lost())
    this.#timer = setInterval(() => void this.refresh(), autoEvery)
    if (this.updated && Date.now() - this.updated.getTime() > autoEvery) void this.refresh()
  }

  #unfollow() {
    this.#stream?.close()
    this.#stream = null
    clearInterval(this.#timer)
    if (this.connection === 'live') this.connection = 'current'
  }

  // beat puts what changed into the overview; the next refresh brings the rest.
  #beat(news: BeatNews) {
    const o = this.overview
    if (!o || news.beat <= o.beat) return
    const changed = new Map(news.changed.map((c) => [c.name, c]))
    this.overview = {
      ...o,
      time: news.time,
      beat: news.beat,
      watched_private_bytes: news.watched_private_bytes,
      processes: news.processes,
      host: { ...o.host, memory_used_percent: news.memory_used_percent },
      own: { ...o.own, rss_bytes: news.self_rss_bytes, private_bytes: news.self_private_bytes, step: news.step, late: news.late },
      services: o.services.map((s) => {
        const c = changed.get(s.name)
        return c ? { ...s, state: c.state, private_bytes: c.private_bytes, cpu_percent: c.cpu_percent, instances: c.instances } : s
      }),
    }
    this.updated = new Date()
  }

  async clearCache(): Promise<void> {
    this.clearing = true
    try {
      this.cleared = await post<CacheCleared>('/api/cache/clear')
      await this.refresh()
    } catch (error) {
      this.fault = faultOf(error)
    } finally {
      this.clearing = false
    }
  }
}

export const live = new Live()
