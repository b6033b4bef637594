// Which order of eviction serves a mirror best: `npm run bench:eviction`. demands.ts says what is
// asked for, caches/ keep blobs or whole images, orders/ choose what goes next, and policies.ts puts
// them together. Nothing is served here: it is a simulation, the same on every machine.

import { readFile, writeFile } from 'node:fs/promises'
import { UsageError } from '../options.ts'
import { createProgress } from '../progress.ts'
import { createDemands, type Demand } from './demands.ts'
import { createLoggedDemands } from './logged-demands.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { runAll } from './runs.ts'
import { formatTable } from './table.ts'

const wrongUsage = 2

const openSource = async ({
  uris,
  events,
}: Options): Promise<(seed: number) => readonly Demand[]> => {
  if (uris === undefined) return (seed) => createDemands(seed, events)
  const lines = (await readFile(uris, 'utf8')).split('\n')
  return (seed) => createLoggedDemands(lines, seed)
}

const main = async (args: readonly string[]): Promise<number> => {
  try {
    const options = parseOptions(args)
    if (options === undefined) {
      process.stdout.write(usage)
      return 0
    }
    using progress = createProgress(process.stderr)
    const source = await openSource(options)
    const runs = runAll({ ...options, createDemands: source, report: progress.report })
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(runs)}\n`)
    process.stdout.write(formatTable(runs))
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}`)
    return wrongUsage
  }
}

process.exitCode = await main(process.argv.slice(2))
