// What is painted on the canvas beside the lines: stretches, levels, trends and marks.
import type uPlot from 'uplot'
import { inSight } from './axis'
import type { Level, Stretch, Trend } from './line'
import { kindOf, type MarkKind, type Placed } from './mark'

export type Colour = (name: string) => string

interface Scene {
  colour: Colour
  levels: Level[]
  stretches: Stretch[]
  trend: Trend | undefined
  marks: Placed[]
  near: number | null // of the crosshair, where a mark is
  unit: string
}

const ratio = (): number => window.devicePixelRatio || 1

function clipped(u: uPlot, paint: (c: CanvasRenderingContext2D) => void) {
  const { left, top, width, height } = u.bbox
  u.ctx.save()
  u.ctx.beginPath()
  u.ctx.rect(left, top, width, height)
  u.ctx.clip()
  paint(u.ctx)
  u.ctx.restore()
}

// behind is painted before the lines.
export function behind(u: uPlot, scene: Scene) {
  clipped(u, (c) => {
    for (const s of scene.stretches) {
      const a = u.valToPos(s.from, 'x', true)
      const b = u.valToPos(s.to, 'x', true)
      c.fillStyle = scene.colour(s.tone)
      c.globalAlpha = 0.1
      // However short it is, it can be seen.
      c.fillRect(a, u.bbox.top, Math.max(b - a, 2 * ratio()), u.bbox.height)
    }
    c.globalAlpha = 1
    if (scene.trend) fan(u, c, scene.trend, scene.colour)
  })
}

function fan(u: uPlot, c: CanvasRenderingContext2D, trend: Trend, colour: Colour) {
  const x = (k: number) => u.valToPos(trend.times[k]!, 'x', true)
  const y = (v: number) => u.valToPos(v, 'y', true)
  c.beginPath()
  trend.times.forEach((_, k) => c.lineTo(x(k), y(trend.high[k]!)))
  for (let k = trend.times.length - 1; k >= 0; k--) c.lineTo(x(k), y(trend.low[k]!))
  c.closePath()
  c.fillStyle = colour(trend.color)
  c.globalAlpha = 0.16
  c.fill()
  c.globalAlpha = 1
}

// above is painted over the lines.
export function above(u: uPlot, scene: Scene) {
  clipped(u, (c) => {
    if (scene.trend) stroke(u, c, scene.trend, scene.colour)
    for (const level of scene.levels) line(u, c, level, scene)
  })
  for (const mark of scene.marks) tick(u, mark, scene)
}

function stroke(u: uPlot, c: CanvasRenderingContext2D, trend: Trend, colour: Colour) {
  c.strokeStyle = colour(trend.color)
  c.lineWidth = 1.4 * ratio()
  for (let k = 1; k < trend.times.length; k++) {
    // What was not yet to be measured is dashed.
    c.setLineDash(trend.times[k]! > trend.fitted ? [5 * ratio(), 4 * ratio()] : [])
    c.beginPath()
    c.moveTo(u.valToPos(trend.times[k - 1]!, 'x', true), u.valToPos(trend.mid[k - 1]!, 'y', true))
    c.lineTo(u.valToPos(trend.times[k]!, 'x', true), u.valToPos(trend.mid[k]!, 'y', true))
    c.stroke()
  }
  c.setLineDash([])
}

function line(u: uPlot, c: CanvasRenderingContext2D, level: Level, scene: Scene) {
  const scale = u.scales.y
  if (scale?.min === undefined || scale.max === undefined || !inSight(level.value, { min: scale.min ?? 0, max: scale.max ?? 0 })) return
  const y = Math.round(u.valToPos(level.value, 'y', true))
  const { left, top, width } = u.bbox
  c.strokeStyle = c.fillStyle = scene.colour(level.tone)
  c.lineWidth = 1.2 * ratio()
  c.setLineDash([2 * ratio(), 3 * ratio()])
  c.beginPath()
  c.moveTo(left, y)
  c.lineTo(left + width, y)
  c.stroke()
  c.setLineDash([])
  c.font = `${11 * ratio()}px ${scene.colour('--font')}`
  c.textAlign = 'left'
  const room = 14 * ratio()
  c.textBaseline = y - top > room ? 'bottom' : 'top'
  // The ground of the panel behind the word keeps it legible over lines.
  const x = left + 6 * ratio()
  const at = y + (c.textBaseline === 'bottom' ? -2 : 3) * ratio()
  c.lineWidth = 3 * ratio()
  c.lineJoin = 'round'
  c.strokeStyle = scene.colour('--panel')
  c.strokeText(level.label, x, at)
  c.fillText(level.label, x, at)
}

const size = 4 // half of a mark, in CSS pixels

function tick(u: uPlot, mark: Placed, scene: Scene) {
  const c = u.ctx
  const { left, top, width, height } = u.bbox
  const x = u.valToPos(mark.at, 'x', true)
  if (x < left || x > left + width) return
  const kind = kindOf(mark.kind)
  const p = ratio()
  c.save()
  c.strokeStyle = c.fillStyle = scene.colour(kind.tone)
  if (scene.near !== null && Math.abs(scene.near - mark.at) < 1e-3) {
    c.globalAlpha = 0.6
    c.lineWidth = p
    c.beginPath()
    c.moveTo(Math.round(x) + 0.5, top)
    c.lineTo(Math.round(x) + 0.5, top + height)
    c.stroke()
    c.globalAlpha = 1
  }
  shape(c, kind, x, top + height - size * p, size * p)
  c.restore()
}

function shape(c: CanvasRenderingContext2D, kind: MarkKind, x: number, y: number, r: number) {
  c.beginPath()
  switch (kind.shape) {
    case 'up':
      c.moveTo(x, y - r)
      c.lineTo(x + r, y + r)
      c.lineTo(x - r, y + r)
      break
    case 'down':
      c.moveTo(x, y + r)
      c.lineTo(x + r, y - r)
      c.lineTo(x - r, y - r)
      break
    case 'diamond':
      c.moveTo(x, y - r)
      c.lineTo(x + r, y)
      c.lineTo(x, y + r)
      c.lineTo(x - r, y)
      break
    case 'round':
      c.arc(x, y, r * 0.85, 0, 2 * Math.PI)
      break
    case 'bar':
      c.rect(x - r / 4, y - r, r / 2, 2 * r)
  }
  c.closePath()
  c.fill()
}
