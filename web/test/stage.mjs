// The stage on which the page is tested, as the tests see it. director.mjs sets it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// The names are what a person calls them, but for one: that is what an attacker calls his.
// A file name can have anything but a slash.
export const hostile = '<img src=x onerror=window.struck=1>'
export const leaking = 'checkout-leak'
export const steady = 'api-steady'
export const sawing = 'cache-saw'
export const restarting = 'report-worker'
export const services = [leaking, steady, sawing, restarting, hostile]

// limit of the one that leaks, in bytes.
export const limit = 400e6

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

// Daemon is a running zol0 dashboard.
export class Daemon {
  #child
  #said = ''

  constructor({ binary, config, data, port, pid, flags = [] }) {
    Object.assign(this, { binary, config, data, port, pid, flags, url: `http://127.0.0.1:${port}` })
  }

  // start runs the binary and waits for its first beat.
  async start() {
    const child = (this.#child = spawn(
      this.binary,
      ['dashboard', '--config', this.config, '--data', this.data, '--interval', '1s', '--listen', `127.0.0.1:${this.port}`, ...this.flags],
      // Tests wait for a beat by asking without a pause.
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ZOL0_DAEMON_RATE_LIMIT: '0' } },
    ))
    this.pid = child.pid
    child.stderr.on('data', (text) => (this.#said += text))
    for (const end = Date.now() + 20_000; ; await sleep(50)) {
      if (await fetch(`${this.url}/-/ready`).then((a) => a.ok, () => false)) return this
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the daemon did not become ready:\n${this.#said}`)
    }
  }

  async stop(signal = 'SIGTERM') {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async get(path) {
    const answer = await fetch(this.url + path)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  async post(path) {
    const answer = await fetch(this.url + path, { method: 'POST' })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  // service is a row of the table of services.
  async service(name) {
    const { services } = await this.get('/api/services')
    return services.find((s) => s.name === name)
  }
}

// Stage is what the director set: a folder, processes under telling names, and a daemon
// that has watched them for a week.
export class Stage {
  constructor({ dir, binary, config, pids, port, pid }) {
    Object.assign(this, { dir, binary, config, pids })
    if (port) this.main = new Daemon({ binary, config, port, pid })
  }

  // Tests are processes of their own: the director describes the stage to them.
  static shared() {
    const words = process.env.ZOL0_STAGE
    if (!words) throw new Error('there is no stage: run the tests with node web/test/run.mjs [FILE…]')
    return new Stage(JSON.parse(words))
  }

  words() {
    const { dir, binary, config, pids, main } = this
    return JSON.stringify({ dir, binary, config, pids, port: main.port, pid: main.pid })
  }

  // rest ends the growth of a process, grow makes it 8 MiB larger at once.
  rest(name) {
    process.kill(this.pids[name], 'SIGUSR1')
  }

  grow(name) {
    process.kill(this.pids[name], 'SIGUSR2')
  }

  // daemon starts another one with a copy of the week; whoever asks for it stops it.
  async daemon(flags = []) {
    const data = mkdtempSync(join(this.dir, 'copy-'))
    cpSync(join(this.dir, 'data'), data, { recursive: true })
    const made = new Daemon({ binary: this.binary, config: this.config, data, port: await freePort(), flags })
    return made.start()
  }
}

// privateBytes is what the kernel says of a process, in bytes: anonymous memory and swap, as
// the words of the project have it.
export function privateBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) * 1024
  return field('RssAnon') + field('VmSwap')
}

export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
}
