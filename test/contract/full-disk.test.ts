import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canMount, runOnSmallDisk } from '../support/small-disk-run.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

test('a full disk loses nothing that was kept, and is well again once it has room', {
  timeout: 60_000,
}, async ({ skip }) => {
  const directory = await makeTemporaryDirectory()
  try {
    skip(!canMount(directory.path), 'this needs Linux, and the right to mount')
    const script = join(import.meta.dirname, 'full-disk-run.ts')
    const run = runOnSmallDisk(directory.path, 3, [process.execPath, script, directory.path])
    expect(run).toEqual({ status: 0, stderr: '' })
  } finally {
    await directory.remove()
  }
})
