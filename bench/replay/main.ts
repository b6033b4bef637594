// Load as it really is: what homes, CI farms and clusters do to a registry mirror, replayed on this
// machine. trace/ says who pulls what, content/ makes the images, upstream/ and clients/ are the
// two ends, each in a process of its own, site/ runs them, and scenarios/ judges.

import { join } from 'node:path'
import { type Interruption, watchInterruption } from '../interruption.ts'
import { watchMachine } from '../machine-load.ts'
import { UsageError } from '../options.ts'
import { createProgress } from '../progress.ts'
import { describeMachine } from '../results.ts'
import { createTemporaryDirectory } from '../temporary-directory.ts'
import type { Finding } from './findings.ts'
import { parseOptions, usage } from './options.ts'
import { type ReplayRun, writeReplay } from './results.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { formatVerdict } from './verdict-table.ts'

const failed = 1
const wrongUsage = 2
const watchMs = 500
const busyShare = 0.15

/** Resolves with whether everything wanted was met. */
const replay = async (scenarios: readonly Scenario[], signal: AbortSignal): Promise<boolean> => {
  const machine = describeMachine()
  const done: ReplayRun['scenarios'][number][] = []
  const startedAt = new Date()
  for (const scenario of scenarios) {
    await warnOfOtherLoad(signal)
    const findings = await runScenario(scenario, signal)
    process.stdout.write(formatVerdict(scenario, findings))
    done.push({ name: scenario.name, scale: scenario.scale, findings })
  }
  const path = await writeReplay({ startedAt, machine, scenarios: done })
  process.stderr.write(`\nevery figure is in ${path}\n`)
  return done.every(({ findings }) => findings.every(({ isMet }) => isMet !== false))
}

const runScenario = async (
  scenario: Scenario,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  using progress = createProgress(process.stderr)
  using directory = createTemporaryDirectory()
  const ground = { directory: join(directory.path, scenario.name), signal }
  return await scenario.run({ ...ground, report: progress.report })
}

const warnOfOtherLoad = async (signal: AbortSignal): Promise<void> => {
  const share = await watchMachine(watchMs, signal)
  if (share < busyShare) return
  process.stderr.write(
    `\nOTHER WORK takes ${(share * 100).toFixed(0)} % of this machine: times will be worse than they are\n`,
  )
}

const main = async (args: readonly string[]): Promise<number> => {
  using interruption = watchInterruption()
  try {
    const scenarios = parseOptions(args)
    if (scenarios === undefined) {
      process.stdout.write(usage)
      return 0
    }
    const isMet = await replay(scenarios, interruption.signal)
    return interruption.exitCode() ?? (isMet ? 0 : failed)
  } catch (error) {
    return explainFailure(error, interruption)
  }
}

const explainFailure = (error: unknown, interruption: Interruption): number => {
  const exitCode = interruption.exitCode()
  if (exitCode !== undefined) return exitCode
  const isUsage = error instanceof UsageError
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  if (isUsage) process.stderr.write(`\n${usage}`)
  return isUsage ? wrongUsage : failed
}

process.exitCode = await main(process.argv.slice(2))
