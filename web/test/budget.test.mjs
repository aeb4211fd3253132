// What the page may cost: bytes and requests, which do not depend on the machine.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Visit, launch } from './browser.mjs'
import { Stage, leaking } from './stage.mjs'
import { weigh } from './weight.mjs'

const stage = Stage.shared()
let browser
before(async () => (browser = await launch()))
after(() => browser?.close())

test('a first visit takes at most 8 requests and 120 KB', async (t) => {
  const { visit, answers } = await weigh(browser, stage.main.url, '/')
  const bytes = answers.reduce((sum, a) => sum + a.bytes, 0)
  const list = answers.map((a) => `${a.bytes} ${a.method} ${a.path}`).join('\n')
  t.diagnostic(`${bytes} bytes in ${answers.length} requests`)
  assert.ok(answers.length <= 8, `${answers.length} requests:\n${list}`)
  assert.ok(bytes <= 120_000, `${bytes} bytes:\n${list}`)
  for (const a of answers) assert.ok(a.bytes < 1400 || a.encoding === 'gzip', `${a.path} comes unpacked`)
  await visit.close()
})

test('a service with seven days of data takes at most 30 KB from the API', async (t) => {
  const { visit, answers } = await weigh(browser, stage.main.url, `/services/${leaking}?range=7d`)
  const own = answers.filter((a) => a.path.startsWith('/api/') && !/^\/api\/(overview|session)/.test(a.path))
  const bytes = own.reduce((sum, a) => sum + a.bytes, 0)
  t.diagnostic(`${bytes} bytes in ${own.length} answers`)
  assert.ok(own.some((a) => a.path.startsWith('/api/series')), 'no chart asked for anything')
  assert.ok(bytes <= 30_000, `${bytes} bytes:\n${own.map((a) => `${a.bytes} ${a.path}`).join('\n')}`)
  await visit.close()
})

test('what was loaded once is not loaded again', async () => {
  const { visit, answers } = await weigh(browser, stage.main.url, '/')
  answers.length = 0
  await visit.page.reload()
  await visit.settled()
  assert.deepEqual(answers.filter((a) => a.path.startsWith('/assets/') && a.bytes > 0 && !a.cached), [])
  await visit.close()
})
