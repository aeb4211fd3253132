// Sets the stage: real processes that leak or do not, a week of whose life the real daemon
// watches with its clock running ahead (bench/page/stage), and then the real binary on the
// same store. What the page shows there is the detector's own verdict on memory that these
// processes really took.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Stage, hostile, leaking, limit, restarting, sawing, steady } from './stage.mjs'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

const cast = [
  { name: leaking, play: ['leak', 4_000_000] },
  { name: steady, play: ['steady', 30_000_000] },
  { name: sawing, play: ['saw', 20_000_000] },
  { name: restarting, play: ['leak', 1_500_000] },
  // What the kernel calls a process has 15 bytes.
  { name: hostile, play: ['steady', 1_000_000], comm: '<b id=x>bold</b' },
]

// restartsAt are the beats of a week of 10,080 at which one service is started anew.
const restartsAt = [1400, 2900, 4300, 5800, 7200, 8600]

const configuration = `services:
  - name: ${leaking}
    kind: bot
    thresholds: {limit: ${limit / 1e6}MB}
    match: [{command: 'acts/${leaking}\\.py'}]
  # What this process starts would count to the service of this process.
  - name: zol0
    match: [{command: 'zol0 dashboard|/stage --data'}]
  - name: '$1'
    match: [{command: 'acts/([^/]+)\\.py'}]
`

async function build(dir, folder, what, name) {
  const out = join(dir, name)
  await run(process.env.GO ?? 'go', ['build', '-o', out, what], { cwd: join(root, folder), env: { ...process.env, CGO_ENABLED: '0' } })
  return out
}

export class Director {
  #children = new Map()

  // open lets a week pass and starts a daemon on it. told is called with what happens.
  static async open({ hours = 168, told = () => {} } = {}) {
    const director = new Director()
    const dir = mkdtempSync(join(tmpdir(), 'zol0-page-'))
    director.stage = new Stage({ dir, config: join(dir, 'zol0.yaml') })
    try {
      await director.#play(hours, told)
      director.stage.main = await director.stage.daemon()
    } catch (error) {
      await director.close()
      throw error
    }
    return director
  }

  async #play(hours, told) {
    const { stage } = this
    const { dir } = stage
    told('building the binary')
    stage.binary = await build(dir, '.', './cmd/zol0', 'zol0')
    const clock = await build(dir, 'bench', './page/stage', 'stage')
    for (const name of ['acts', 'data']) mkdirSync(join(dir, name))
    writeFileSync(stage.config, configuration)
    for (const actor of cast) await this.#cue(actor)
    told(`letting ${hours} hours pass`)
    const week = spawn(clock, ['--data', join(dir, 'data'), '--config', stage.config, '--hours', String(hours)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let faults = ''
    week.stderr.on('data', (text) => (faults += text))
    const ended = once(week, 'exit')
    const worker = cast.find((actor) => actor.name === restarting)
    for await (const line of createInterface({ input: week.stdout })) {
      if (restartsAt.includes(Number(line))) await this.#cue(worker)
    }
    const [code] = await ended
    if (code !== 0) throw new Error(`the week did not pass:\n${faults}`)
    stage.pids = Object.fromEntries([...this.#children].map(([name, child]) => [name, child.pid]))
    // From here on what there is stays as it is, so that it can be compared byte by byte.
    for (const name of [leaking, restarting, sawing]) stage.rest(name)
  }

  // cue starts a process, in the place of the one that had its name.
  async #cue({ name, play, comm }) {
    const script = join(this.stage.dir, 'acts', `${name}.py`)
    copyFileSync(join(import.meta.dirname, 'stage/actor.py'), script)
    const before = this.#children.get(name)
    if (before) {
      const gone = once(before, 'exit')
      before.kill('SIGKILL')
      await gone
    }
    const child = spawn('python3', [script, ...play.map(String)], { stdio: ['ignore', 'pipe', 'inherit'], env: comm ? { ...process.env, ACT_COMM: comm } : process.env })
    this.#children.set(name, child)
    await once(child.stdout, 'data')
  }

  async close() {
    await this.stage.main?.stop()
    for (const child of this.#children.values()) child.kill('SIGKILL')
    rmSync(this.stage.dir, { recursive: true, force: true })
  }
}
