import uPlot from 'uplot'
import { labelTimes, stepsOf } from './axis-labels.ts'
import type { ChartColors } from './chart-colors.ts'
import type { ChartData, ChartSeries } from './chart-data.ts'

const font = '12px system-ui, sans-serif'

export type PlotSettings = ChartData & {
  readonly width: number
  readonly height: number
  readonly colors: ChartColors
  readonly onCursor: (index: number | undefined) => void
  /** Seconds since 1970. */
  readonly onRange: ((from: number, until: number) => void) | undefined
}

/** Seconds since 1970, in the middle of what each value is of; then the values, the last series first. */
export function toPlotData({ times, stepMs, series, kind }: ChartData): uPlot.AlignedData {
  const middles = times.map((time) => (time + stepMs / 2) / 1000)
  return [middles, ...drawn(series, kind).map(({ values }) => values)] as uPlot.AlignedData
}

export function plotOptions(settings: PlotSettings): uPlot.Options {
  const { width, height, times, stepMs, series, kind, colors, onCursor, onRange } = settings
  const { most = 0 } = settings
  const [first = 0, last = 0] = [times.at(0), times.at(-1)]
  return {
    width,
    height,
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: onRange !== undefined, y: false, setScale: false },
      points: { show: kind === 'lines' },
    },
    scales: {
      x: { time: true, range: () => [first / 1000, (last + stepMs) / 1000] },
      // Bars begin at nothing; and nothing at all has a scale, too.
      y: { range: (_plot, _low, high) => [0, Math.max(high * 1.05, most) || 1] },
    },
    axes: axesOf(settings),
    series: [{}, ...drawn(series, kind).map((each) => drawAs(each, settings))],
    hooks: {
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)],
      setSelect: [(plot) => select(plot, onRange)],
      draw: [
        (plot) => drawLimits(plot, settings, colors),
        (plot) => drawMarks(plot, settings, colors),
      ],
    },
  }
}

/** Stacked parts are drawn as sums, the largest first, each in front of what it is part of. */
function drawn(series: readonly ChartSeries[], kind: ChartData['kind']): readonly ChartSeries[] {
  if (kind === 'lines') return series
  const sums: ChartSeries[] = []
  for (const each of series) {
    const below = sums.at(-1)?.values
    const values = each.values.map((value, at) =>
      value === null ? null : value + (below?.[at] ?? 0),
    )
    sums.push({ ...each, values })
  }
  return sums.reverse()
}

function axesOf({ colors, format }: PlotSettings): uPlot.Axis[] {
  const common = { stroke: colors.muted, font, ticks: { show: false } }
  const steps = stepsOf(format)
  return [
    {
      ...common,
      grid: { show: false },
      space: 70,
      size: 28,
      values: (_plot, splits, _axis, _space, step) => labelTimes(splits, step),
    },
    {
      ...common,
      grid: { stroke: colors.grid, width: 1 },
      size: 72,
      values: (_plot, splits) => splits.map((value) => format(value)),
      ...(steps && { incrs: steps }),
    },
  ]
}

function drawAs(
  { color, isDashed }: ChartSeries,
  { kind, colors, times }: PlotSettings,
): uPlot.Series {
  const dash = isDashed ? { dash: [6, 4] } : {}
  if (kind === 'lines') {
    const points = { size: 6, fill: colors[color], filter: findLonely }
    return { stroke: colors[color], width: 2, spanGaps: false, points, ...dash }
  }
  const filled = { fill: colors[color], stroke: colors.surface, width: 1, points: { show: false } }
  const bars = uPlot.paths.bars?.({ size: [0.9, 48] })
  // An area of one value would not be seen.
  const hasBars = kind === 'bars' || times.length < 3
  return hasBars && bars ? { ...filled, paths: bars } : filled
}

/** A value between two that aren't known is no line, and would not be seen. */
function findLonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? []
  const isKnown = (at: number) => values[at] !== null && values[at] !== undefined
  return [...values.keys()].filter((at) => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1))
}

function select(plot: uPlot, onRange: PlotSettings['onRange']): void {
  const { left, width } = plot.select
  if (width < 2 || !onRange) return
  onRange(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

/** Dashed lines with their names. */
function drawLimits(plot: uPlot, { limits = [] }: PlotSettings, colors: ChartColors): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.fillStyle = colors.text
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  for (const { name, value } of limits) {
    const y = plot.valToPos(value, 'y', true)
    if (y < bbox.top) continue
    ctx.strokeStyle = colors.text
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    // A seam in the page's own colour, so that it is read in front of what is filled, too.
    ctx.strokeStyle = colors.surface
    ctx.lineWidth = 4 * devicePixelRatio
    ctx.setLineDash([])
    ctx.strokeText(name, bbox.left + 6, y - 4)
    ctx.fillText(name, bbox.left + 6, y - 4)
  }
  ctx.restore()
}

/** Triangles on the line below; what they stand for is told beside the chart. */
function drawMarks(plot: uPlot, { marks = [] }: PlotSettings, colors: ChartColors): void {
  const { ctx, bbox } = plot
  const size = 5 * devicePixelRatio
  const bottom = bbox.top + bbox.height
  ctx.save()
  ctx.fillStyle = colors.text
  ctx.strokeStyle = colors.surface
  for (const { time } of marks) {
    const x = plot.valToPos(time / 1000, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x - size, bottom)
    ctx.lineTo(x + size, bottom)
    ctx.lineTo(x, bottom - size * 2)
    ctx.closePath()
    ctx.fill()
    ctx.stroke()
  }
  ctx.restore()
}
