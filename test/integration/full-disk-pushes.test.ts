import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canMount, runOnSmallDisk } from '../support/small-disk-run.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

test.for([1, 2])(
  'what a full disk has no room for is refused and leaves nothing, with %i threads',
  {
    timeout: 60_000,
  },
  async (threads, { skip }) => {
    const directory = await makeTemporaryDirectory()
    try {
      skip(!canMount(directory.path), 'this needs Linux, and the right to mount')
      const script = join(import.meta.dirname, 'full-disk-pushes-run.ts')
      const command = [process.execPath, script, directory.path, `${threads}`]
      expect(runOnSmallDisk(directory.path, 24, command)).toEqual({ status: 0, stderr: '' })
    } finally {
      await directory.remove()
    }
  },
)
