// Every page by its own address, in both themes and three widths: nothing wrong by axe, no
// error, nothing that the content security policy had to stop, nothing that sticks out.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, hostile, leaking } from './stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const results = join(import.meta.dirname, 'results')
const widths = [360, 1024, 1600]

export const addresses = {
  overview: '/',
  service: `/services/${leaking}`,
  'service-hostile': `/services/${encodeURIComponent(hostile)}`,
  'service-unknown': '/services/nobody',
  processes: '/processes',
  compare: '/compare',
  strategies: '/strategies',
  events: '/events',
  alerts: '/alerts',
  settings: '/settings',
  self: '/self',
  help: '/help',
}

// Chromium itself logs every answer of 404; the page of an unknown service asks for one.
const expected = { 'service-unknown': /status of 404/ }

const stage = Stage.shared()
let browser
before(async () => {
  mkdirSync(results, { recursive: true })
  browser = await launch()
})
after(() => browser?.close())

for (const theme of ['light', 'dark']) {
  describe(`in the ${theme} theme`, () => {
    for (const [name, path] of Object.entries(addresses)) {
      test(`${name} at ${path}`, async () => {
        const visit = await Visit.open(browser, stage.main.url, path, { colorScheme: theme })
        const { page } = visit
        try {
          assert.equal(await page.getAttribute('html', 'data-theme'), theme)
          assert.equal(await page.locator('main h1').count(), 1, 'a page has one heading of the first level')
          await page.evaluate(axe)
          const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target} ${n.any.map((a) => a.message).join(' ')}`).slice(0, 3).join(' | ')}`), [])
          for (const width of widths) {
            await page.setViewportSize({ width, height: 900 })
            await page.waitForTimeout(150) // charts follow the width a frame later
            await page.screenshot({ path: join(results, `${name}-${theme}-${width}.png`), fullPage: true })
            const wide = await page.evaluate(() => {
              const limit = document.documentElement.clientWidth
              if (document.documentElement.scrollWidth <= limit) return []
              return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > limit + 1).slice(0, 4).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)
            })
            assert.deepEqual(wide, [], `the page is wider than ${width} px`)
          }
          assert.deepEqual((await visit.faults()).filter((f) => !expected[name]?.test(f)), [])
        } finally {
          await visit.close()
        }
      })
    }
  })
}
