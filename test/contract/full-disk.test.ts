import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** Runs a command that sees a file system of 3 MiB at `folder`, which nobody else sees. */
function runOnSmallDisk(folder: string, command: readonly string[]) {
  const mounted = 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"'
  const arguments_ = ['--map-root-user', '--mount', 'sh', '-c', mounted, folder, ...command]
  const { status, stderr } = spawnSync('unshare', arguments_, { encoding: 'utf8' })
  return { status, stderr }
}

test('a full disk loses nothing that was kept, and is well again once it has room', {
  timeout: 60_000,
}, async ({ skip }) => {
  const directory = await makeTemporaryDirectory()
  try {
    const canMount = runOnSmallDisk(directory.path, ['true']).status === 0
    skip(!canMount, 'this needs Linux, and the right to mount')
    const script = join(import.meta.dirname, 'full-disk-run.ts')
    const run = runOnSmallDisk(directory.path, [process.execPath, script, directory.path])
    expect(run).toEqual({ status: 0, stderr: '' })
  } finally {
    await directory.remove()
  }
})
