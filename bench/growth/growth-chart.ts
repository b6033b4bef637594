import { writeFile } from 'node:fs/promises'
import type { EChartsOption } from 'echarts'
import type { Sample } from '../parts/part.ts'
import type { CaseResult } from '../rounds.ts'
import { summarize } from '../statistics.ts'
import { drawSvg } from './echarts.ts'
import { growthPart } from './growth.ts'

const size = { width: 1000, height: 460 }
// Told apart by those who see few colours, and on paper.
const colors = ['#0072b2', '#e69f00', '#009e73']
const symbols = ['circle', 'triangle', 'rect']

interface Panel {
  readonly key: string
  readonly title: string
  readonly perUnit: number
  readonly place: { readonly left: string; readonly width: string }
}

const panels: readonly Panel[] = [
  {
    key: 'processorMsPerGB',
    title: 'CPU ms per GB',
    perUnit: 1,
    place: { left: '7%', width: '39%' },
  },
  {
    key: 'bytesPerSecond',
    title: 'MB per second',
    perUnit: 1e6,
    place: { left: '56%', width: '39%' },
  },
]

/** Draws what the growth part measured of Entrepot. False where it wasn't measured. */
export const writeGrowthChart = async (
  results: readonly CaseResult[],
  file: string,
): Promise<boolean> => {
  const samples = results
    .filter(({ part }) => part === growthPart)
    .flatMap((result) => [...(result.samples.get('entrepot') ?? [])])
  if (samples.length === 0) return false
  await writeFile(file, await drawSvg(optionOf(samples), size))
  return true
}

const optionOf = (samples: readonly Sample[]): EChartsOption => {
  const clients = distinct(samples, 'clients')
  const images = distinct(samples, 'images')
  const each = panels.flatMap((panel, index) => clients.map((count) => ({ panel, index, count })))
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: colors,
    title: {
      text: 'What a byte costs as the store and its clients grow',
      subtext: 'kept blobs of mixed sizes, pulled round-robin; flat is good',
      left: 'center',
    },
    legend: { bottom: 0, data: clients.map(nameOf) },
    grid: panels.map(({ place }) => ({ ...place, top: 95, bottom: 75 })),
    xAxis: panels.map((_, gridIndex) => ({
      gridIndex,
      type: 'category',
      data: images.map((count) => count.toLocaleString('en')),
      name: 'kept images',
      nameLocation: 'middle',
      nameGap: 28,
    })),
    yAxis: panels.map(({ title }, gridIndex) => ({
      gridIndex,
      type: 'value',
      min: 0,
      name: title,
    })),
    series: each.map(({ panel, index, count }) => ({
      type: 'line',
      name: nameOf(count),
      xAxisIndex: index,
      yAxisIndex: index,
      symbol: symbols[clients.indexOf(count) % symbols.length] ?? 'circle',
      symbolSize: 9,
      data: images.map((kept) => medianOf(samples, { panel, images: kept, clients: count })),
    })),
  }
}

const nameOf = (clients: number): string => (clients === 1 ? '1 client' : `${clients} clients`)

const distinct = (samples: readonly Sample[], key: string): number[] =>
  [...new Set(samples.map((sample) => sample[key] ?? 0))].toSorted((a, b) => a - b)

interface Point {
  readonly panel: Panel
  readonly images: number
  readonly clients: number
}

/** Null, which leaves a gap, where it couldn't be measured. */
const medianOf = (samples: readonly Sample[], { panel, ...point }: Point): number | null => {
  const values = samples
    .filter((it) => it.images === point.images && it.clients === point.clients)
    .flatMap(({ [panel.key]: value }) => (value === undefined ? [] : [value]))
  if (values.length === 0) return null
  return Math.round(summarize(values).median / panel.perUnit)
}
