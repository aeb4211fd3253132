// A tab that is left open does not grow: real beats of a real daemon, sent to the browser as
// often as it can take them, with auto refresh on. make test does a tenth (ZOL0_SOAK=1: all of
// them). The first stretch is for the browser, which compiles what is called often.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage } from './stage.mjs'

const updates = process.env.ZOL0_SOAK ? 5000 : 500
const warm = process.env.ZOL0_SOAK ? 500 : 250
// tenth is the update of minute 10 where 5,000 stand for eight hours.
const tenth = 104
// growth is what the heap may have gained over its value after the warm-up.
const growth = 1.1
// refreshes are how often everything is asked for anew; in life that is every 30th beat.
const every = 30

// held is what the page's own objects, texts, lists and functions take. Code that V8 compiles
// anew the more often it is called, and what the browser notes of requests while somebody
// looks on through its debugging port, are not the page's to keep or to let go.
async function held(session) {
  const parts = []
  const gather = (e) => parts.push(e.chunk)
  session.on('HeapProfiler.addHeapSnapshotChunk', gather)
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  session.off('HeapProfiler.addHeapSnapshotChunk', gather)
  const { snapshot, nodes } = JSON.parse(parts.join(''))
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')]
  let bytes = 0
  for (let at = 0; at < nodes.length; at += fields.length) {
    if (!['code', 'native', 'object shape', 'synthetic'].includes(types[0][nodes[at + type]])) bytes += nodes[at + size]
  }
  return bytes
}

// hasten is a proxy before a daemon that sends each of its beats on many times, under the
// numbers that would have followed.
async function hasten(daemon) {
  let stream
  const proxy = createServer((q, r) => {
    const headers = { ...q.headers, host: `127.0.0.1:${daemon.port}` }
    if (headers.origin) headers.origin = daemon.url
    const onward = request({ host: '127.0.0.1', port: daemon.port, path: q.url, method: q.method, headers }, (a) => {
      r.writeHead(a.statusCode, a.headers)
      if (q.url !== '/api/events') return void a.pipe(r)
      stream = r
      a.setEncoding('utf8')
      a.on('data', (text) => r.write(text))
    })
    onward.on('error', () => r.destroy())
    r.on('close', () => onward.destroy())
    q.pipe(onward)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    send: (news) => stream.write(`event: beat\ndata: ${JSON.stringify(news)}\n\n`),
    close: () => (proxy.closeAllConnections(), proxy.close()),
  }
}

test(`${updates} updates leave the heap and the document as they were`, async (t) => {
  const stage = Stage.shared()
  const browser = await launch()
  const proxy = await hasten(stage.main)
  try {
    const visit = await Visit.open(browser, proxy.url)
    const { page } = visit
    const session = await visit.context.newCDPSession(page)
    await session.send('HeapProfiler.enable')
    await page.getByRole('checkbox', { name: /Auto refresh/ }).check()
    await page.locator('.connection').getByText('live', { exact: true }).waitFor()
    const measure = async () => {
      await visit.settled()
      for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
      return { heap: usedSize, nodes }
    }
    const overview = await stage.main.get('/api/overview')
    let beat = overview.beat + 1_000_000
    let first, before
    for (let n = 1; n <= updates; n++) {
      const changed = overview.services.map((s) => ({ name: s.name, state: s.state, private_bytes: s.private_bytes + n * 4096, cpu_percent: n % 100, instances: s.instances }))
      proxy.send({
        time: new Date(Date.parse(overview.time) + n * 5000).toISOString(), beat: beat++, watched_private_bytes: overview.watched_private_bytes + n * 4096,
        processes: overview.processes, memory_used_percent: 10 + (n % 50), self_rss_bytes: overview.own.rss_bytes, self_private_bytes: overview.own.private_bytes,
        step: 0, late: 0, changed,
      })
      if (n % every === 0) {
        await page.getByRole('button', { name: 'Refresh now' }).click()
        await page.waitForTimeout(60)
        beat = Math.max(beat, overview.beat + 1_000_000 + n)
      } else if (n % 5 === 0) {
        await page.waitForTimeout(5)
      }
      if (n === tenth) before = await held(session)
      if (n === warm) first = await measure()
    }
    const shown = await page.locator('.board tbody tr').count()
    const last = await measure()
    t.diagnostic(`heap ${(first.heap / 1e6).toFixed(2)} MB after ${warm} updates, ${(last.heap / 1e6).toFixed(2)} after ${updates}; ${first.nodes} and ${last.nodes} elements`)
    const after = await held(session)
    t.diagnostic(`objects ${(before / 1e6).toFixed(3)} MB after ${tenth} updates (minute 10 of 8 h), ${(after / 1e6).toFixed(3)} after ${updates}`)
    assert.ok(after <= before * growth, `what the page holds grew from ${before} to ${after} bytes`)
    assert.equal(shown, overview.services.length)
    assert.ok(last.heap <= first.heap * growth, `the heap grew from ${first.heap} to ${last.heap} bytes`)
    assert.ok(Math.abs(last.nodes - first.nodes) <= 0.02 * first.nodes, `${first.nodes} elements became ${last.nodes}`)
    assert.deepEqual(await visit.faults(), [])
    await visit.close()
  } finally {
    proxy.close()
    await browser.close()
  }
})
