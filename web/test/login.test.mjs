// A daemon that asks who is there: the login, what a session may, and the end of it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage } from './stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const results = join(import.meta.dirname, 'results')
const refused = /status of 401/ // Chromium logs every one of them

const stage = Stage.shared()
let browser, daemon, file, token
before(async () => {
  mkdirSync(results, { recursive: true })
  browser = await launch()
  file = join(mkdtempSync(join(stage.dir, 'tokens-')), 'tokens')
  token = execFileSync(stage.binary, ['token', 'new', 'anna', '--role', 'operator', '--file', file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim()
  daemon = await stage.daemon(['--tokens', file])
})
after(async () => {
  await daemon?.stop()
  await browser?.close()
})

const faults = async (visit) => (await visit.faults()).filter((f) => !refused.test(f))

describe('the login', () => {
  for (const theme of ['light', 'dark']) {
    test(`stands alone in the ${theme} theme, by keyboard, at every width`, async () => {
      const visit = await Visit.open(browser, daemon.url, '/self', { colorScheme: theme })
      const { page } = visit
      try {
        await page.waitForSelector('#token')
        assert.equal(await page.locator('main h1').count(), 1)
        assert.equal(await page.locator('table, canvas').count(), 0, 'nothing is shown to a stranger')
        await page.evaluate(axe)
        const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}`), [])
        for (const width of [360, 1024]) {
          await page.setViewportSize({ width, height: 800 })
          await page.screenshot({ path: join(results, `login-${theme}-${width}.png`), fullPage: true })
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false)
        }
        await page.keyboard.type('zol0_wrong')
        await page.keyboard.press('Enter')
        await page.waitForSelector('text=This token is not right.')
        await page.evaluate(axe)
        const after = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }))
        assert.deepEqual(after.violations.map((v) => `${v.id}: ${v.help}`), [])
        await page.fill('#token', token)
        await page.keyboard.press('Enter')
        await page.waitForSelector('main h1:has-text("Self")')
        const { cookies } = await visit.context.storageState()
        const [cookie] = cookies.filter((c) => c.name === 'zol0_login')
        assert.ok(cookie?.httpOnly && cookie.sameSite === 'Strict', JSON.stringify(cookies))
        assert.deepEqual(await page.evaluate((t) => [document.cookie.includes('zol0_login'), JSON.stringify({ ...localStorage, ...sessionStorage }).includes(t)], token), [false, false])
        assert.deepEqual(await faults(visit), [])
      } finally {
        await visit.close()
      }
    })
  }

  test('says who is there, and lets them go', async () => {
    const visit = await Visit.open(browser, daemon.url, '/settings')
    const { page } = visit
    try {
      await page.fill('#token', token)
      await page.keyboard.press('Enter')
      await page.waitForSelector('text=Who you are')
      assert.match(await page.locator('section[aria-labelledby=who]').innerText(), /anna, operator/)
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }))
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}`), [])
      await page.reload()
      await page.waitForSelector('text=Who you are')
      await page.click('text=Log out')
      await page.waitForSelector('#token')
      await page.reload()
      await page.waitForSelector('#token')
      assert.deepEqual(await faults(visit), [])
    } finally {
      await visit.close()
    }
  })

  test('ends with its token', async () => {
    const visit = await Visit.open(browser, daemon.url, '/')
    const { page } = visit
    try {
      await page.fill('#token', token)
      await page.keyboard.press('Enter')
      await page.waitForSelector('main table tbody tr')
      execFileSync(stage.binary, ['token', 'revoke', 'anna', '--file', file])
      process.kill(daemon.pid, 'SIGHUP')
      for (let k = 0; k < 50 && (await page.locator('#token').count()) === 0; k++) {
        await page.waitForTimeout(200)
        const again = page.locator('text=Refresh now')
        if (await again.count()) await again.click({ timeout: 1000 }).catch(() => {})
      }
      assert.equal(await page.locator('#token').count(), 1)
      assert.equal(await page.locator('table').count(), 0)
      assert.deepEqual(await faults(visit), [])
    } finally {
      await visit.close()
    }
  })
})

test('a daemon that asks nobody shows no login', async () => {
  const visit = await Visit.open(browser, stage.main.url, '/settings')
  try {
    const who = visit.page.locator('section[aria-labelledby=who]')
    assert.match(await who.innerText(), /asks nobody/)
    assert.equal(await who.locator('button').count(), 0)
    assert.deepEqual(await visit.faults(), [])
  } finally {
    await visit.close()
  }
})
