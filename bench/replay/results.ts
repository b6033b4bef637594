import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../results.ts'
import type { Finding } from './findings.ts'

const resultsFolder = join(import.meta.dirname, '../results')

export interface ReplayRun {
  readonly startedAt: Date
  readonly machine: Machine
  readonly scenarios: readonly {
    readonly name: string
    readonly scale: readonly string[]
    readonly findings: readonly Finding[]
  }[]
}

/** Writes all findings beside the bench's other results, and returns the file's path. */
export const writeReplay = async (run: ReplayRun): Promise<string> => {
  await mkdir(resultsFolder, { recursive: true })
  const stamp = run.startedAt.toISOString().replaceAll(/[:.]/g, '-')
  const path = join(resultsFolder, `replay-${stamp}.json`)
  await writeFile(path, `${JSON.stringify(run, undefined, 2)}\n`)
  return path
}
