// The first screen: which service leaks, and figures that are those of the API and of /proc.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, hostile, leaking, privateBytes, residentBytes, restarting, services, steady } from './stage.mjs'

const stage = Stage.shared()
let browser
before(async () => (browser = await launch()))
after(() => browser?.close())

// row finds the line of a service on the board by its whole name.
const row = (page, name) => page.locator('.board tbody tr').filter({ has: page.getByRole('link', { name, exact: true }) })

// same holds a figure in MB with some digits against bytes.
function same(shown, bytes, what) {
  const text = shown.trim().replace('−', '-').replaceAll(',', '')
  assert.match(text, /^-?\d+(\.\d+)?$/, `${what}: ${shown}`)
  const half = 0.5 * 10 ** -(text.split('.')[1]?.length ?? 0)
  assert.ok(Math.abs(Number(text) - bytes / 1e6) <= half + 1e-9, `${what} is shown as ${shown} MB and is ${bytes} B`)
}

// opened is a visit and the overview that it was answered with.
async function opened(url = stage.main.url) {
  const visit = await Visit.open(browser, url, null)
  const answer = visit.page.waitForResponse((r) => new URL(r.url()).pathname === '/api/overview')
  await visit.go('/')
  return { visit, page: visit.page, overview: await (await answer).json() }
}

test('the service that leaks stands first and in the sentence, the others are not blamed', async () => {
  const { visit, page, overview } = await opened()
  const names = await page.locator('.board tbody tr .name a').allTextContents()
  assert.deepEqual(names.slice().sort(), overview.services.map((s) => s.name).sort())
  for (const name of services) assert.ok(names.includes(name), `${name} is not on the board`)
  const blamed = overview.services.filter((s) => s.state === 'leaking').map((s) => s.name)
  // Seven lives that all grow leave no doubt; a single one may be a cache that fills, and
  // the detector says so.
  assert.ok(blamed.includes(restarting), `the detector blames ${blamed}`)
  const state = overview.services.find((s) => s.name === leaking).state
  assert.ok(['leaking', 'suspect'].includes(state), `${leaking} is ${state}`)
  assert.ok(!blamed.includes(steady) && !blamed.includes(hostile), `the detector blames ${blamed}`)
  assert.ok(blamed.includes(names[0]), `${names[0]} stands first`)
  assert.match(await row(page, restarting).innerText(), /leaking/i)
  assert.match(await row(page, leaking).innerText(), new RegExp(state, 'i'))
  assert.match(await row(page, steady).innerText(), /steady/i)
  const sentence = page.getByLabel('In one sentence')
  assert.match(await sentence.innerText(), new RegExp(restarting))
  assert.match(await page.title(), /leaking/)
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('figures are those of the API, and those of the API are those of /proc', async () => {
  const { visit, page, overview } = await opened()
  for (const s of overview.services) {
    same(await row(page, s.name).locator('td').nth(2).innerText(), s.private_bytes, s.name)
  }
  for (const name of [steady, hostile, leaking]) {
    const s = overview.services.find((x) => x.name === name)
    assert.equal(s.private_bytes, privateBytes(stage.pids[name]), `private memory of ${name}`)
    assert.equal((await stage.main.service(name)).private_bytes, s.private_bytes)
  }
  // Resident memory moves between a beat and our reading of it, downwards by a third when the daemon gives pages back:
  // the figure is right when one of a few refreshes agrees with the kernel.
  let said = []
  for (let i = 0; i < 10 && !said.some(([shown, resident]) => Math.abs(shown - resident) < 0.1 * resident); i++) {
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await visit.settled()
    const footer = /process memory ([\d.]+) MB/.exec(await page.locator('footer').innerText())
    assert.ok(footer, 'the footer says what the daemon takes')
    said.push([Number(footer[1]), residentBytes(stage.main.pid) / 1e6])
  }
  const [shown, resident] = said.at(-1)
  assert.ok(Math.abs(shown - resident) < 0.1 * resident, `MB shown and MB resident, in ${said.length} refreshes: ${said.map((s) => s.join(' and ')).join(', ')}`)
  await visit.close()
})

test('clear cache says what it was before and after; loads are counted', async () => {
  const { visit, page } = await opened()
  const loads = async () => Number(/page loads ([\d,]+)/.exec(await page.locator('footer').innerText())[1].replaceAll(',', ''))
  assert.equal(await loads(), 1, 'a new browser has loaded the page once')
  const answer = page.waitForResponse((r) => r.url().endsWith('/api/cache/clear'))
  await page.getByRole('button', { name: 'Clear cache' }).click()
  const cleared = await (await answer).json()
  assert.ok(cleared.before.private_bytes > 0 && cleared.after.private_bytes > 0)
  const said = page.locator('[data-cleared]')
  await said.filter({ hasText: 'before' }).waitFor()
  const [, entries, before, after] = /(\d+) entr.*?([\d.]+) MB before, ([\d.]+) MB after/.exec((await said.innerText()).replace(/\s+/g, ' '))
  assert.equal(Number(entries), cleared.entries)
  same(before, cleared.before.private_bytes, 'before')
  same(after, cleared.after.private_bytes, 'after')
  await page.reload()
  await visit.settled()
  assert.equal(await loads(), 2)
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('refresh now brings what a process has taken meanwhile', async () => {
  const { visit, page } = await opened()
  const before = privateBytes(stage.pids[steady])
  stage.grow(steady)
  const end = Date.now() + 10_000
  while ((await stage.main.service(steady)).private_bytes < before + (8 << 20)) assert.ok(Date.now() < end, 'the daemon never saw it')
  same(await row(page, steady).locator('td').nth(2).innerText(), before, 'without a refresh the old figure')
  await page.getByRole('button', { name: 'Refresh now' }).click()
  await visit.settled()
  same(await row(page, steady).locator('td').nth(2).innerText(), privateBytes(stage.pids[steady]), 'after a refresh the new figure')
  await visit.close()
})

test('text of a process is text: in names, in the address, in the journal', async () => {
  const { visit, page } = await opened()
  assert.equal(await row(page, hostile).count(), 1)
  await row(page, hostile).getByRole('link').click()
  await visit.settled()
  assert.match(await page.locator('main h1').first().innerText(), /<img src=x onerror=window\.struck=1>/)
  for (const path of ['/processes?q=img', '/events', '/compare', '/alerts', `/?q=${encodeURIComponent('<img src=x onerror=window.struck=1>')}`]) await visit.go(path)
  assert.equal(await page.locator('img').count(), 0)
  assert.equal(await page.locator('b#x').count(), 0)
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})

test('text of a log line is text', async () => {
  const text = readFileSync(stage.config, 'utf8')
  const attack = '<img src=x onerror=window.struck=2>'
  try {
    // The daemon refuses this file and says so in its log, with what was wrong in it.
    writeFileSync(stage.config, `${text}daemon:\n  interval: "${attack}"\n`)
    process.kill(stage.main.pid, 'SIGHUP')
    let lines = []
    for (let i = 0; i < 50 && !lines.some((l) => l.text.includes(attack)); i++) {
      await new Promise((done) => setTimeout(done, 100))
      lines = (await stage.main.get('/api/logs?limit=1000')).lines
    }
    assert.ok(lines.some((l) => l.text.includes(attack)), 'no line of the log has what was wrong in the configuration')
    const { visit, page } = await opened()
    await page.getByRole('log').getByText(attack).first().waitFor()
    for (const path of ['/self', '/events', '/services/zol0']) await visit.go(path)
    assert.equal(await page.locator('img').count(), 0)
    assert.equal(await page.evaluate(() => window.struck), undefined)
    assert.deepEqual(await visit.faults(), [])
    await visit.close()
  } finally {
    writeFileSync(stage.config, text)
    process.kill(stage.main.pid, 'SIGHUP')
  }
})
