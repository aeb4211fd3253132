// A browser that notes whatever a page does wrong: errors and warnings of the console, what the
// content security policy stopped, requests to anyone else, dialogs, struck traps.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium'

export async function launch() {
  if (!existsSync(executable)) throw new Error(`there is no browser at ${executable}: on Debian, apt-get install chromium`)
  return chromium.launch({ executablePath: executable, args: ['--disable-gpu', '--font-render-hinting=none'] })
}

// Visit is one tab.
export class Visit {
  problems = []
  requests = []

  // open opens a path of a daemon. options are those of a browser's context.
  static async open(browser, origin, path = '/', options = {}) {
    const visit = new Visit()
    visit.origin = origin
    visit.context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'UTC', ...options })
    visit.page = await visit.context.newPage()
    await visit.#watch()
    if (path) await visit.go(path)
    return visit
  }

  async #watch() {
    const { page, problems } = this
    page.setDefaultTimeout(10_000)
    page.on('console', (m) => {
      if (['error', 'warning'].includes(m.type())) problems.push(`console ${m.type()}: ${m.text()} (${m.location().url})`)
    })
    page.on('pageerror', (e) => problems.push(`uncaught: ${e.stack ?? e}`))
    page.on('dialog', (d) => {
      problems.push(`dialog: ${d.message()}`)
      void d.dismiss()
    })
    page.on('request', (r) => {
      this.requests.push(r)
      if (!r.url().startsWith(`${this.origin}/`) && !r.url().startsWith('data:') && !r.url().startsWith('blob:')) problems.push(`request to ${r.url()}`)
    })
    await page.addInitScript(() => {
      window.violations = []
      document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))
    })
  }

  async go(path) {
    await this.page.goto(this.origin + path)
    await this.settled()
  }

  // settled waits until nothing has been asked for half a second and nothing says that it
  // still loads. Server-sent events never end and are no request to wait for.
  async settled() {
    const { page } = this
    await page.waitForSelector('main')
    await page.waitForFunction(() => {
      const entries = performance.getEntriesByType('resource').length
      const busy = document.querySelector('[aria-busy=true]') !== null
      const now = performance.now()
      if (busy || window.settledEntries !== entries) {
        window.settledEntries = entries
        window.settledSince = now
      }
      return now - window.settledSince > 400
    }, null, { polling: 100 })
  }

  // faults are all problems so far; whoever expects some takes them out of problems first.
  async faults() {
    const violations = await this.page.evaluate(() => window.violations)
    const struck = await this.page.evaluate(() => window.struck)
    return [...this.problems, ...violations.map((v) => `policy violation: ${v}`), ...(struck ? ['a trap was struck: text of a process ran as a script'] : [])]
  }

  close() {
    return this.context.close()
  }
}
