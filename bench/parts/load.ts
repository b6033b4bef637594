import { readProcessorSeconds } from '../processor-time.ts'
import { type Load, type LoadReport, runWrk } from '../wrk.ts'
import type { Target } from './part.ts'

export interface ServerLoadReport extends LoadReport {
  /** What the server used meanwhile; undefined where it can't be read. */
  readonly processorSeconds: number | undefined
}

/**
 * Loads the target and reads what its processes cost. Where wrk itself is the limit, rates come
 * out alike and the cost still tells the servers apart.
 */
export const loadServer = async (
  { server, seconds, signal }: Target,
  load: Omit<Load, 'seconds' | 'signal'>,
): Promise<ServerLoadReport> => {
  const before = await readProcessorSeconds(server.process.id)
  const report = await runWrk({ ...load, seconds, signal })
  const after = await readProcessorSeconds(server.process.id)
  const processorSeconds = before === undefined || after === undefined ? undefined : after - before
  return { ...report, processorSeconds }
}
