import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileUpload } from '../../../../src/store/file/file-upload.ts'
import { makeTemporaryDirectory } from '../../../support/temporary-directory.ts'

test('an upload whose disk fails is closed also where it can’t be removed', async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const handle = await open(join(directory.path, 'file'), 'w+')
  handle.datasync = () => Promise.reject(new Error('EIO'))
  // As a file of a disk that became read-only: no rm takes it away.
  const path = join(directory.path, 'stays')
  await mkdir(path)
  let isReleased = false
  const release = () => {
    isReleased = true
  }
  const placeOf = () => ({ path: join(directory.path, 'kept'), onTaken: () => {} })
  const upload = FileUpload.begin(handle, { name: { path, release }, placeOf })
  await upload.append([Buffer.alloc(16 * 1024 * 1024)])
  await expect(upload.close()).rejects.toThrow()
  expect([handle.fd, isReleased]).toEqual([-1, true])
})
