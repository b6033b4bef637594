import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand, runToSuccess } from './background-process.ts'
import type { Namespace } from './namespace.ts'

/** A file system in memory, mounted in a namespace: the machine itself has nothing to unmount. */
export interface SmallDisk {
  /** Where this process finds what the namespace has at `folder`. */
  readonly outside: string
  /** Makes it larger or smaller; a size as mount takes it, such as `400m`. */
  resize(size: string): Promise<void>
  /** Other data, in a file of that name, takes all the room that is left. */
  fill(name?: string): Promise<void>
  countFreeBytes(): Promise<number>
}

export const mountSmallDisk = async (
  namespace: Namespace,
  folder: string,
  size: string,
): Promise<SmallDisk> => {
  const { inside } = namespace
  const outside = join(`/proc/${namespace.pid}/root`, folder)
  await runToSuccess(inside(['mkdir', '--parents', folder]))
  await runToSuccess(inside(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'lab', folder]))
  return {
    outside,
    resize: async (size) => {
      await runToSuccess(inside(['mount', '-o', `remount,size=${size}`, folder]))
    },
    // It ends with an error, that of a full disk.
    fill: async (name = 'other-data') => {
      const file = join(folder, name)
      await runCommand(inside(['dd', 'if=/dev/zero', `of=${file}`, 'bs=4k']))
    },
    countFreeBytes: async () => {
      const { bavail, bsize } = await statfs(outside)
      return bavail * bsize
    },
  }
}
