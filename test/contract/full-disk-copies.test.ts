import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canMount, runOnSmallDisk } from '../support/small-disk-run.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

test('a snapshot and a backup for which there is no room leave nothing half written', {
  timeout: 60_000,
}, async ({ skip }) => {
  const directory = await makeTemporaryDirectory()
  try {
    skip(!canMount(directory.path), 'this needs Linux, and the right to mount')
    const script = join(import.meta.dirname, 'full-disk-copies-run.ts')
    const run = runOnSmallDisk(directory.path, 4, [process.execPath, script, directory.path])
    expect(run).toEqual({ status: 0, stderr: '' })
  } finally {
    await directory.remove()
  }
})
