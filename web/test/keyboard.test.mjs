// Whoever has no mouse: every control can be reached, is seen when it is, and works.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, leaking } from './stage.mjs'

const stage = Stage.shared()
let browser
before(async () => (browser = await launch()))
after(() => browser?.close())

// walk presses Tab until the focus is back at the beginning, and returns what it met.
async function walk(page) {
  const met = []
  await page.evaluate(() => {
    document.activeElement?.blur()
    let n = 0
    for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
      const hidden = e.disabled || e.tabIndex < 0 || e.closest('[hidden], [inert]') || !e.checkVisibility({ visibilityProperty: true })
      if (!hidden) e.dataset.walk = String(n++)
    }
  })
  const due = await page.locator('[data-walk]').count()
  for (let i = 0; i < due + 20; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement
      if (!e || e === document.body) return null
      const s = getComputedStyle(e)
      const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'
      return { walk: e.dataset.walk, seen, what: `${e.tagName} ${e.getAttribute('aria-label') ?? e.textContent.trim().slice(0, 30)}` }
    })
    if (!at) break
    met.push(at)
  }
  return { met, due }
}

for (const path of ['/', `/services/${leaking}`, '/processes', '/settings']) {
  test(`Tab reaches everything on ${path}, visibly`, async () => {
    const visit = await Visit.open(browser, stage.main.url, path)
    const { page } = visit
    const { met, due } = await walk(page)
    const reached = new Set(met.map((m) => m.walk))
    const missed = await page.evaluate((reached) => [...document.querySelectorAll('[data-walk]')].filter((e) => !reached.includes(e.dataset.walk) && !e.matches('input[type=radio]')).map((e) => e.outerHTML.slice(0, 100)), [...reached])
    assert.ok(due > 15, `only ${due} controls: the walk looks in the wrong place`)
    assert.deepEqual(missed, [])
    assert.deepEqual(met.filter((m) => !m.seen).map((m) => m.what), [], 'the focus is not seen there')
    await visit.close()
  })
}

test('/ searches, ? helps, Enter opens, Space switches', async () => {
  const visit = await Visit.open(browser, stage.main.url)
  const { page } = visit
  await page.keyboard.press('/')
  await page.keyboard.type('checkout')
  await page.waitForURL(/q=checkout/)
  assert.deepEqual(await page.locator('.board tbody tr .name a').allTextContents(), [leaking])
  await page.keyboard.press('?')
  assert.equal(new URL(page.url()).pathname, '/', 'whoever types a question mark means it')
  await page.keyboard.press('Backspace')
  await page.waitForURL(/q=checkout$/)
  await page.locator('.board tbody tr .name a').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/services/${leaking}*`)
  await page.keyboard.press('?')
  await page.waitForURL('**/help*')
  await visit.settled()
  const box = page.getByRole('checkbox', { name: /Auto refresh/ })
  await box.focus()
  await page.keyboard.press('Space')
  assert.equal(await box.isChecked(), true)
  const theme = () => page.getAttribute('html', 'data-theme')
  const before = await theme()
  await page.getByRole('button', { name: /theme/ }).focus()
  await page.keyboard.press('Enter')
  assert.notEqual(await theme(), before)
  await page.reload()
  assert.notEqual(await theme(), before, 'the theme is kept')
  assert.deepEqual(await visit.faults(), [])
  await visit.close()
})
