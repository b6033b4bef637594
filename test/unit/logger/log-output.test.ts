import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { LogOutput } from '../../../src/logger/log-output.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

test('lines that are more than it holds are lost at once, told of, and hold up no others', async () => {
  const directory = await makeTemporaryDirectory()
  const file = join(directory.path, 'log')
  const descriptor = openSync(file, 'a')
  const output = new LogOutput(descriptor, (lines) => `lost ${lines}\n`)

  output.write(`${'long '.repeat(2_000_000)}\nanother\n`)
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('lost 2\n'))
  output.write('after\n')
  await output.close(1_000)

  expect(await readFile(file, 'utf8')).toBe('lost 2\nafter\n')
  closeSync(descriptor)
  await directory.remove()
})
