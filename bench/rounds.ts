import { type Contender, openContenders } from './contenders.ts'
import type { Lab } from './lab.ts'
import { watchMachine } from './machine-load.ts'
import type { Case, Part, Sample } from './parts/part.ts'
import type { Report } from './progress.ts'
import type { ServerName } from './servers/server.ts'
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
  /** Why there are no samples. */
  readonly failure?: string
}

/** What is measured of a lab; cases that start their servers or vary them need its variants. */
export type RoundLab = Pick<Lab, 'image' | 'servers'> & Partial<Pick<Lab, 'variants'>>

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
    for (const each of part.cases) results.push(await tryCase(lab, each, { ...options, part }))
  return results
}

interface CaseOptions extends RoundOptions {
  readonly part: Part
}

/** A case that fails doesn't cost what the others found. */
const tryCase = async (
  lab: RoundLab,
  measured: Case,
  options: CaseOptions,
): Promise<CaseResult> => {
  try {
    return await runCase(lab, measured, options)
  } catch (error) {
    if (options.signal.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    const failure = `${measured.name}: ${message}`
    options.report(failure)
    const nothing = { samples: new Map(), otherLoads: [] }
    return { part: options.part.name, case: measured, ...nothing, failure }
  }
}

const runCase = async (
  lab: RoundLab,
  measured: Case,
  options: CaseOptions,
): Promise<CaseResult> => {
  const contenders = await openContenders(lab, measured, options.signal)
  const samples = new Map<ServerName, Sample[]>(contenders.map(({ name }) => [name, []]))
  const otherLoads: number[] = []
  await warmUp(contenders, measured, options)
  const rounds = Math.ceil(options.rounds * (measured.roundShare ?? 1))
  for (let round = 0; round < rounds; round++) {
    const measureInRound = async (contender: Contender) => {
      const sample = await measureOnce(contender, options.seconds, options.signal)
      samples.get(contender.name)?.push(sample)
      const result = describe(contender, measured, sample)
      options.report(`${measured.name}: round ${round + 1}/${rounds}, ${result}`)
    }
    for (const group of groupContenders(rotate(contenders, round), measured)) {
      otherLoads.push(await watchMachine(pauseMs, options.signal))
      await finishAll(group.map(measureInRound))
    }
  }
  return { part: options.part.name, case: measured, samples, otherLoads }
}

/** When one fails, the others come to their end first: what they started is theirs to stop. */
const finishAll = async (tasks: readonly Promise<void>[]): Promise<void> => {
  const outcomes = await Promise.allSettled(tasks)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Those of a group are measured at once. */
const groupContenders = (contenders: readonly Contender[], measured: Case): Contender[][] =>
  'isQuiet' in measured && measured.isQuiet ? [[...contenders]] : contenders.map((each) => [each])

/** A server that each measurement starts anew is to be cold. */
const warmUp = async (
  contenders: readonly Contender[],
  measured: Case,
  { report, signal }: CaseOptions,
): Promise<void> => {
  if ('measureStarting' in measured || measured.skipsWarmUp) return
  for (const contender of contenders) {
    report(`${measured.name}: warming up ${contender.name}`)
    await measureOnce(contender, warmUpSeconds, signal)
  }
}

const measureOnce = async (
  { name, measure, readLogTail }: Contender,
  seconds: number,
  signal: AbortSignal,
): Promise<Sample> => {
  try {
    return await measure(seconds)
  } catch (cause) {
    if (signal.aborted) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${name} failed: ${message}\nthe end of its log:\n${await readLogTail()}`, {
      cause,
    })
  }
}

const describe = ({ name }: Contender, { metrics }: Case, sample: Sample): string => {
  const [{ key, title, format }] = metrics
  const value = sample[key]
  return value === undefined ? `${name} left out` : `${name} ${format(value)} ${title}`
}
