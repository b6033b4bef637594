import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { VerifyProgress } from '../../../src/commands/verify-progress.ts'

const start = (totalBytes: number) => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true })
  const progress = new VerifyProgress(output as unknown as NodeJS.WriteStream, totalBytes)
  onTestFinished(() => progress.end())
  let text = ''
  output.on('data', (more: string) => {
    text += more
  })
  const shown = () => vi.waitFor(() => expect(text).toContain('/s'), 5000).then(() => text)
  return { progress, shown, readText: () => text }
}

test('says how far it has come within the file that is being read', async () => {
  const { progress, shown } = start(4 * 1024 ** 2)
  progress.add(1024 ** 2)
  expect(await shown()).toMatch(/^\r\S*read 1\.0 MiB of 4\.0 MiB, 25 %, [\d.]+ [KM]?i?B\/s$/)
})

test('says no share of what nothing is known of', async () => {
  const { progress, shown } = start(5)
  progress.add(1024 ** 2)
  expect(await shown()).toMatch(/^\r\S*read 1\.0 MiB, /)
})

test('leaves an empty line to what is said between', async () => {
  const { progress, shown, readText } = start(5)
  await shown()
  progress.clear()
  await vi.waitFor(() => expect(readText().endsWith('\r\u001b[K')).toBe(true))
})
