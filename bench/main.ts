// Measures Entrepot beside what people would run instead of it, on this machine: servers/ knows
// how each is started, parts/ what is measured. Load comes from wrk or from a process of our own
// (raw-load.ts), never from this one.

import { compareServers } from './comparison.ts'
import { writeGrowthChart } from './growth/growth-chart.ts'
import { type Interruption, watchInterruption } from './interruption.ts'
import { type Options, parseOptions, UsageError, usage } from './options.ts'
import { MissingProgramError, requirePrograms } from './programs.ts'
import { createProgress } from './progress.ts'
import { describeMachine, type Machine, writeResults } from './results.ts'
import type { CaseResult } from './rounds.ts'
import { programsFor, runParts } from './run-parts.ts'
import { summarize } from './statistics.ts'
import { formatTable } from './table.ts'
import { createTemporaryDirectory } from './temporary-directory.ts'

const failed = 1
const wrongUsage = 2
const busyShare = 0.15

const runBench = async (options: Options, signal: AbortSignal): Promise<void> => {
  const { rounds, seconds } = options
  await requirePrograms(['wrk', ...programsFor(options)])
  const machine = describeMachine()
  const startedAt = new Date()
  process.stderr.write(describeRun(options, machine))
  using progress = createProgress(process.stderr)
  const { report } = progress
  using directory = createTemporaryDirectory()
  const site = { directory: directory.path, signal, report }
  const { image, results } = await runParts({ ...options, ...site })
  const rows = compareServers(results)
  const run = { startedAt, machine, rounds, seconds, image, results, rows }
  const path = await writeResults(run)
  progress[Symbol.dispose]()
  process.stdout.write(formatTable(rows))
  process.stderr.write(describeOtherLoad(results))
  process.stderr.write(`\nevery sample is in ${path}\n`)
  const chart = path.replace(/\.json$/, '-growth.svg')
  if (await writeGrowthChart(results, chart)) process.stderr.write(`the chart is ${chart}\n`)
  const failures = results.flatMap(({ failure }) => failure ?? [])
  if (failures.length > 0) throw new Error(failures.join('\n\n'))
}

const describeRun = ({ servers, rounds, seconds }: Options, machine: Machine): string => {
  const lines = [
    `${machine.cpus} cpus (${machine.cpuModel}), node ${machine.node}, ${rounds} rounds of ${seconds} s`,
    ...servers.map(({ name, title }) => `  ${name}: ${title}`),
  ]
  return `${lines.join('\n')}\n`
}

// Ratios survive other work better than figures do, but neither is worth quoting then.
const describeOtherLoad = (results: readonly CaseResult[]): string => {
  const otherLoads = results.flatMap((result) => result.otherLoads)
  if (otherLoads.length === 0)
    return '\nnothing was measured: no part that was chosen is for these servers\n'
  const { median } = summarize(otherLoads)
  if (median < busyShare) return ''
  return `\nOTHER WORK took ${(median * 100).toFixed(0)} % of this machine: measure again when it is quiet\n`
}

const main = async (args: readonly string[]): Promise<number> => {
  using interruption = watchInterruption()
  try {
    const options = parseOptions(args)
    if (options === undefined) process.stdout.write(usage)
    else await runBench(options, interruption.signal)
    return interruption.exitCode() ?? 0
  } catch (error) {
    return explainFailure(error, interruption)
  }
}

const explainFailure = (error: unknown, interruption: Interruption): number => {
  const exitCode = interruption.exitCode()
  if (exitCode !== undefined) return exitCode
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`\n${message}\n`)
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`)
  return error instanceof UsageError || error instanceof MissingProgramError ? wrongUsage : failed
}

process.exitCode = await main(process.argv.slice(2))
