// One answer of the daemon that a part of a page shows: asked for when its query or the
// tick of refreshes changes, and let go when the part is closed.
import { aborted, faultOf, get, type Fault, type Query } from './api'
import { live } from './live.svelte'

export class Resource<T> {
  data = $state.raw<T | null>(null)
  fault = $state.raw<Fault | null>(null)
  loading = $state(true)

  // ask is called within $effect's reach: what it reads decides when it is called again. A
  // null asks for nothing.
  constructor(ask: () => { path: string; query?: Query } | null, follow = true) {
    let shown = ''
    $effect(() => {
      const wanted = ask()
      if (follow) void live.tick
      if (!wanted) {
        this.data = null
        this.loading = false
        return
      }
      const stop = new AbortController()
      // Another thing's figures must not stand under this one's name.
      const subject = `${wanted.path} ${wanted.query?.service ?? ''} ${wanted.query?.level ?? ''}`
      if (shown !== subject) this.data = null
      shown = subject
      this.loading = true
      get<T>(wanted.path, wanted.query, stop.signal).then(
        (answer) => {
          if (stop.signal.aborted) return
          this.data = answer
          this.fault = null
          this.loading = false
        },
        (error: unknown) => {
          if (stop.signal.aborted || aborted(error)) return
          this.fault = faultOf(error)
          this.loading = false
        },
      )
      return () => stop.abort()
    })
  }
}
