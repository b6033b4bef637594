import { readdir, readFile, readlink } from 'node:fs/promises'

/** What a process must not grow by. */
export type Vitals = {
  /** What they lead to. */
  readonly openFiles: readonly string[]
  readonly residentBytes: number
}

export async function readVitals(pid: number): Promise<Vitals> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder)
  // One may be closed in this moment.
  const files = await Promise.all(
    names.map((name) => readlink(`${folder}/${name}`).catch(() => '')),
  )
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return {
    openFiles: files.filter((file) => file !== ''),
    residentBytes: Number(resident) * 1024,
  }
}
