import type { Lab } from './lab.ts'
import { watchMachine } from './machine-load.ts'
import type { Case, Part, Sample } from './parts/part.ts'
import type { Report } from './progress.ts'
import type { RunningServer, ServerName } from './servers/server.ts'
import { rotate } from './statistics.ts'

// Between two measurements: what the last one left behind (closing sockets, writes) dies down.
const pauseMs = 200
const warmUpSeconds = 1

export interface CaseResult {
  readonly part: string
  readonly case: Case
  readonly samples: ReadonlyMap<ServerName, readonly Sample[]>
  /** How busy the machine was just before each measurement, 0 to 1. */
  readonly otherLoads: readonly number[]
}

/** What is measured of a lab. */
export type RoundLab = Pick<Lab, 'image' | 'servers'>

export interface RoundOptions {
  readonly parts: readonly Part[]
  readonly rounds: number
  readonly seconds: number
  readonly signal: AbortSignal
  readonly report: Report
}

/**
 * Measures every case on every server, several times over. Within a round the servers follow
 * directly on one another and each round starts with another one, so that whatever else the
 * machine does meanwhile falls on all of them alike.
 */
export const runRounds = async (lab: RoundLab, options: RoundOptions): Promise<CaseResult[]> => {
  const results: CaseResult[] = []
  for (const part of options.parts)
    for (const each of part.cases) results.push(await runCase(lab, each, { ...options, part }))
  return results
}

interface CaseOptions extends RoundOptions {
  readonly part: Part
}

const runCase = async (
  lab: RoundLab,
  measured: Case,
  options: CaseOptions,
): Promise<CaseResult> => {
  const { report } = options
  const rounds = Math.ceil(options.rounds * (measured.roundShare ?? 1))
  const samples = new Map<ServerName, Sample[]>(lab.servers.map(({ name }) => [name, []]))
  const otherLoads: number[] = []
  for (const server of measured.skipsWarmUp ? [] : lab.servers) {
    report(`${measured.name}: warming up ${server.name}`)
    await measureOnce(lab, measured, { ...options, server, seconds: warmUpSeconds })
  }
  for (let round = 0; round < rounds; round++) {
    for (const server of rotate(lab.servers, round)) {
      otherLoads.push(await watchMachine(pauseMs, options.signal))
      const sample = await measureOnce(lab, measured, { ...options, server })
      samples.get(server.name)?.push(sample)
      report(
        `${measured.name}: round ${round + 1}/${rounds}, ${describe(server, measured, sample)}`,
      )
    }
  }
  return { part: options.part.name, case: measured, samples, otherLoads }
}

interface MeasureOptions extends CaseOptions {
  readonly server: RunningServer
}

const measureOnce = async (
  { image }: RoundLab,
  { measure }: Case,
  { server, seconds, signal }: MeasureOptions,
): Promise<Sample> => {
  try {
    return await measure({ server, image, seconds, signal })
  } catch (cause) {
    if (signal.aborted) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    const tail = await server.process.readLogTail()
    throw new Error(`${server.name} failed: ${message}\nthe end of its log:\n${tail}`, { cause })
  }
}

const describe = ({ name }: RunningServer, { metrics }: Case, sample: Sample): string => {
  const [{ key, title, format }] = metrics
  const value = sample[key]
  return value === undefined ? `${name} left out` : `${name} ${format(value)} ${title}`
}
