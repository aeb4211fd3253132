// Where the visitor is. The address holds all of it, so that a link shows the same view.

export class Route {
  path = $state('/')
  #query = $state<Record<string, string>>({})

  constructor() {
    this.#read()
    addEventListener('popstate', () => this.#read())
    addEventListener('click', (event) => this.#follow(event))
  }

  #read() {
    this.path = location.pathname
    this.#query = Object.fromEntries(new URLSearchParams(location.search))
  }

  // parts are the path's segments, decoded: ["services", "my bot"].
  get parts(): string[] {
    return this.path
      .split('/')
      .filter((p) => p !== '')
      .map((p) => {
        try {
          return decodeURIComponent(p)
        } catch {
          return p
        }
      })
  }

  get(name: string): string {
    return this.#query[name] ?? ''
  }

  // set changes parts of the query; empty values go. It makes no entry in the history but
  // where push says so: typing into a filter is not twenty steps back.
  set(changes: Record<string, string>, push = false) {
    const next = { ...this.#query, ...changes }
    for (const name of Object.keys(next)) if (next[name] === '') delete next[name]
    this.#query = next
    const text = new URLSearchParams(next).toString()
    history[push ? 'pushState' : 'replaceState'](null, '', this.path + (text ? `?${text}` : ''))
  }

  go(href: string) {
    history.pushState(null, '', href)
    this.#read()
    scrollTo(0, 0)
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
  }

  // href is a link to a page that keeps the stretch of time.
  href(path: string, query: Record<string, string> = {}): string {
    const q = new URLSearchParams()
    for (const name of ['range', 'from', 'to']) if (this.#query[name]) q.set(name, this.#query[name])
    for (const [name, value] of Object.entries(query)) if (value) q.set(name, value)
    const text = q.toString()
    return text ? `${path}?${text}` : path
  }

  #follow(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || link.pathname.startsWith('/api')) return
    event.preventDefault()
    if (link.pathname === location.pathname && link.search === location.search && link.hash) {
      // As the browser would: the keyboard goes on from there.
      const place = document.getElementById(link.hash.slice(1))
      place?.scrollIntoView()
      place?.focus({ preventScroll: true })
      return
    }
    this.go(link.pathname + link.search + link.hash)
  }
}

export const route = new Route()
export const serviceHref = (name: string): string => route.href(`/services/${encodeURIComponent(name)}`)
