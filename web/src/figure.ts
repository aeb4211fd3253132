// Figures as words, as package units of the monitor writes them: MB is 10^6 bytes, at most
// three significant digits, "–" for what nobody measured, never 0. Its test reads figures
// that the Go side wrote, so that terminal and page never differ.

export const unknown = '–'

type Figure = number | null | undefined

const missing = (v: Figure): v is null | undefined => v === null || v === undefined || !Number.isFinite(v)

// fixed is toFixed that rounds a tie to the even digit, as Go does: 1.125 is 1.12 on both
// sides. Only a number of whole eighths can be a tie at up to two digits, and with those
// everything here is exact.
function fixed(v: number, digits: 0 | 1 | 2): string {
  const a = Math.abs(v)
  const scaled = a * 10 ** digits
  if (!Number.isInteger(a * 8) || scaled % 1 !== 0.5) return v.toFixed(digits)
  const below = Math.floor(scaled)
  const even = below % 2 === 0 ? below : below + 1
  return ((v < 0 ? -even : even) / 10 ** digits).toFixed(digits)
}

// significant shows at most three significant digits and no useless fraction.
export function significant(v: number): string {
  const a = Math.abs(v)
  const digits = a >= 99.95 ? 0 : a >= 9.995 ? 1 : 2
  let text = fixed(v, digits)
  if (digits > 0) text = text.replace(/\.?0+$/, '')
  return (text === '-0' ? '0' : text).replace('-', '−')
}

const sizes: [number, string][] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
]

function signless(v: number): string {
  for (const [size, name] of sizes) {
    // 999.5 of a unit would round to 1000: it belongs to the next one.
    if (v >= 0.9995 * size) return `${significant(v / size)} ${name}`
  }
  return `${Math.round(v)} B`
}

// bytes is an amount: "45.3 MB".
export function bytes(v: Figure): string {
  if (missing(v)) return unknown
  return v < 0 ? `−${signless(-v)}` : signless(v)
}

// delta is a change with its sign: "+14.2 MB", "0 B".
export function delta(v: Figure): string {
  if (missing(v)) return unknown
  const text = signless(Math.abs(v))
  return text === '0 B' ? text : v < 0 ? `−${text}` : `+${text}`
}

// megabytes is a cell of a column whose head says MB: one decimal below 100.
export function megabytes(v: Figure): string {
  if (missing(v)) return unknown
  const mb = v / 1e6
  const text = fixed(mb, Math.abs(mb) >= 99.95 ? 0 : 1)
  return (text === '-0.0' ? '0.0' : text).replace('-', '−')
}

// megabytesDelta is megabytes of a change, with its sign.
export function megabytesDelta(v: Figure): string {
  if (missing(v)) return unknown
  const text = megabytes(Math.abs(v))
  return text === '0.0' ? text : v < 0 ? `−${text}` : `+${text}`
}

export function percent(v: Figure): string {
  return missing(v) ? unknown : `${fixed(v, 1).replace('-', '−')} %`
}

export function count(v: Figure): string {
  return missing(v) ? unknown : String(Math.round(v)).replace(/\B(?=(\d{3})+$)/g, ' ')
}

// many is a number with its thing: "1 process", "12 processes".
export function many(n: number, one: string, more: string): string {
  return `${n} ${n === 1 ? one : more}`
}

// duration shows a span in seconds by its two largest units: "4m 10s", "12d 4h".
export function duration(seconds: Figure): string {
  if (missing(seconds)) return unknown
  if (seconds < 0) return `−${duration(-seconds)}`
  const s = Math.round(seconds)
  const pair = (a: number, x: string, b: number, y: string) => (b > 0 ? `${a}${x} ${b}${y}` : `${a}${x}`)
  const days = Math.floor(s / 86400)
  const hours = Math.floor(s / 3600) % 24
  const minutes = Math.floor(s / 60) % 60
  if (days > 0) return pair(days, 'd', hours, 'h')
  if (hours > 0) return pair(hours, 'h', minutes, 'm')
  if (minutes > 0) return pair(minutes, 'm', s % 60, 's')
  return `${s}s`
}

// until is a time to come; beyond a year a forecast says no more than that.
export const until = (seconds: Figure): string => (!missing(seconds) && seconds > 365 * 86400 ? '> 1 y' : duration(seconds))

// figure is an amount of a metric by the unit in its name.
export function figure(v: Figure, unit: string): string {
  switch (unit) {
    case 'bytes':
      return bytes(v)
    case 'bytes_per_hour':
      return missing(v) ? unknown : `${delta(v)}/h`
    case 'bytes_per_second':
      return missing(v) ? unknown : `${bytes(v)}/s`
    case 'percent':
      return percent(v)
    case 'seconds':
      return duration(v)
    default:
      return missing(v) ? unknown : significant(v)
  }
}
