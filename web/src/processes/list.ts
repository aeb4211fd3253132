// The rows of the table of processes: searched, sorted, flat or as a tree.
import type { Column } from '../table/column'
import { compared } from '../table/order'
import type { ProcessRow } from '../types'

// states of processes as the kernel writes them (proc_pid_stat(5)).
export const processStates: { letter: string; word: string; meaning: string }[] = [
  { letter: 'R', word: 'running', meaning: 'At work on a processor, or about to be.' },
  { letter: 'S', word: 'sleeping', meaning: 'Waits for something to happen, as most processes do most of the time.' },
  { letter: 'D', word: 'waiting', meaning: 'Waits for a disk or a driver and cannot be interrupted. Many of these at a time mean slow storage.' },
  { letter: 'T', word: 'stopped', meaning: 'Stopped by a signal or held by a debugger (t).' },
  { letter: 'Z', word: 'ended', meaning: 'A zombie: it has ended and holds no memory, but its parent has not asked how it ended.' },
  { letter: 'I', word: 'idle', meaning: 'A thread of the kernel without work.' },
]

export function stateMeaning(state: string): string {
  const found = processStates.find((s) => s.letter === state.toUpperCase())
  return found ? `${found.word}: ${found.meaning}` : 'A state that this page has no word for.'
}

// Node is a process and where it stands.
export interface Node {
  process: ProcessRow
  depth: number // below the first process, 0 in a flat list
  beside: boolean // shown for what is below it: it does not fit the search itself
}

export const keyOf = (n: Node): string => n.process.id

export const columns: Column<Node>[] = [
  { key: 'name', title: 'Process', why: 'Its name as the kernel has it, at most 15 letters on Linux', width: 150, grows: true, falling: false, value: (n) => n.process.name },
  { key: 'pid', title: 'PID', why: 'Number of the process; another one may have it after its end', width: 76, number: true, falling: false, value: (n) => n.process.pid },
  { key: 'service', title: 'Service', why: 'What it belongs to: a name that survives restarts', width: 160, grows: true, falling: false, value: (n) => n.process.service || null },
  { key: 'private', title: 'Private MB', why: 'Private memory: what only this process can give back (1 MB is 1,000,000 bytes)', width: 92, number: true, falling: true, value: (n) => n.process.private_bytes },
  { key: 'rss', title: 'RSS MB', why: 'Resident set size: pages in memory, those shared with others among them', width: 84, number: true, falling: true, value: (n) => n.process.rss_bytes },
  { key: 'cpu', title: 'CPU %', why: 'Of one processor core, since the beat before', width: 70, number: true, falling: true, value: (n) => n.process.cpu_percent },
  { key: 'threads', title: 'Threads', why: 'Threads alive', width: 74, number: true, falling: true, value: (n) => n.process.threads },
  { key: 'fds', title: 'FDs', why: 'Open file descriptors; – where this user may not count them', width: 64, number: true, falling: true, value: (n) => n.process.fds },
  { key: 'uptime', title: 'Uptime', why: 'Since it began', width: 84, number: true, falling: true, value: (n) => n.process.uptime_seconds },
  { key: 'state', title: 'State', why: 'R running, S sleeping, D waiting, T stopped, Z ended, I idle', width: 62, falling: false, value: (n) => n.process.state },
  { key: 'shmem', title: 'Shared MB', why: 'Shared memory it has touched', width: 88, number: true, falling: true, value: (n) => n.process.shmem_bytes },
  { key: 'swap', title: 'Swap MB', why: 'Of its private memory, what was moved to the swap', width: 80, number: true, falling: true, value: (n) => n.process.swap_bytes },
  { key: 'user', title: 'User', why: 'Number of the user it runs as', width: 70, number: true, falling: false, value: (n) => n.process.user_id },
]

export const defaultSort = '-private'

export interface View {
  search: string
  tree: boolean
  kernel: boolean // with threads of the kernel
  sort: string
}

// fits says whether a process is searched for: by a part of its name or its service, or by
// its whole PID.
export function fits(p: ProcessRow, search: string): boolean {
  const text = search.trim().toLowerCase()
  if (text === '') return true
  return p.name.toLowerCase().includes(text) || p.service.toLowerCase().includes(text) || String(p.pid) === text
}

function order(sort: string): (a: Node, b: Node) => number {
  const falling = sort.startsWith('-')
  const column = columns.find((c) => c.key === sort.replace(/^-/, '')) ?? columns.find((c) => c.key === 'private')!
  // PIDs settle what is equal, so that rows do not change places without a reason.
  return (a, b) => compared(column.value(a), column.value(b), falling) || a.process.pid - b.process.pid
}

// nodes are the rows of a view in their order.
export function nodes(processes: ProcessRow[], view: View): Node[] {
  const wanted = view.kernel ? processes : processes.filter((p) => !p.kernel)
  const by = order(view.sort)
  if (!view.tree) {
    return wanted.filter((p) => fits(p, view.search)).map((process) => ({ process, depth: 0, beside: false })).sort(by)
  }
  return tree(wanted, view.search, by)
}

// tree has every process below its parent, the children of one parent sorted. Ancestors of
// what is searched for stay. It goes by a stack of its own and never twice to one process:
// what the kernel says of parents is of different moments, and could be a ring.
function tree(processes: ProcessRow[], search: string, by: (a: Node, b: Node) => number): Node[] {
  const byPid = new Map(processes.map((p) => [p.pid, p]))
  const kept = new Map<number, Node>()
  for (const p of processes) {
    if (!fits(p, search)) continue
    let at: ProcessRow | undefined = p
    while (at) {
      const known = kept.get(at.pid)
      if (known) {
        if (at === p) known.beside = false
        break
      }
      kept.set(at.pid, { process: at, depth: 0, beside: at !== p })
      at = at.parent_pid === at.pid ? undefined : byPid.get(at.parent_pid)
    }
  }
  const below = new Map<number, Node[]>()
  const roots: Node[] = []
  for (const node of kept.values()) {
    const { pid, parent_pid } = node.process
    if (parent_pid === pid || !kept.has(parent_pid)) roots.push(node)
    else if (!below.get(parent_pid)?.push(node)) below.set(parent_pid, [node])
  }
  const out: Node[] = []
  const placed = new Set<Node>()
  const walk = (from: Node[]) => {
    const stack = from.sort(by).reverse()
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (placed.has(node)) continue
      placed.add(node)
      out.push(node)
      const children = (below.get(node.process.pid) ?? []).filter((c) => !placed.has(c)).sort(by)
      for (const child of children.reverse()) {
        child.depth = node.depth + 1
        stack.push(child)
      }
    }
  }
  walk(roots)
  for (const node of kept.values()) if (!placed.has(node)) walk([node])
  return out
}
