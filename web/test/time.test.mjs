// Time: the address holds all of it, a brush on a chart zooms, the back button leaves.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, leaking } from './stage.mjs'

const stage = Stage.shared()
let browser
before(async () => (browser = await launch()))
after(() => browser?.close())

const stretch = (page) => {
  const q = new URL(page.url()).searchParams
  return [Number(q.get('from')), Number(q.get('to'))]
}
const seriesAsked = (visit) => visit.requests.map((r) => new URL(r.url())).filter((u) => u.pathname === '/api/series')

test('a brush on a chart zooms, and the back button leaves the zoom', async () => {
  const visit = await Visit.open(browser, stage.main.url, `/services/${leaking}?range=7d`)
  const { page } = visit
  const plot = page.locator('main .u-over').first()
  await plot.scrollIntoViewIfNeeded()
  const box = await plot.boundingBox()
  const before = seriesAsked(visit).length
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 6 })
  await page.mouse.up()
  await page.waitForURL(/from=\d+&to=\d+/)
  await visit.settled()
  const [from, to] = stretch(page)
  const share = (to - from) / (7 * 86400)
  assert.ok(share > 0.2 && share < 0.3, `a quarter of the plot was brushed, ${share} of the week is shown`)
  const zoomed = seriesAsked(visit).slice(before)
  assert.ok(zoomed.some((u) => u.searchParams.get('from') === String(from) && u.searchParams.get('to') === String(to)), 'the chart asks for that stretch')
  await page.goBack()
  await visit.settled()
  assert.equal(new URL(page.url()).search, '?range=7d')
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('a link shows the same stretch to whoever opens it', async () => {
  const to = Math.floor(Date.now() / 1000) - 3600
  const from = to - 6 * 3600
  const visit = await Visit.open(browser, stage.main.url, `/services/${leaking}?from=${from}&to=${to}`)
  const { page } = visit
  const asked = seriesAsked(visit)
  assert.ok(asked.some((u) => u.searchParams.get('from') === String(from) && u.searchParams.get('to') === String(to)))
  await page.locator('nav').getByRole('link', { name: 'Overview' }).click()
  await visit.settled()
  assert.deepEqual(stretch(page), [from, to], 'the stretch stays when another page is opened')
  await page.getByLabel('Stretch of time').selectOption('24h')
  await page.waitForURL(/range=24h/)
  await page.goBack()
  await page.waitForURL(new RegExp(`from=${from}`))
  await page.goBack()
  await visit.settled()
  assert.equal(new URL(page.url()).pathname, `/services/${leaking}`)
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('what is no time is not taken for one', async () => {
  const visit = await Visit.open(browser, stage.main.url, '/?from=%3Cscript%3E&to=-5&range=never')
  assert.ok((await visit.page.locator('.board tbody tr').count()) > 0)
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})
