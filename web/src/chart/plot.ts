// The one place that speaks to uPlot. A chart makes one Plot, gives it new data for as long
// as the number and kind of its lines stays, and destroys it in the end.
import uPlot from 'uplot'
import { ageLabels, timeLabels, valueLabels, type Bounds } from './axis'
import { above, behind, type Colour } from './drawing'
import type { Level, Line, Stretch, Trend } from './line'
import type { Placed } from './mark'
import { alone, tabled, type Cell } from './table'

// Room for the words of the axes, the same in all charts, so that times stand under each
// other.
const valueRoom = 62
const timeRoom = 22
const bareRoom = 8 // half a word's height: the lowest value's word stands beside the corner
const smallHeight = 120
const leastBrush = 6 // pixels: less is a click
const dotSize = 6

// crosshairs is the group of charts that show the same moment.
const crosshairs = 'time'

export interface View {
  lines: Line[] // as drawn: stacked ones are summed up already
  stacked: boolean
  from: number
  to: number
  ages: boolean
  clock: boolean // the time axis has words
  unit: string
  axis: Bounds // of values
  levels: Level[]
  stretches: Stretch[]
  trend: Trend | undefined
  marks: Placed[]
}

export interface Listener {
  crosshair(at: number | null): void
  brush(from: number, to: number): void
  reset(): void
}

// shapeOf changes where a new plot is needed.
export const shapeOf = (v: Pick<View, 'lines' | 'stacked' | 'ages' | 'clock'>): string =>
  v.lines.map((line) => (line.low && line.high ? 'b' : 'l') + (line.fill ? 'f' : '') + (line.dash ? 'd' : '')).join() + String(v.stacked) + String(v.ages) + String(v.clock)

export class Plot {
  #view: View
  #plot: uPlot
  #colours = new Map<string, string>()
  #host: HTMLElement
  #near: number | null = null

  constructor(host: HTMLElement, view: View, width: number, height: number, listener: Listener) {
    this.#host = host
    this.#view = view
    this.#plot = new uPlot(this.#options(width, height, listener), this.#data(), host)
  }

  show(view: View) {
    this.#view = view
    this.#plot.batch(() => {
      this.#plot.setData(this.#data(), false)
      // The scales ask for their range again, also where only a level or a mark changed.
      this.#plot.redraw(true, true)
    })
  }

  size(width: number, height: number) {
    if (width !== this.#plot.width || height !== this.#plot.height) this.#plot.setSize({ width, height })
  }

  // recolour reads the colours of the theme again.
  recolour() {
    this.#colours.clear()
    this.#plot.redraw(false, true)
  }

  // near shows which mark is being read.
  near(at: number | null) {
    if (at === this.#near) return
    this.#near = at
    this.#plot.redraw(false, false)
  }

  // point puts the crosshair to a time.
  point(at: number) {
    const u = this.#plot
    const left = u.valToPos(at, 'x')
    // The third argument, which uPlot's types leave out, tells the other charts.
    ;(u.setCursor as (at: { left: number; top: number }, fire: boolean, tell: boolean) => void)({ left, top: 0 }, true, true)
  }

  // reach is the time that some pixels are.
  reach(pixels: number): number {
    return (pixels * (this.#view.to - this.#view.from)) / Math.max(1, this.#plot.over.clientWidth)
  }

  left(at: number): number {
    return this.#plot.valToPos(at, 'x') + valueRoom
  }

  destroy() {
    this.#plot.destroy()
  }

  #data(): uPlot.AlignedData {
    return tabled(this.#view.lines) as uPlot.AlignedData
  }

  #colour: Colour = (name) => {
    let colour = this.#colours.get(name)
    if (colour === undefined) {
      colour = getComputedStyle(this.#host).getPropertyValue(name).trim()
      this.#colours.set(name, colour)
    }
    return colour
  }

  #faint(name: string, share: number): string {
    return `color-mix(in srgb, ${this.#colour(name)} ${share * 100}%, transparent)`
  }

  #scene() {
    const { levels, stretches, trend, marks, unit } = this.#view
    return { levels, stretches, trend, marks, unit, colour: this.#colour, near: this.#near }
  }

  #series(): { series: uPlot.Series[]; bands: uPlot.Band[]; mids: Set<number> } {
    const series: uPlot.Series[] = [{}]
    const bands: uPlot.Band[] = []
    const mids = new Set<number>()
    const view = this.#view
    view.lines.forEach((line, k) => {
      const index = series.length
      const colour = () => this.#colour(this.#view.lines[k]?.color ?? '--text')
      mids.add(index)
      series.push({
        stroke: colour,
        width: view.stacked ? 1 : 1.5,
        dash: line.dash ? [4, 4] : undefined,
        fill: view.stacked ? (k === 0 ? () => this.#faint(this.#view.lines[k]?.color ?? '--text', 0.45) : undefined) : line.fill ? () => this.#faint(this.#view.lines[k]?.color ?? '--text', 0.14) : undefined,
        points: { show: true, size: 4, width: 0, fill: colour, stroke: colour, filter: (u, i) => alone(u.data[i] as Cell[]) },
      })
      if (view.stacked && k > 0) {
        bands.push({ series: [index, index - 1], fill: () => this.#faint(this.#view.lines[k]?.color ?? '--text', 0.45) })
      }
      if (!line.low || !line.high) return
      for (let side = 0; side < 2; side++) series.push({ stroke: 'transparent', width: 0, points: { show: false } })
      bands.push({ series: [index + 2, index + 1], fill: () => this.#faint(this.#view.lines[k]?.color ?? '--text', 0.2) })
    })
    return { series, bands, mids }
  }

  #options(width: number, height: number, listener: Listener): uPlot.Options {
    const { series, bands, mids } = this.#series()
    const font = () => `11px ${this.#colour('--font')}`
    const axis = {
      stroke: () => this.#colour('--muted'),
      grid: { stroke: () => this.#colour('--line'), width: 1 },
      ticks: { show: false },
      font: font(),
    }
    const ages = this.#view.ages
    return {
      width,
      height,
      padding: [6, 22, 0, 0],
      legend: { show: false },
      series,
      bands,
      scales: {
        x: { time: !ages, range: () => [this.#view.from, this.#view.to] },
        y: { range: () => [this.#view.axis.min, this.#view.axis.max] },
      },
      axes: [
        { ...axis, size: this.#view.clock ? timeRoom : bareRoom, gap: 4, space: 76, incrs: ages ? [60, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000] : undefined, values: (_, at, __, ___, apart) => (!this.#view.clock ? at.map(() => '') : ages ? ageLabels(at) : timeLabels(at, apart)) },
        {
          ...axis,
          size: valueRoom,
          gap: 6,
          space: height < smallHeight ? 20 : 34,
          // Things that are counted have no halves.
          ...(this.#view.unit === 'count' ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 5e4, 1e5, 1e6] } : {}),
          values: (_, at) => valueLabels(at, this.#view.unit),
        },
      ],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: leastBrush },
        points: { show: (_, i) => (mids.has(i) ? dot() : undefined!), size: dotSize, width: 0 },
        // Only the crosshair is shared: brushing one chart must not select in all.
        sync: ages ? undefined : { key: crosshairs, scales: ['x', null], setSeries: false, filters: { pub: (kind) => kind === 'mousemove' || kind === 'mouseleave', sub: () => true } },
        bind: {
          dblclick: () => () => {
            listener.reset()
            return null
          },
        },
      },
      hooks: {
        drawClear: [(u) => behind(u, this.#scene())],
        draw: [(u) => above(u, this.#scene())],
        setCursor: [(u) => listener.crosshair((u.cursor.left ?? -1) < 0 ? null : u.posToVal(u.cursor.left!, 'x'))],
        setSelect: [
          (u) => {
            const { left, width } = u.select
            if (width < leastBrush) return
            const from = u.posToVal(left, 'x')
            const to = u.posToVal(left + width, 'x')
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            listener.brush(from, to)
          },
        ],
      },
    }
  }
}

// dot is where the crosshair meets a line; uPlot gives it its colour and moves it.
function dot(): HTMLElement {
  const out = document.createElement('div')
  out.style.width = out.style.height = `${dotSize}px`
  out.style.margin = `${-dotSize / 2}px`
  return out
}
