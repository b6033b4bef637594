import type { EChartsCoreOption } from 'echarts/core'
import type { Figures, Report, ReportRow } from '../traffic/any-reports.ts'
import { drawSvg } from './draw-svg.ts'
import { byDay } from './report-colors.ts'
import { cutMiddle } from './report-values.ts'
import { toPlainLine } from './table.ts'

const dayMs = 86_400_000
const width = 760
const mostBars = 25
const longestName = 44
/** About, of a font that isn't known. */
const characterWidth = 6.5
/** Labels have the room that is left to them. */
const asItIs = { outerBoundsMode: 'none' }
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
/** In the order in which they are stacked. */
const bodies = [
  { name: 'from the cache', color: byDay('cached'), read: (row: Figures) => row.cachedBytes },
  { name: 'from upstream', color: byDay('upstream'), read: (row: Figures) => row.upstreamBytes },
  { name: 'own images', color: byDay('hosted'), read: (row: Figures) => row.hostedBytes },
] as const
const shares = [
  { name: 'of the bytes', color: byDay('cached'), read: (row: Figures) => row.byteHitRatio },
  { name: 'of the pulls', color: byDay('upstream'), read: (row: Figures) => row.pullHitRatio },
] as const
const symbols = ['circle', 'rect'] as const

const axisColors = {
  axisLine: { lineStyle: { color: byDay('border') } },
  axisTick: { show: false },
  axisLabel: { color: byDay('muted') },
  splitLine: { lineStyle: { color: byDay('grid') } },
  nameTextStyle: { color: byDay('muted') },
}
const common: EChartsCoreOption = {
  animation: false,
  textStyle: { fontFamily: 'sans-serif', color: byDay('text') },
  legend: {
    bottom: 0,
    itemGap: 24,
    borderColor: byDay('card'),
    silent: true,
    selectedMode: false,
    textStyle: { color: byDay('text') },
  },
}

/** What was served each day, by where it came from; of days without anything, too. */
export function drawDays(report: Report): string {
  const days = listDays(report)
  const scale = findScale(days.map(({ row }) => row?.servedBytes ?? 0))
  const option = {
    ...common,
    grid: { left: 8, right: 8, top: 34, bottom: 56 },
    xAxis: { ...axisColors, type: 'category', data: days.map(({ name }) => name.slice(5)) },
    yAxis: { ...axisColors, type: 'value', min: 0, name: scale.unit },
    series: toBars(
      days.map(({ row }) => row),
      scale,
    ),
  }
  return drawSvg(option, { width, height: 300 })
}

/** Which share came from the cache each day; a day without any is a gap. */
export function drawShares(report: Report): string {
  const days = listDays(report)
  const percent = (ratio: number | undefined) => (ratio === undefined ? null : ratio * 100)
  const option = {
    ...common,
    grid: { left: 8, right: 8, top: 34, bottom: 56 },
    xAxis: { ...axisColors, type: 'category', data: days.map(({ name }) => name.slice(5)) },
    yAxis: { ...axisColors, type: 'value', min: 0, max: 100, name: '%' },
    series: shares.map(({ name, color, read }, index) => ({
      type: 'line',
      name,
      silent: true,
      symbol: symbols[index],
      symbolSize: 8,
      itemStyle: { color },
      lineStyle: { color, width: 2, type: index === 0 ? 'solid' : 'dashed' },
      data: days.map(({ row }) => percent(row && read(row))),
    })),
  }
  return drawSvg(option, { width, height: 240 })
}

/** The rows of which most was served, the first at the top. */
export function drawTop(report: Report): string {
  const rows = report.rows.filter(({ servedBytes }) => servedBytes > 0).slice(0, mostBars)
  const scale = findScale(rows.map(({ servedBytes }) => servedBytes))
  const names = rows.map((row) =>
    cutMiddle(toPlainLine(report.by.map((dimension) => row[dimension]).join(' ')), longestName),
  )
  const longest = Math.max(...names.map(({ length }) => length), 0)
  const option = {
    ...common,
    grid: { left: 16 + longest * characterWidth, right: 48, top: 8, bottom: 56, ...asItIs },
    xAxis: { ...axisColors, type: 'value', min: 0, name: scale.unit },
    yAxis: {
      ...axisColors,
      type: 'category',
      inverse: true,
      data: names,
      axisLabel: { color: byDay('text') },
    },
    series: toBars(rows, scale),
  }
  return drawSvg(option, { width, height: 90 + 24 * rows.length })
}

type Scale = { readonly unit: string; readonly bytes: number }

function toBars(rows: readonly (Figures | undefined)[], scale: Scale) {
  const used = bodies.filter(({ read }) => rows.some((row) => row && read(row) > 0))
  return used.map(({ name, color, read }) => ({
    type: 'bar',
    stack: 'bytes',
    name,
    silent: true,
    barMaxWidth: 40,
    itemStyle: { color, borderColor: byDay('card'), borderWidth: 1 },
    // Nothing rather than 0, whose edge would be seen.
    data: rows.map((row) => (row && read(row) > 0 ? read(row) / scale.bytes : null)),
  }))
}

/** In which the largest has one digit before the point at least. */
function findScale(values: readonly number[]): Scale {
  const most = Math.max(1, ...values)
  const power = Math.min(Math.floor(Math.log2(most) / 10), units.length - 1)
  return { unit: units[power] ?? 'B', bytes: 1024 ** power }
}

type Day = { readonly name: string; readonly row: ReportRow | undefined }

/** All days from its beginning to its end. */
function listDays({ since, until, rows }: Report): readonly Day[] {
  const known = new Map(rows.map((row) => [row.day, row]))
  const first = Math.floor(Date.parse(since) / dayMs)
  const last = Math.ceil(Date.parse(until) / dayMs)
  return Array.from({ length: last - first }, (_, index) => {
    const name = new Date((first + index) * dayMs).toISOString().slice(0, 10)
    return { name, row: known.get(name) }
  })
}
