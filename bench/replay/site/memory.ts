import { readFile } from 'node:fs/promises'

export interface Memory {
  readonly residentBytes: number
  /** The most since the process started. */
  readonly peakBytes: number
}

/** What a process holds in memory. Undefined where there is no /proc. */
export const readMemory = async (pid: number): Promise<Memory | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (field: string) => {
    const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  }
  const residentBytes = read('VmRSS')
  const peakBytes = read('VmHWM')
  return residentBytes === undefined || peakBytes === undefined
    ? undefined
    : { residentBytes, peakBytes }
}
