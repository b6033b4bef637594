import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits, and returns how busy all processors were meanwhile, 0 to 1. While the servers under
 * test have nothing to do, that is what the rest of the machine takes from a measurement.
 */
export const watchMachine = async (pauseMs: number, signal: AbortSignal): Promise<number> => {
  const before = readTimes()
  await sleep(pauseMs, undefined, { signal })
  const after = readTimes()
  const total = after.total - before.total
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total
}

const readTimes = (): { idle: number; total: number } => {
  const times = cpus().map((each) => each.times)
  const idle = times.reduce((sum, each) => sum + each.idle, 0)
  const total = times.reduce(
    (sum, { user, nice, sys, idle: unused, irq }) => sum + user + nice + sys + unused + irq,
    0,
  )
  return { idle, total }
}
