import { expect, test } from 'vitest'
import type { ProcessRow } from '../types'
import { fits, nodes, stateMeaning, type View } from './list'

function row(pid: number, parent: number, name: string, more: Partial<ProcessRow> = {}): ProcessRow {
  return {
    id: `${pid}@1`, pid, parent_pid: parent, start_time: '2026-11-23T12:00:00Z', name, service: '', watched: true, user_id: 0, state: 'S', status: 'NORMAL',
    private_bytes: pid * 1000, rss_bytes: null, shmem_bytes: null, swap_bytes: null, cpu_percent: null, threads: 1, fds: null, uptime_seconds: 1, ...more,
  }
}

const all = [
  row(1, 0, 'init'),
  row(2, 0, 'kthreadd', { kernel: true, private_bytes: null }),
  row(3, 2, 'kworker/0:1', { kernel: true, private_bytes: null }),
  row(10, 1, 'bash'),
  row(20, 10, 'python3', { service: 'Momentum Bot' }),
  row(15, 1, 'nginx'),
]
const view = (v: Partial<View>): View => ({ search: '', tree: false, kernel: false, sort: '-private', ...v })
const names = (v: Partial<View>) => nodes(all, view(v)).map((n) => `${'>'.repeat(n.depth)}${n.process.name}`)

test('threads of the kernel are left out until they are asked for', () => {
  expect(names({})).toEqual(['python3', 'nginx', 'bash', 'init'])
  expect(names({ kernel: true })).toHaveLength(6)
})

test('what is not known is last in every order', () => {
  expect(names({ kernel: true, sort: 'private' }).slice(-2)).toEqual(['kthreadd', 'kworker/0:1'])
  expect(names({ kernel: true, sort: '-private' }).slice(-2)).toEqual(['kthreadd', 'kworker/0:1'])
})

test('a search is by a part of name or service, or by the whole PID', () => {
  expect(names({ search: 'momentum' })).toEqual(['python3'])
  expect(names({ search: 'BASH' })).toEqual(['bash'])
  expect(names({ search: '1' })).toEqual(['init'])
  expect(fits(all[0]!, '  ')).toBe(true)
})

test('a tree has children below their parents, and siblings sorted', () => {
  expect(names({ tree: true, sort: 'name' })).toEqual(['init', '>bash', '>>python3', '>nginx'])
  expect(names({ tree: true })).toEqual(['init', '>nginx', '>bash', '>>python3'])
})

test('a search in the tree keeps the ancestors, marked as beside the search', () => {
  const found = nodes(all, view({ tree: true, search: 'python3' }))
  expect(found.map((n) => [n.process.name, n.beside])).toEqual([['init', true], ['bash', true], ['python3', false]])
  const both = nodes(all, view({ tree: true, search: 'b' }))
  expect(both.map((n) => [n.process.name, n.beside])).toEqual([['init', true], ['bash', false], ['python3', false]])
})

test('a ring of parents loses nobody and ends', () => {
  const ring = [row(5, 6, 'a'), row(6, 5, 'b'), row(7, 7, 'c'), row(8, 99, 'd')]
  expect(nodes(ring, view({ tree: true })).map((n) => n.process.name).sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('a deep tree needs no deep stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, k) => row(k + 1, k, 'p'))
  const found = nodes(chain, view({ tree: true }))
  expect(found).toHaveLength(10_000)
  expect(found[9_999]!.depth).toBe(9_999)
})

test('every state of the kernel has a word, and others say that there is none', () => {
  for (const letter of 'RSDTtZI') expect(stateMeaning(letter)).toMatch(/^[a-z]+: /)
  expect(stateMeaning('?')).toContain('no word')
})
