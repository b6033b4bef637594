import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { listProcessGroup } from './process-list.ts'

const pollMs = 50

/**
 * Resident bytes of all processes of a group. RSS and not PSS: PSS divides the pages of the node
 * program among all that run it, the bench and its loaders too, and Entrepot would come out the
 * smaller the more of them run. The price is that nginx's few shared megabytes count once for each
 * of its processes. Throws where there is no /proc/PID/smaps_rollup, or nothing runs.
 */
export const readResidentBytes = async (groupId: number): Promise<number> => {
  const processes = (await listProcessGroup(groupId)) ?? []
  const sizes = await Promise.all(processes.map(({ pid }) => readRss(pid)))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total === 0) throw new Error(`the memory of process group ${groupId} can't be read`)
  return total
}

const readRss = async (pid: string): Promise<number> => {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Rss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024
}

/** The most that was resident at once until the work was done, which comes to its end in any case. */
export const watchPeak = async (groupId: number, work: Promise<unknown>): Promise<number> => {
  const ended = work.then(
    () => 'ended',
    () => 'ended',
  )
  let peak = 0
  try {
    do peak = Math.max(peak, await readResidentBytes(groupId))
    while ((await Promise.race([ended, sleep(pollMs)])) !== 'ended')
  } finally {
    await work
  }
  return peak
}
