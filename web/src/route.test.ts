import { beforeEach, expect, test, vi } from 'vitest'

const place = { pathname: '/', search: '', origin: 'http://127.0.0.1:8509' }
const steps: string[] = []
function go(kind: string, href: string) {
  const u = new URL(href, place.origin)
  place.pathname = u.pathname
  place.search = u.search
  steps.push(`${kind} ${href}`)
}
vi.stubGlobal('location', place)
vi.stubGlobal('addEventListener', () => undefined)
vi.stubGlobal('scrollTo', () => undefined)
vi.stubGlobal('document', { querySelector: () => null })
vi.stubGlobal('history', {
  pushState: (_: unknown, __: string, href: string) => go('push', href),
  replaceState: (_: unknown, __: string, href: string) => go('replace', href),
})
const { Route } = await import('./route.svelte')

function at(href: string) {
  const u = new URL(href, place.origin)
  place.pathname = u.pathname
  place.search = u.search
  return new Route()
}

beforeEach(() => void (steps.length = 0))

test('the address is read: path, decoded parts, query', () => {
  const route = at('/services/my%20bot%2F2?range=24h&q=a%26b')
  expect(route.parts).toEqual(['services', 'my bot/2'])
  expect([route.get('range'), route.get('q'), route.get('none')]).toEqual(['24h', 'a&b', ''])
})

test('a part that is no text is shown as it stands', () => {
  expect(at('/services/%E0%A4%A').parts).toEqual(['services', '%E0%A4%A'])
})

test('typing makes no steps back, choosing does, and empty values go', () => {
  const route = at('/processes?q=a&sort=-cpu')
  route.set({ q: 'ab' })
  route.set({ q: '' })
  route.set({ sort: '' }, true)
  expect(steps).toEqual(['replace /processes?q=ab&sort=-cpu', 'replace /processes?sort=-cpu', 'push /processes'])
})

test('a link keeps the stretch of time and nothing else', () => {
  const route = at('/processes?q=a&range=7d&sort=-cpu')
  expect(route.href('/self')).toBe('/self?range=7d')
  expect(route.href('/events', { kind: 'alert', subject: '' })).toBe('/events?range=7d&kind=alert')
  expect(at('/?from=100&to=200').href('/')).toBe('/?from=100&to=200')
})

test('going somewhere reads the new address', () => {
  const route = at('/?range=7d')
  route.go('/help?q=rate')
  expect([route.path, route.get('q'), route.get('range')]).toEqual(['/help', 'rate', ''])
})
