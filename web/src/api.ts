// The daemon's API as the page asks it. Nothing but this origin is ever asked.

export type Query = Record<string, string | number | undefined>

// Fault is an answer that says why not, or that there was none.
export class Fault extends Error {
  readonly code: string
  readonly hint: string
  readonly status: number // 0: nobody answered

  constructor(code: string, message: string, hint: string, status: number) {
    super(message)
    this.code = code
    this.hint = hint
    this.status = status
  }

  // gone says that no daemon answers, or that it is about to end or to begin.
  get gone(): boolean {
    return this.status === 0 || this.code === 'closing' || this.code === 'not_ready'
  }
}

// url is a path with its query; undefined and empty values are left out.
export function url(path: string, query: Query = {}): string {
  const q = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') q.set(name, String(value))
  }
  const text = q.toString()
  return text ? `${path}?${text}` : path
}

// answerTime is longer than the daemon gives its store (10 s).
const answerTime = 15_000

let stranger = () => {}

// heedStrangers says what is to happen when the daemon wants to know who asks.
export function heedStrangers(heed: () => void) {
  stranger = heed
}

async function ask<T>(method: string, path: string, signal?: AbortSignal, body?: unknown): Promise<T> {
  const patience = AbortSignal.timeout(answerTime)
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Fault('unreachable', 'The daemon does not answer.', 'See whether zol0 still runs; this page goes on when it is back.', 0)
  }
  if (response.status === 401) stranger()
  if (response.status === 204) return undefined as T
  let answer: unknown
  try {
    answer = await response.json()
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Fault('no_json', `The answer to ${path} cannot be read.`, 'See whether it is zol0 that listens there.', response.status)
  }
  if (response.ok) return answer as T
  const fault = answer as { code?: string; message?: string; hint?: string }
  throw new Fault(fault.code ?? 'unknown', fault.message ?? `status ${response.status}`, fault.hint ?? '', response.status)
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => ask<T>('GET', url(path, query), signal)

export const post = <T>(path: string, signal?: AbortSignal, body?: unknown): Promise<T> => ask<T>('POST', path, signal, body)

// aborted says that nobody wants the answer any more, which is no fault.
export const aborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

// faultOf makes a fault of whatever was thrown.
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('page', error instanceof Error ? error.message : String(error), 'Load the page again; if that does not help, report it.', -1)
}
