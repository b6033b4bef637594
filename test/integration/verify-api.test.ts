import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { VerifyAnswer } from '../../src/answers/verify.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const start = async (threads = 1) => {
  const mirrored = await startMirrored({}, { threads })
  const { server, upstream } = mirrored
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, '/v2/docker.io/team/app/manifests/1')
  for (const { digest } of [image.config, ...image.layers])
    await pullUntilKept(server, `/v2/docker.io/team/app/blobs/${digest}`)
  const send = async (method: string, body?: object) => {
    const { headers } = server.operator
    const reply = await ask(server, '/api/v1/verify', {
      method,
      headers,
      ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}),
    })
    return { status: reply.status, answer: JSON.parse(`${reply.body}`) }
  }
  const look = async (): Promise<VerifyAnswer> => (await send('GET')).answer
  const ended = () =>
    vi.waitFor(
      async () => {
        const answer = await look()
        expect(answer.running).toBeUndefined()
        return answer
      },
      { timeout: 15_000 },
    )
  const damage = async (digest = '') =>
    writeFile(join(server.data, 'blobs', digest.replace(':', '/')), 'wrong')
  return { ...mirrored, image, send, look, ended, damage }
}

test.each([1, 2])(
  'a verification finds what is damaged, and another one heals it, with %i threads',
  async (threads) => {
    const { send, ended, damage, image, restart } = await start(threads)
    expect(await ended()).toEqual({ runs: [], findings: [] })
    const layer = image.layers[0]?.digest
    await damage(layer)
    const begun = await send('POST', {})
    expect([begun.status, begun.answer.running]).toMatchObject([200, { repair: false }])
    const found = await ended()
    expect(found.runs).toMatchObject([{ state: 'done', files: 3, found: 1, healed: 0 }])
    const finding = { by: 'verify', what: layer, healed: false }
    const images = ['docker.io/team/app:1']
    expect(found.findings).toMatchObject([
      { ...finding, finding: expect.stringContaining('5 bytes instead of'), images },
    ])
    await send('POST', { repair: true })
    const healed = await ended()
    expect(healed.runs).toMatchObject([{ repair: true, found: 1, healed: 1 }, { repair: false }])
    const outcome = 'fetched again from docker.io/team/app'
    expect(healed.findings[0]).toMatchObject({ ...finding, healed: true, outcome })
    await send('POST', {})
    expect((await ended()).runs[0]).toMatchObject({ found: 0 })
    // What was found is remembered.
    const restarted = await restart()
    expect((await ask(restarted, '/api/v1/verify')).status).toBe(403)
    const { headers } = restarted.operator
    const again = await ask(restarted, '/api/v1/verify', { headers })
    expect(JSON.parse(`${again.body}`).findings).toHaveLength(2)
  },
)

test('one at a time is under way, which can be stopped, and which is audited', async () => {
  const { server, send, look } = await start()
  // It takes seconds to be read.
  const large = join(server.data, 'blobs', 'sha256', 'f'.repeat(64))
  await writeFile(large, '')
  await truncate(large, 1_000_000_000)
  await send('POST', {})
  const second = await send('POST', {})
  expect([second.status, second.answer.error]).toEqual([
    409,
    'a verification is under way: watch it, or stop it first',
  ])
  await vi.waitFor(async () => expect((await look()).running?.bytes).toBeGreaterThan(1_000_000))
  const stopped = await send('DELETE')
  expect([stopped.status, stopped.answer.runs]).toMatchObject([200, [{ state: 'stopped' }]])
  expect(stopped.answer.running).toBeUndefined()
  expect((await send('DELETE')).status).toBe(409)
  expect((await send('POST', { repairs: true })).status).toBe(400)
  const { headers } = server.operator
  const audit = await vi.waitFor(async () => {
    const reply = await ask(server, '/api/v1/audit?what=verify', { headers })
    const { records } = JSON.parse(`${reply.body}`)
    expect(records).toHaveLength(5)
    return records
  })
  expect(audit.at(-1)).toMatchObject({ subject: 'all that is kept', result: 'ok' })
  // One that is under way ends with the server.
  await send('POST', {})
  await server.stop()
})
