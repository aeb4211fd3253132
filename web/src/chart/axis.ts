// Words and bounds of axes.
import { formatter } from '../clock'
import { duration, significant } from '../figure'

const sizes: [number, string][] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
  [1, 'B'],
]

// decimals are needed to tell marks that are so far apart.
function decimals(step: number): number {
  for (let d = 0; d < 9; d++) {
    const scaled = step * 10 ** d
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled)) return d
  }
  return 9
}

const fixed = (v: number, digits: number): string => {
  const text = v.toFixed(digits)
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−')
}

// valueLabels are the words of the marks on an axis of values: all in one unit, and with as
// many decimals as tell them apart.
export function valueLabels(values: number[], unit: string): string[] {
  if (values.length === 0) return []
  const most = Math.max(...values.map(Math.abs))
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : most || 1
  if (unit === 'seconds') return values.map((v) => duration(v))
  if (unit.startsWith('bytes')) {
    const [size, name] = sizes.find(([s]) => most >= s) ?? [1, 'B']
    const digits = decimals(step / size)
    const suffix = unit === 'bytes_per_second' ? '/s' : unit === 'bytes_per_hour' ? '/h' : ''
    return values.map((v) => (v === 0 ? '0' : `${fixed(v / size, digits)} ${name}${suffix}`))
  }
  const digits = decimals(step)
  const suffix = unit === 'percent' ? ' %' : unit === 'per_second' ? '/s' : ''
  return values.map((v) => (v === 0 ? '0' : thousands(v, digits, step) + suffix))
}

// thousands shortens what would be too long for an axis.
function thousands(v: number, digits: number, step: number): string {
  for (const [size, name] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const) {
    if (Math.abs(v) < size) continue
    const unit = name === 'k' ? 1e3 : size
    return `${fixed(v / unit, Math.min(3, decimals(step / unit)))}${name}`
  }
  return digits > 3 ? significant(v) : fixed(v, digits)
}

const clock = formatter({ hour: '2-digit', minute: '2-digit' })
const exact = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
const date = formatter({ day: 'numeric', month: 'short' })
const month = formatter({ month: 'short', year: 'numeric' })

// timeLabels are the words of marks on the time axis, local: hours, and the day where one
// begins.
export function timeLabels(times: number[], apart: number): string[] {
  return times.map((t) => {
    const at = new Date(t * 1000)
    if (apart >= 28 * 86400) return month(at)
    if (apart >= 86400 || (at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0)) return date(at)
    return (apart < 60 ? exact : clock)(at)
  })
}

// ageLabels are those of an axis of ages.
export const ageLabels = (seconds: number[]): string[] => seconds.map((s) => (s === 0 ? '0' : duration(s)))

export interface Bounds {
  min: number
  max: number
}

// head is the room above the greatest value; a level at its edge must still be read.
const head = 0.06

// sight is how far above the data a level may be and still be drawn.
const sight = 1.6

export interface Wish {
  levels: { value: number; far?: boolean }[]
  // fit lets the axis begin at the data instead of at zero.
  fit: boolean
  unit: string
}

// calmest is the least that the height of a chart stands for: a hundredth of a percent is
// no mountain.
const calmest: Record<string, number> = { bytes: 1e6, percent: 1, count: 4, per_second: 1 }

// bounds of an axis of values.
export function bounds(least: number | null, most: number | null, wish: Wish): Bounds {
  const calm = calmest[wish.unit] ?? 1
  let low = least ?? 0
  let high = most ?? calm
  for (const level of wish.levels) {
    if (level.far || (level.value > low && level.value <= sight * high)) {
      high = Math.max(high, level.value)
      low = Math.min(low, level.value)
    }
  }
  if (!wish.fit) {
    high = Math.max(high, calm)
    return { min: Math.min(0, low * (1 + head)), max: high * (1 + head) }
  }
  const span = Math.max(high - low, calm / 100, Math.abs(high) * 1e-4)
  const spare = (span - (high - low)) / 2 + span * head
  const min = low - spare
  return { min: low >= 0 ? Math.max(0, min) : min, max: high + spare }
}

// inSight says whether a level falls within an axis.
export const inSight = (value: number, axis: Bounds): boolean => value >= axis.min && value <= axis.max
