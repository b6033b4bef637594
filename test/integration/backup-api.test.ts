import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { BackupsAnswer } from '../../src/answers/backups.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'

const start = async (threads = 1) => {
  const folder = await makeFolder()
  const backups = join(folder, 'backups')
  await mkdir(backups, { recursive: true })
  const settings = { threads, backups, access: { anonymous: 'push' } }
  const server = await startServerForTest(folder, settings)
  const target = { url: `http://127.0.0.1:${server.port}`, repository: 'team/app' }
  const image = await pushImage(target, '1', smallImage('a'))
  const send = async (method: string, body?: object) => {
    const { headers } = server.operator
    const reply = await ask(server, '/api/v1/backups', {
      method,
      headers,
      ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}),
    })
    return { status: reply.status, answer: JSON.parse(`${reply.body}`) }
  }
  const ended = () =>
    vi.waitFor(
      async () => {
        const answer: BackupsAnswer = (await send('GET')).answer
        expect(answer.running).toBeUndefined()
        return answer
      },
      { timeout: 15_000 },
    )
  return { folder, backups, settings, server, image, send, ended }
}

test.each([1, 2])(
  'a backup is made, listed and can be restored, with %i threads',
  async (threads) => {
    const { folder, backups, server, image, send, ended } = await start(threads)
    expect(await ended()).toEqual({ folder: backups, backups: [] })
    const begun = await send('POST', { name: 'nightly' })
    expect([begun.status, begun.answer.running]).toMatchObject([200, { name: 'nightly' }])
    const done = await ended()
    expect(done.last).toMatchObject({ name: 'nightly', state: 'done', blobs: 3, problems: [] })
    expect(done.backups).toMatchObject([{ name: 'nightly', state: 'whole', blobs: 3 }])
    await server.stop()
    const to = join(folder, 'restored', 'data')
    const options = { from: join(backups, 'nightly'), data: to, isForced: false, now: Date.now }
    await restoreBackup({ ...options, onProgress: () => {}, onProblem: () => {} })
    const restored = await startServerForTest(join(folder, 'restored'), {})
    const reply = await ask(restored, '/v2/team/app/manifests/1')
    expect(reply.headers['docker-content-digest']).toBe(image.descriptor.digest)
  },
)

test('backups go nowhere else, and only who administers the server makes any', async () => {
  const { folder, backups, server, send, ended } = await start()
  await mkdir(join(folder, 'elsewhere'))
  await symlink(join(folder, 'elsewhere'), join(backups, 'link'))
  await writeFile(join(backups, 'file'), '')
  const names = ['../x', '/etc', 'a/b', '.', '..', '.x', 'A', '', 'x'.repeat(65), 'link', 'file']
  for (const name of names) expect((await send('POST', { name })).status, name).toBe(400)
  expect((await send('POST', { name: 'a', to: '/tmp' })).status).toBe(400)
  expect((await ask(server, '/api/v1/backups')).status).toBe(403)
  // A folder of somebody else's isn't written to.
  await mkdir(join(backups, 'photos'))
  await writeFile(join(backups, 'photos', 'one.jpg'), 'x')
  await send('POST', { name: 'photos' })
  expect((await ended()).last).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('holds no backup'),
  })
  expect((await ended()).backups).toEqual([])
})

test('without a folder there are none, and one that is named counts at once', async () => {
  const { folder, backups, settings, server, send, ended } = await start()
  await server.configure({ ...settings, backups: 'none' })
  expect(await ended()).toEqual({ backups: [] })
  const refused = await send('POST', { name: 'a' })
  expect([refused.status, refused.answer.error]).toEqual([409, expect.stringContaining('backups:')])
  await server.configure({ ...settings, backups: join(folder, 'unmounted') })
  expect(await ended()).toMatchObject({ fault: expect.stringContaining('ENOENT') })
  expect((await send('POST', { name: 'a' })).status).toBe(409)
  await server.configure({ ...settings, backups })
  await send('POST', { name: 'a' })
  expect((await send('POST', { name: 'b' })).status).toBe(409)
  const stopped = await send('DELETE')
  expect(stopped.answer.last.state).toMatch(/stopped|done/)
  expect((await send('DELETE')).status).toBe(409)
  await send('POST', { name: 'a' })
  expect((await ended()).last?.state).toBe('done')
})
