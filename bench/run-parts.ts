import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchImage } from './image.ts'
import { startLab } from './lab.ts'
import type { Options } from './options.ts'
import type { ProgramName } from './programs.ts'
import type { Report } from './progress.ts'
import { type CaseResult, runRounds } from './rounds.ts'
import { keptServers } from './servers/all.ts'
import type { ServerKind } from './servers/server.ts'

export interface RunOptions extends Options {
  /** An empty folder for everything that is written meanwhile. */
  readonly directory: string
  readonly signal: AbortSignal
  readonly report: Report
}

export interface PartResults {
  /** What the parts for kept content pulled, if they were run. */
  readonly image: BenchImage | undefined
  readonly results: readonly CaseResult[]
}

/** Runs the parts that share the usual lab, and then each of the others in its own. */
export const runParts = async (options: RunOptions): Promise<PartResults> => {
  const { parts, ownParts, directory } = options
  const kept = parts.length === 0 ? { image: undefined, results: [] } : await runKeptParts(options)
  const results = [...kept.results]
  for (const part of ownParts) {
    const kinds = chosen(part.kinds, options)
    if (kinds.length === 0) continue
    const folder = join(directory, part.name)
    await mkdir(folder)
    results.push(...(await part.run({ ...options, kinds, directory: folder })))
  }
  return { image: kept.image, results }
}

const runKeptParts = async (options: RunOptions): Promise<PartResults> => {
  await using lab = await startLab({ ...options, kinds: chosen(keptServers, options) })
  return { image: lab.image, results: await runRounds(lab, options) }
}

/** The programs that the chosen parts need for the chosen servers. */
export const programsFor = (options: Options): ProgramName[] => {
  const { parts, ownParts } = options
  const kinds = [...(parts.length === 0 ? [] : keptServers), ...ownParts.flatMap((it) => it.kinds)]
  const own = ownParts.flatMap(({ programs }) => programs)
  return ['docker-registry', ...own, ...chosen(kinds, options).flatMap(({ programs }) => programs)]
}

const chosen = (kinds: readonly ServerKind[], { servers }: Options): ServerKind[] =>
  kinds.filter(({ name }) => servers.some((each) => each.name === name))
