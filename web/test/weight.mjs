// Weighs what the browser receives: bytes on the wire, heads and all.
import { Visit } from './browser.mjs'

// weigh opens a path in a browser that has nothing yet. answers grows as long as the visit is open.
export async function weigh(browser, origin, path) {
  const visit = await Visit.open(browser, origin, null)
  const session = await visit.context.newCDPSession(visit.page)
  await session.send('Network.enable')
  const asked = new Map()
  const answers = []
  session.on('Network.requestWillBeSent', (e) => {
    const url = new URL(e.request.url)
    if (url.protocol.startsWith('http')) asked.set(e.requestId, { method: e.request.method, path: url.pathname + url.search, bytes: 0, encoding: '', cached: false })
  })
  session.on('Network.responseReceived', (e) => {
    const a = asked.get(e.requestId)
    if (!a) return
    a.encoding = e.response.headers['content-encoding'] ?? e.response.headers['Content-Encoding'] ?? ''
    a.cached = e.response.fromDiskCache === true
    a.at = e.timestamp
  })
  session.on('Network.requestServedFromCache', (e) => {
    const a = asked.get(e.requestId)
    if (a) a.cached = true
  })
  session.on('Network.loadingFinished', (e) => {
    const a = asked.get(e.requestId)
    if (!a) return
    a.bytes = e.encodedDataLength
    answers.push(a)
  })
  await visit.go(path)
  return { visit, answers, session }
}
