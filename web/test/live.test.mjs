// What a page that stays open does: nothing by itself, beats when it is told to, nothing
// while it is hidden, and it finds a daemon that was away.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, privateBytes, steady } from './stage.mjs'

const stage = Stage.shared()
let browser
before(async () => (browser = await launch()))
after(() => browser?.close())

const figure = (page) => page.locator('.board tbody tr').filter({ has: page.getByRole('link', { name: steady, exact: true }) }).locator('td').nth(2)
const asked = (visit) => visit.requests.map((r) => new URL(r.url()).pathname).filter((p) => p.startsWith('/api'))

// hide makes the browser say that nobody sees the tab.
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

test('auto refresh is off at first, brings every beat when on, and rests while the tab is hidden', async () => {
  const visit = await Visit.open(browser, stage.main.url)
  const { page } = visit
  const box = page.getByRole('checkbox', { name: /Auto refresh/ })
  assert.equal(await box.isChecked(), false)
  const first = asked(visit).length
  await page.waitForTimeout(2500)
  assert.deepEqual(asked(visit).slice(first), [], 'a page without auto refresh asks for nothing')

  await box.check()
  await page.locator('.connection').getByText('live', { exact: true }).waitFor()
  assert.ok(asked(visit).includes('/api/events'))
  stage.grow(steady)
  await page.waitForTimeout(300)
  const now = privateBytes(stage.pids[steady]) / 1e6
  await page.waitForFunction(([name, mb]) => {
    const row = [...document.querySelectorAll('.board tbody tr')].find((r) => r.querySelector('a')?.textContent === name)
    return Math.abs(Number(row.cells[2].textContent) - mb) < 0.51
  }, [steady, now])

  await hide(page, true)
  await page.waitForTimeout(300)
  const clients = (await stage.main.get('/api/self')).live?.clients
  if (clients !== undefined) assert.equal(clients, 0, 'a hidden tab listens to nothing')
  const shown = await figure(page).innerText()
  const before = asked(visit).length
  stage.grow(steady)
  await page.waitForTimeout(3000)
  assert.equal(await figure(page).innerText(), shown, 'a hidden tab does nothing')
  assert.deepEqual(asked(visit).slice(before), [])

  await hide(page, false)
  const later = privateBytes(stage.pids[steady]) / 1e6
  await page.waitForFunction(([name, mb]) => {
    const row = [...document.querySelectorAll('.board tbody tr')].find((r) => r.querySelector('a')?.textContent === name)
    return Math.abs(Number(row.cells[2].textContent) - mb) < 0.51
  }, [steady, later], { timeout: 40_000 })
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('a daemon that goes away and comes back', async () => {
  const daemon = await stage.daemon()
  const visit = await Visit.open(browser, daemon.url)
  const { page } = visit
  try {
    await page.getByRole('checkbox', { name: /Auto refresh/ }).check()
    await page.locator('.connection').getByText('live', { exact: true }).waitFor()
    await daemon.stop()
    await page.getByText('The daemon is gone; reconnecting.').waitFor()
    assert.match(await page.locator('header').first().innerText(), /daemon gone, reconnecting/)
    assert.ok((await page.locator('.board tbody tr').count()) > 0, 'what is known stays in sight')
    assert.deepEqual(visit.problems.filter((p) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|503/.test(p)), [])
    await daemon.start()
    await page.locator('.connection').getByText('live', { exact: true }).waitFor({ timeout: 20_000 })
    assert.equal(await page.getByText('The daemon is gone; reconnecting.').count(), 0)
  } finally {
    await visit.close()
    await daemon.stop()
  }
})

test('a daemon that is killed in the middle is found again on a service\'s page', async () => {
  const daemon = await stage.daemon()
  const visit = await Visit.open(browser, daemon.url, `/services/${steady}`)
  const { page } = visit
  try {
    await daemon.stop('SIGKILL')
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.getByText('The daemon is gone; reconnecting.').waitFor()
    await daemon.start()
    await page.getByText('The daemon is gone; reconnecting.').waitFor({ state: 'detached', timeout: 20_000 })
    assert.match(await page.locator('main h1').first().innerText(), new RegExp(steady))
  } finally {
    await visit.close()
    await daemon.stop()
  }
})

test('an error of the API is shown with its next step, and goes with it', async () => {
  const visit = await Visit.open(browser, stage.main.url, null)
  const { page } = visit
  const refusal = { code: 'too_many_requests', message: 'The machine is short of everything.', hint: 'Ask again in a minute.' }
  await page.route('**/api/series*', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify(refusal) }))
  await visit.go('/')
  const alert = page.locator('main [role=alert]').filter({ hasText: refusal.message }).first()
  await alert.waitFor()
  assert.match(await alert.innerText(), /Ask again in a minute/)
  assert.ok((await page.locator('.board tbody tr').count()) > 0, 'the rest of the page stands')
  await page.unroute('**/api/series*')
  await page.getByRole('button', { name: 'Refresh now' }).click()
  await alert.waitFor({ state: 'detached' })
  assert.deepEqual((await visit.faults()).filter((f) => !/status of 503/.test(f)), [])
  await visit.close()
})
