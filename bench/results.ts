import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { ComparisonRow } from './comparison.ts'
import type { BenchImage } from './image.ts'
import type { CaseResult } from './rounds.ts'

const resultsFolder = join(import.meta.dirname, 'results')

export interface Machine {
  readonly cpus: number
  readonly cpuModel: string
  readonly memoryBytes: number
  readonly platform: string
  readonly kernel: string
  readonly node: string
  /** Of the minute before the run: what else the machine was doing. */
  readonly loadAverage: number
}

export interface Run {
  readonly startedAt: Date
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
  /** Undefined where nothing was measured of kept content. */
  readonly image: BenchImage | undefined
  readonly results: readonly CaseResult[]
  readonly rows: readonly ComparisonRow[]
}

export const describeMachine = (): Machine => ({
  cpus: cpus().length,
  cpuModel: cpus()[0]?.model ?? 'unknown',
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  kernel: release(),
  node: process.version,
  loadAverage: loadavg()[0] ?? 0,
})

/** Writes everything that was measured, every single sample too, and returns the file's path. */
export const writeResults = async (run: Run): Promise<string> => {
  await mkdir(resultsFolder, { recursive: true })
  const name = `${run.startedAt.toISOString().replaceAll(/[:.]/g, '-')}.json`
  const path = join(resultsFolder, name)
  await writeFile(path, `${JSON.stringify(toJson(run), undefined, 2)}\n`)
  return path
}

const toJson = ({ image, results, rows, ...run }: Run): object => ({
  ...run,
  layerBytes: image?.layer.size,
  manifestBytes: image?.manifest.size,
  cases: results.map((result) => ({
    part: result.part,
    case: result.case.name,
    samples: Object.fromEntries(result.samples),
    otherLoads: result.otherLoads,
    failure: result.failure,
  })),
  comparison: rows.map(({ metric, ...row }) => ({ ...row, metric: metric.key })),
})
