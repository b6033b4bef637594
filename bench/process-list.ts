import { readdir, readFile } from 'node:fs/promises'

/** A process, and the fields of /proc/PID/stat from the third one (its state) on. */
export interface ProcessStat {
  readonly pid: string
  readonly fields: readonly string[]
}

/** The processes of a group. Undefined where there is no /proc. */
export const listProcessGroup = async (groupId: number): Promise<ProcessStat[] | undefined> => {
  const pids = await listProcesses()
  if (pids === undefined) return undefined
  const stats = await Promise.all(pids.map(readStat))
  // Of what stands in brackets the group is the third: state, parent, group.
  return stats.filter(({ fields }) => Number(fields[2]) === groupId)
}

const listProcesses = async (): Promise<string[] | undefined> => {
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  } catch {
    return undefined
  }
}

const readStat = async (pid: string): Promise<ProcessStat> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc(5): the command's name stands in brackets and may hold spaces; state is the field after it.
  return { pid, fields: stat.slice(stat.lastIndexOf(')') + 2).split(' ') }
}
