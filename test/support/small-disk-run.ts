import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { makeTemporaryDirectory } from './temporary-directory.ts'

type SmallDisk = {
  readonly mebibytes: number
  /** Of the script, behind the folder where the disk is. */
  readonly args?: readonly string[]
  /** Of the test. */
  readonly skip: (condition: boolean, why: string) => void
}

/** Runs a script of ours to its end, in a process of its own that sees a small disk. */
export const expectToPassOn = async (
  { mebibytes, args = [], skip }: SmallDisk,
  script: string,
): Promise<void> => {
  const directory = await makeTemporaryDirectory()
  try {
    skip(!canMount(directory.path), 'this needs Linux, and the right to mount')
    const command = [process.execPath, script, directory.path, ...args]
    expect(runOnSmallDisk(directory.path, mebibytes, command)).toEqual({ status: 0, stderr: '' })
  } finally {
    await directory.remove()
  }
}

/** Runs a command that sees a file system of so many MiB at `folder`, which nobody else sees. */
const runOnSmallDisk = (folder: string, mebibytes: number, command: readonly string[]) => {
  const mounted = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`
  const arguments_ = ['--map-root-user', '--mount', 'sh', '-c', mounted, folder, ...command]
  const { status, stderr } = spawnSync('unshare', arguments_, { encoding: 'utf8' })
  return { status, stderr }
}

/** Needs Linux, and the right to mount. */
const canMount = (folder: string): boolean => runOnSmallDisk(folder, 1, ['true']).status === 0
