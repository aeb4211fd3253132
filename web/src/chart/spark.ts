// The path of a sparkline: small, without axes, and calm where nothing happens.

export interface Box {
  width: number
  height: number
}

export interface Scale {
  low: number
  high: number
}

// calm is the least share of the greatest value that the height stands for: noise of a
// thousandth must not look like a mountain.
const calm = 0.1

// scaleOf covers all values; null where there are none.
export function scaleOf(...columns: ((number | null)[] | undefined)[]): Scale | null {
  let low = Infinity
  let high = -Infinity
  for (const column of columns) {
    for (const v of column ?? []) {
      if (v === null || !Number.isFinite(v)) continue
      if (v < low) low = v
      if (v > high) high = v
    }
  }
  if (low > high) return null
  const least = calm * Math.max(Math.abs(low), Math.abs(high)) || 1
  const missing = least - (high - low)
  if (missing > 0) {
    low -= missing / 2
    high += missing / 2
  }
  return { low, high }
}

const round = (v: number): number => Math.round(v * 10) / 10

const xOf = (k: number, count: number, box: Box): number => round(count < 2 ? box.width / 2 : (k * box.width) / (count - 1))

// One pixel of air above and below keeps the stroke within the box.
const yOf = (v: number, scale: Scale, box: Box): number => round(1 + ((scale.high - v) / (scale.high - scale.low)) * (box.height - 2))

// linePath moves over gaps. A point alone between gaps is a dot: a stroke of no length,
// which round caps make visible.
export function linePath(values: (number | null)[], scale: Scale, box: Box): string {
  let path = ''
  let down = false
  values.forEach((v, k) => {
    if (v === null || !Number.isFinite(v)) {
      down = false
      return
    }
    const at = `${xOf(k, values.length, box)} ${yOf(v, scale, box)}`
    const last = values[k + 1] ?? null
    path += down ? `L${at}` : last === null ? `M${at}h0` : `M${at}`
    down = true
  })
  return path
}

// bandPath is the area between two columns of one length, one closed piece per stretch
// without a gap.
export function bandPath(low: (number | null)[], high: (number | null)[], scale: Scale, box: Box): string {
  const count = Math.min(low.length, high.length)
  const known = (k: number): boolean => k < count && Number.isFinite(low[k] ?? NaN) && Number.isFinite(high[k] ?? NaN)
  let path = ''
  for (let begin = 0; begin < count; begin++) {
    if (!known(begin)) continue
    let end = begin
    while (known(end + 1)) end++
    const point = (k: number, v: number) => `${xOf(k, count, box)} ${yOf(v, scale, box)}`
    const there: string[] = []
    const back: string[] = []
    for (let k = begin; k <= end; k++) {
      there.push(point(k, high[k]!))
      back.unshift(point(k, low[k]!))
    }
    path += `M${[...there, ...back].join('L')}Z`
    begin = end
  }
  return path
}
