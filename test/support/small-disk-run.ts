import { spawnSync } from 'node:child_process'

/** Runs a command that sees a file system of so many MiB at `folder`, which nobody else sees. */
export const runOnSmallDisk = (folder: string, mebibytes: number, command: readonly string[]) => {
  const mounted = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`
  const arguments_ = ['--map-root-user', '--mount', 'sh', '-c', mounted, folder, ...command]
  const { status, stderr } = spawnSync('unshare', arguments_, { encoding: 'utf8' })
  return { status, stderr }
}

/** Needs Linux, and the right to mount. */
export const canMount = (folder: string): boolean =>
  runOnSmallDisk(folder, 1, ['true']).status === 0
