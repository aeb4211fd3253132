// Measures the page in a real browser: node web/test/measure.mjs. Times depend on the
// machine and are printed; what does not is held by the tests.
import { Director } from './director.mjs'
import { Visit, launch } from './browser.mjs'
import { residentBytes, leaking } from './stage.mjs'
import { weigh } from './weight.mjs'

const runs = 5
const clients = 50
const median = (all) => all.slice().sort((a, b) => a - b)[Math.floor(all.length / 2)]
const rows = []
const row = (what, measured, promise, met) => rows.push([what, measured, promise ? `${promise}: ${met ? 'met' : '**missed**'}` : 'none'])

// load opens a page at a quarter of the processor's speed, and returns what the browser's own
// timing says, in milliseconds.
async function load(browser, url, path, slow, shown = (visit) => visit.go(path)) {
  const visit = await Visit.open(browser, url, null)
  const session = await visit.context.newCDPSession(visit.page)
  if (slow > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: slow })
  await visit.page.addInitScript(() => {
    window.timing = { largest: 0, long: [], usable: 0 }
    new PerformanceObserver((l) => l.getEntries().forEach((e) => (window.timing.largest = e.startTime))).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((l) => l.getEntries().forEach((e) => window.timing.long.push(e.duration))).observe({ type: 'longtask', buffered: true })
    // Usable is when the first row of figures stands and can be clicked.
    const look = () => (document.querySelector('main table tbody tr, main .u-over') ? (window.timing.usable = performance.now()) : requestAnimationFrame(look))
    requestAnimationFrame(look)
  })
  await shown(visit)
  const timing = await visit.page.evaluate(() => window.timing)
  await visit.close()
  return timing
}

// line opens one line of text: what the browser takes for a page of no page at all.
async function line(visit) {
  await visit.page.goto(`${visit.origin}/-/healthy`)
  await visit.page.waitForTimeout(1000)
}

// drawn is how long after the last series the chart of a service stands.
async function drawn(browser, url) {
  const visit = await Visit.open(browser, url, null)
  await visit.page.addInitScript(() => {
    window.painted = 0
    const look = () => {
      const canvas = document.querySelector('main .u-wrap canvas')
      const there = canvas && canvas.width > 0 && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v !== 0)
      if (there) window.painted = performance.now()
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await visit.go(`/services/${leaking}?range=7d`)
  const late = await visit.page.evaluate(() => {
    const ends = performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/series')).map((e) => e.responseEnd)
    const before = ends.filter((e) => e <= window.painted)
    return window.painted - Math.max(...before)
  })
  await visit.close()
  return late
}

// crowd keeps live clients that also ask for the overview every 30 s, as open tabs do, and
// returns the daemon's resident memory in MB: median and most of a minute and a half.
async function crowd(daemon) {
  const stop = new AbortController()
  let beats = 0
  const tab = async () => {
    const answer = await fetch(`${daemon.url}/api/events`, { signal: stop.signal })
    for await (const part of answer.body) beats += part.length > 0
  }
  const tabs = Array.from({ length: clients }, () => tab().catch((e) => { if (!stop.signal.aborted) throw e }))
  const ask = () => Promise.all(Array.from({ length: clients }, () => fetch(`${daemon.url}/api/overview`, { headers: { 'accept-encoding': 'gzip' } }).then((a) => a.arrayBuffer())))
  const seen = []
  for (let s = 0; s < 90; s++) {
    if (s % 30 === 0) await ask()
    await new Promise((done) => setTimeout(done, 1000))
    seen.push(residentBytes(daemon.pid) / 1e6)
  }
  stop.abort()
  await Promise.all(tabs)
  if (beats < clients * 60) throw new Error(`only ${beats} messages came to ${clients} clients in 90 s`)
  return { median: median(seen), most: Math.max(...seen) }
}

const director = await Director.open({ told: (what) => console.error(what) })
const browser = await launch()
try {
  const { main } = director.stage
  const first = await weigh(browser, main.url, '/')
  const bytes = first.answers.reduce((sum, a) => sum + a.bytes, 0)
  await first.visit.close()
  row('first visit', `${(bytes / 1e3).toFixed(1)} KB in ${first.answers.length} requests`, '120 KB, 8 requests', bytes <= 120e3 && first.answers.length <= 8)
  const week = await weigh(browser, main.url, `/services/${leaking}?range=7d`)
  const own = week.answers.filter((a) => a.path.startsWith('/api/') && !/^\/api\/(overview|session)/.test(a.path))
  const weekBytes = own.reduce((sum, a) => sum + a.bytes, 0)
  await week.visit.close()
  row('a service, 7 days: answers of the API', `${(weekBytes / 1e3).toFixed(1)} KB`, '30 KB', weekBytes <= 30e3)
  const slow = []
  const usual = []
  const bare = []
  const charts = []
  for (let i = 0; i < runs; i++) {
    slow.push(await load(browser, main.url, '/', 4))
    usual.push(await load(browser, main.url, '/', 1))
    bare.push(await load(browser, main.url, '', 4, line))
    charts.push(await drawn(browser, main.url))
  }
  const longest = median(slow.map((t) => Math.max(0, ...t.long)))
  row('longest task on load, processor at a quarter', longest ? `${longest.toFixed(0)} ms` : 'none above 50 ms', '50 ms', longest <= 50)
  const alone = median(bare.map((t) => Math.max(0, ...t.long)))
  row('the same of one line of text: the browser alone', alone ? `${alone.toFixed(0)} ms` : 'none above 50 ms')
  const largest = median(slow.map((t) => t.largest))
  row('largest paint, processor at a quarter', `${largest.toFixed(0)} ms`, '1,200 ms', largest < 1200)
  const usable = median(usual.map((t) => t.usable))
  row('board stands', `${usable.toFixed(0)} ms`, '1,000 ms', usable < 1000)
  const chart = median(charts)
  row('chart of 7 days drawn, after the answer', `${chart.toFixed(0)} ms`, '200 ms', chart < 200)
  const rss = await crowd(main)
  row(`daemon with ${clients} live clients`, `${rss.median.toFixed(1)} MB RSS, ${rss.most.toFixed(1)} at most`, '40 MB', rss.most <= 40)
} finally {
  await browser.close()
  await director.close()
}
console.log(`\n| the page, medians of ${runs} | measured | promise |\n| --- | --- | --- |`)
for (const r of rows) console.log(`| ${r.join(' | ')} |`)
