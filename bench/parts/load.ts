import { readProcessorSeconds } from '../processor-time.ts'
import { type Load, type LoadReport, runWrk } from '../wrk.ts'
import type { Target } from './part.ts'

export interface Cost {
  /** What the server used meanwhile; undefined where it can't be read. */
  readonly processorSeconds: number | undefined
}

export type ServerLoadReport = LoadReport & Cost

/** Loads the target with wrk, and reads what that cost its processes. */
export const loadServer = (
  target: Target,
  load: Omit<Load, 'seconds' | 'signal'>,
): Promise<ServerLoadReport> => {
  const { seconds, signal } = target
  return withCost(target, () => runWrk({ ...load, seconds, signal }))
}

/**
 * Runs a load against the target and adds what it cost. Where the loader itself is the limit, rates
 * come out alike and the cost still tells the servers apart.
 */
export const withCost = async <T>(
  { server }: Target,
  load: () => Promise<T>,
): Promise<T & Cost> => {
  const before = await readProcessorSeconds(server.process.id)
  const report = await load()
  const after = await readProcessorSeconds(server.process.id)
  const processorSeconds = before === undefined || after === undefined ? undefined : after - before
  return { ...report, processorSeconds }
}
