import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import { ask, openReply } from '../../support/raw-client.ts'
import {
  challengeWithRealm,
  changeTo,
  claimLength,
  claimType,
  endless,
  ignoreRange,
  redirectInCircle,
  truncateTo,
  wrongDigestHeader,
} from '../../support/scripted-lies.ts'
import { type Behaviour, ScriptedUpstream } from '../../support/scripted-upstream.ts'

const bytes = makeBytes('lies', 10_000)
const other = makeBytes('other', 10_000)

const startWithBlob = async (behaviour: Behaviour) => {
  const upstream = await ScriptedUpstream.start()
  onTestFinished(() => upstream.stop())
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  upstream.script(/blobs/, behaviour)
  const askRange = (range?: string) => ask(upstream, path, { headers: range ? { range } : {} })
  return { upstream, digest, path, askRange }
}

test('ranges are ignored', async () => {
  const { askRange } = await startWithBlob(ignoreRange)

  for (const range of ['bytes=10-19', 'bytes=20000-']) {
    const reply = await askRange(range)
    expect(reply.status).toBe(200)
    expect(reply.headers).not.toHaveProperty('content-range')
    expect(reply.body.equals(bytes)).toBe(true)
  }
})

describe('a length that is wrong', () => {
  test('breaks the connection where more is claimed', async () => {
    const { askRange } = await startWithBlob(claimLength(10_001))

    const reply = await askRange()

    expect(reply.headers['content-length']).toBe('10001')
    expect(reply.body).toHaveLength(10_000)
    expect(reply.isComplete).toBe(false)
  })

  test('leaves a body that looks whole where less is claimed', async () => {
    const { askRange } = await startWithBlob(claimLength(9_999))

    const reply = await askRange()

    expect(reply.body).toHaveLength(9_999)
    expect(reply.isComplete).toBe(true)
  })
})

test.each([
  { header: 'content-type', behaviour: claimType('text/html'), value: 'text/html' },
  {
    header: 'docker-content-digest',
    behaviour: wrongDigestHeader('sha256:other'),
    value: 'sha256:other',
  },
  {
    header: 'www-authenticate',
    behaviour: challengeWithRealm('http://elsewhere/token'),
    value: 'Bearer realm="http://elsewhere/token",service="scripted"',
  },
])('$header says what the test wants', async ({ header, behaviour, value }) => {
  const { askRange } = await startWithBlob(behaviour)

  expect((await askRange()).headers[header]).toBe(value)
})

test('redirects in a circle never lead to the same address', async () => {
  const { upstream, path } = await startWithBlob(redirectInCircle)

  const first = await ask(upstream, path)
  const second = await ask(upstream, first.headers.location ?? '')

  expect([first.status, second.status]).toEqual([307, 307])
  expect(first.headers.location).toBe(`${path}?turn=1`)
  expect(second.headers.location).toBe(`${path}?turn=2`)
})

test.each([
  {
    name: 'a truncated object',
    behaviour: truncateTo(4_000),
    object: bytes.subarray(0, 4_000),
  },
  { name: 'another object of the same size', behaviour: changeTo(other), object: other },
  {
    name: 'another object of another size',
    behaviour: changeTo(other.subarray(1)),
    object: other.subarray(1),
  },
])('$name is whole and honest about its parts', async ({ behaviour, object }) => {
  const { askRange, digest } = await startWithBlob(behaviour)
  const size = object.length

  const whole = await askRange()
  const part = await askRange('bytes=3000-')
  const beyond = await askRange(`bytes=${size}-`)

  expect([whole.status, part.status, beyond.status]).toEqual([200, 206, 416])
  expect(whole.body.equals(object)).toBe(true)
  expect(part.body.equals(object.subarray(3_000))).toBe(true)
  expect(part.headers['content-range']).toBe(`bytes 3000-${size - 1}/${size}`)
  expect(beyond.headers['content-range']).toBe(`bytes */${size}`)
  for (const reply of [whole, part, beyond]) {
    expect(reply.isComplete).toBe(true)
    expect(reply.headers['docker-content-digest']).toBe(digest)
  }
})

test('what is not found is not truncated', async () => {
  const { upstream } = await startWithBlob(truncateTo(1))

  const reply = await ask(upstream, `/v2/team/app/blobs/sha256:${'0'.repeat(64)}`)

  expect(reply.status).toBe(404)
  expect(reply.body.length).toBeGreaterThan(1)
})

test('an endless body has no length, and ends when its client leaves', async () => {
  const { upstream, path } = await startWithBlob(endless)

  const reply = await openReply(upstream, path)
  expect(reply.headers).not.toHaveProperty('content-length')
  const begin = await reply.read(1_000_000)
  expect(begin.subarray(0, bytes.length).equals(bytes)).toBe(true)
  reply.leave()

  await vi.waitFor(() => expect(upstream.openResponses).toBe(0))
  expect(upstream.bytesSent(`GET ${path}`)).toBeGreaterThan(900_000)
})
