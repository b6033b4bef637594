import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../../../src/oci/digest.ts'
import { DigestCheck } from '../../../../src/oci/digest-check.ts'
import { FileBlobWriter } from '../../../../src/store/file/file-blob-writer.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const writers: FileBlobWriter[] = []

afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.close()
})

/** Goes on after 8 bytes, and finds the disk full; a device isn't cut back either. */
async function writeToFullDisk(): Promise<FileBlobWriter> {
  const handle = await open('/dev/full', 'r+')
  const check = new DigestCheck(digest)
  check.update(content.subarray(0, 8))
  const name = { path: '/nowhere/partial', release: () => {} }
  const writer = new FileBlobWriter({ handle, check, writtenBytes: 8 }, name, {
    path: '/nowhere/final',
    onTaken: () => {},
  })
  writers.push(writer)
  return writer
}

describe.skipIf(!existsSync('/dev/full'))('an append that fails', () => {
  test('changes neither the hash nor what counts as written', async () => {
    const writer = await writeToFullDisk()
    await expect(writer.append([content.subarray(8)])).rejects.toThrow('ENOSPC')
    expect(writer.writtenBytes).toBe(8)
    const check = writer.copyCheck()
    check.update(content.subarray(8))
    expect(() => check.verify()).not.toThrow()
  })

  test('ends a writer whose file can’t be cut back', async () => {
    const writer = await writeToFullDisk()
    await expect(writer.append([content.subarray(8)])).rejects.toThrow('ENOSPC')
    await expect(writer.append([])).rejects.toThrow('broken')
    expect(() => writer.verify()).toThrow('broken')
    await expect(writer.keep()).rejects.toThrow('broken')
  })
})
