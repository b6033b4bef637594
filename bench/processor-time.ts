import { readdir, readFile } from 'node:fs/promises'

// Linux reports process times in units of USER_HZ, which is 100 on every platform Node runs on.
const ticksPerSecond = 100

/**
 * Processor seconds that the processes of a group have used so far, user and system together.
 * Undefined where there is no /proc.
 */
export const readProcessorSeconds = async (groupId: number): Promise<number | undefined> => {
  const pids = await listProcesses()
  if (pids === undefined) return undefined
  const ticks = await Promise.all(pids.map((pid) => readGroupTicks(pid, groupId)))
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond
}

const listProcesses = async (): Promise<string[] | undefined> => {
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  } catch {
    return undefined
  }
}

const readGroupTicks = async (pid: string, groupId: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc(5): the command's name stands in brackets and may hold spaces; state is the field after it,
  // then ppid and pgrp; utime and stime are the twelfth and thirteenth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (Number(fields[2]) !== groupId) return 0
  return Number(fields[11]) + Number(fields[12])
}
