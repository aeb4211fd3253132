// Runs the tests of the page in a real browser: node web/test/run.mjs [FILE…]
// It prints what node's test runner prints, and ends with one line of counts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Director } from './director.mjs'

const here = import.meta.dirname
const files = process.argv.slice(2).map((f) => resolve(f))
if (files.length === 0) files.push(...readdirSync(here).filter((f) => f.endsWith('.test.mjs')).sort().map((f) => join(here, f)))

const director = await Director.open({ told: (what) => console.log(`# ${what}`) })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void director.close().then(() => process.exit(130)))
const counts = { pass: 0, fail: 0, skipped: 0, cancelled: 0 }
let code = 1
try {
  // One file at a time: they share two processors with a browser and a daemon.
  const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=tap', '--test-timeout=300000', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ZOL0_STAGE: director.stage.words() },
  })
  const ended = once(tests, 'exit')
  for await (const line of createInterface({ input: tests.stdout })) {
    console.log(line)
    const count = /^# (pass|fail|skipped|cancelled) (\d+)$/.exec(line)
    const skipped = /# SKIP (.+)$/.exec(line)
    if (skipped) console.log(skipped[1].startsWith('NOT RUN: ') ? skipped[1] : `NOT RUN: ${skipped[1]}`)
    if (count) counts[count[1]] = Number(count[2])
  }
  code = (await ended)[0] ?? 1
} finally {
  await director.close()
}
console.log(`browser: ${counts.pass} passed, ${counts.fail + counts.cancelled} failed, ${counts.skipped} skipped`)
process.exitCode = code === 0 && counts.pass === 0 ? 1 : code
