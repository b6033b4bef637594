import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { askServer } from '../../src/commands/server-client.ts'
import { operate, runCommand, writeMirrors } from '../support/run-command.ts'
import { startMirrored } from '../support/start-mirrored.ts'

test('a command that has no key is told what to do', async () => {
  const { server } = await startMirrored()
  const says = expect.stringMatching(/data folder can be read, without --server.*ENTREPOT_TOKEN/)
  const place = `http://127.0.0.1:${server.port}`
  const elsewhere = await runCommand('pin', 'node:20', '--server', place)
  expect(elsewhere).toMatchObject({ code: 1, stdout: '', stderr: says })
  // Another data folder, in which no server has left a key.
  const other = await operate({ port: server.port, data: './none' }, 'pin', 'node:20')
  expect(other).toMatchObject({ code: 1, stdout: '', stderr: says })
  expect((await operate(server, 'pin', 'node:20')).code).toBe(0)
})

test('with --server the key is never sent, though the configuration is there', async () => {
  const { server } = await startMirrored()
  const sent: (string | undefined)[] = []
  await using listener = createServer((request, response) => {
    sent.push(request.headers.authorization)
    response.end('{}')
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const config = await writeMirrors({ listen: `127.0.0.1:${port}`, data: server.data })
  const ask = (place?: string) => askServer({ config, server: place }, 'POST', '/api/v1/evict', {})
  await ask()
  await ask(`127.0.0.1:${port}`)
  vi.stubEnv('ENTREPOT_TOKEN', 'mine')
  onTestFinished(() => void vi.unstubAllEnvs())
  await ask(`http://127.0.0.1:${port}`)
  expect(sent).toEqual([server.operator.headers.authorization, undefined, 'Bearer mine'])
})
