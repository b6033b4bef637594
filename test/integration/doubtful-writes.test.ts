import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const path = '/v2/team/app/manifests/1'

const start = async (threads: number) => {
  const { server } = await startMirrored({}, { access: { anonymous: 'push' }, threads })
  return server
}

const push = async (server: StartedServer, name: string) =>
  pushImage(server, 'team/app', { tag: '1', recipe: smallImage(name) })

/** Commits hold, but that they last can't be said. */
const withoutLog = async <T>({ data }: StartedServer, act: () => Promise<T>): Promise<T> => {
  const log = join(data, 'entrepot.db-wal')
  await rename(log, `${log}.aside`)
  return act().finally(() => rename(`${log}.aside`, log))
}

/** On several connections, so that each thread remembers it. */
const pullOften = (server: StartedServer) =>
  Promise.all(Array.from({ length: 12 }, () => ask(server, path)))

test.each([1, 2])(
  'a removal that may not last is not hidden by what is remembered, with %i threads',
  async (threads) => {
    const server = await start(threads)
    await push(server, 'ours')
    await pullOften(server)
    const removed = await withoutLog(server, () => ask(server, path, { method: 'DELETE' }))
    expect(removed.status).toBe(500)
    expect((await ask(server, path, { method: 'DELETE' })).status).toBe(404)
    for (const { status } of await pullOften(server)) expect(status).toBe(404)
  },
)

test('a push that may not last is not hidden by what is remembered', async () => {
  const server = await start(1)
  await push(server, 'before')
  await pullOften(server)
  const next = await push(server, 'after')
  await push(server, 'before')
  await pullOften(server)
  const headers = { 'content-type': next.descriptor.mediaType }
  const request = { method: 'PUT', headers, body: next.bytes }
  expect((await withoutLog(server, () => ask(server, path, request))).status).toBe(500)
  expect((await ask(server, path)).body).toEqual(next.bytes)
})
