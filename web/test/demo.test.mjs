// The demonstration: real programs, watched by a daemon of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage } from './stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const results = join(import.meta.dirname, 'results')
const stage = Stage.shared()
let browser, demo, url

// json asks until the answer is as it should be.
async function json(path, right) {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url + path)
    const value = answer.ok ? await answer.json() : null
    if (value && right(value)) return value
    assert.ok(tries < 60, `${path}: ${JSON.stringify(value)?.slice(0, 500)}`)
    await new Promise((done) => setTimeout(done, 500))
  }
}

before(async () => {
  mkdirSync(results, { recursive: true })
  browser = await launch()
  demo = spawn(stage.binary, ['demo', '--listen', '127.0.0.1:0', '--interval', '1s'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ZOL0_DAEMON_RATE_LIMIT: '0' } })
  for await (const line of createInterface({ input: demo.stderr })) {
    url = /serving on (http:\S+),/.exec(line)?.[1]
    if (url) break
  }
  assert.ok(url, 'the demonstration does not serve')
})
after(async () => {
  if (demo) {
    const ended = once(demo, 'exit')
    demo.kill('SIGTERM')
    const [code] = await ended
    assert.equal(code, 0, 'the demonstration ends in good order')
  }
  await browser?.close()
})

describe('the demonstration', () => {
  test('has strategies, components and logs of real programs', async () => {
    const { strategies } = await json('/api/strategies', (v) => v.strategies.length === 2)
    assert.deepEqual(strategies.map((s) => s.origin), ['trades', 'trades'])
    for (const s of strategies) assert.ok(s.trades > 50 && s.sharpe !== null && s.course.values.length > 20, JSON.stringify(s))
    const { components } = await json('/api/core', (v) => v.components.length > 5)
    assert.ok(components.some((c) => c.name === 'trading_engine' && c.status === 'up'), JSON.stringify(components))
    const { lines } = await json('/api/logs?service=Trading%20Core&limit=100', (v) => v.lines.length > 0)
    assert.ok(lines.every((l) => l.level !== '' && l.text !== ''))
  })

  test('says on every page that it is one', async () => {
    for (const path of ['/', '/strategies', '/services/Leaky%20Dashboard', '/events']) {
      const visit = await Visit.open(browser, url, path)
      try {
        await visit.page.waitForSelector('header .demo')
        assert.match(await visit.page.locator('.banner.demo').innerText(), /^Demo\. Real programs/)
        assert.deepEqual(await visit.faults(), [])
      } finally {
        await visit.close()
      }
    }
  })

  for (const theme of ['light', 'dark']) {
    test(`shows a strategy at every width in the ${theme} theme`, async () => {
      await json('/api/strategies', (v) => v.strategies.length === 2)
      const visit = await Visit.open(browser, url, '/strategies?source=ledger&strategy=momentum', { colorScheme: theme })
      const { page } = visit
      try {
        await page.waitForSelector('h2:has-text("momentum")')
        assert.match(await page.locator('main').innerText(), /Greatest drawdown: .*\(\d+\.\d\d %\), from/)
        await page.evaluate(axe)
        const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).slice(0, 3)}`), [])
        for (const path of ['/strategies?source=ledger&strategy=momentum', '/', '/services/Trading%20Core']) {
          await visit.go(path)
          for (const width of [360, 1024, 1600]) {
            await page.setViewportSize({ width, height: 900 })
            await page.waitForTimeout(150)
            await page.screenshot({ path: join(results, `demo-${path.split(/[?]/)[0].replace(/\W+/g, '_')}-${theme}-${width}.png`), fullPage: true })
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${path} is wider than ${width} px`)
          }
        }
        assert.deepEqual(await visit.faults(), [])
      } finally {
        await visit.close()
      }
    })
  }
})
