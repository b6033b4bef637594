import { expect, test } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { dropHeader, holdAfter, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const mebibyte = 1024 * 1024
const bytes = makeBytes('concurrent', 3 * mebibyte)

const startWithBlob = async () => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  return { ...mirrored, digest, path: `/v2/team/app/blobs/${digest}` }
}

test('a hundred clients of one cold blob cause one GET upstream', async () => {
  const { upstream, server, path } = await startWithBlob()

  const replies = await Promise.all(Array.from({ length: 100 }, () => ask(server, path)))

  for (const { status, headers, body, isComplete } of replies) {
    expect(status).toBe(200)
    expect(headers['content-length']).toBe(String(bytes.length))
    expect(isComplete).toBe(true)
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(1)
  expect(upstream.count(`HEAD ${path}`)).toBe(0)
})

test('a client gets what has arrived before the rest has', async () => {
  const { upstream, server, path } = await startWithBlob()
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(2 * mebibyte, gate))

  const reply = await openReply(server, path)
  const begin = await reply.read(mebibyte)
  expect(begin.equals(bytes.subarray(0, begin.length))).toBe(true)

  gate.open()
  const { body, isComplete } = await reply.finish()
  expect(isComplete).toBe(true)
  expect(body.equals(bytes)).toBe(true)
})

test('who joins half way gets the whole from the same fetch', async () => {
  const { upstream, server, path } = await startWithBlob()
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(2 * mebibyte, gate))
  const first = await openReply(server, path)
  await first.read(mebibyte)

  const second = await openReply(server, path)
  const begin = await second.read(mebibyte)
  expect(begin.equals(bytes.subarray(0, begin.length))).toBe(true)
  gate.open()

  for (const { body, isComplete } of await Promise.all([first.finish(), second.finish()])) {
    expect(isComplete).toBe(true)
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(1)
})

test('a blob whose length upstream does not announce comes whole, with its length', async () => {
  const { upstream, server, path } = await startWithBlob()
  upstream.script(`GET ${path}`, dropHeader('content-length'))

  const replies = await Promise.all([1, 2, 3].map(() => ask(server, path)))

  for (const { headers, body, isComplete } of replies) {
    expect(headers['content-length']).toBe(String(bytes.length))
    expect(isComplete).toBe(true)
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(1)
})

test('an empty blob comes empty, cold and kept', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('team/app').addBlob(Buffer.alloc(0))
  const path = `/v2/team/app/blobs/${digest}`

  const cold = await ask(server, path)
  const kept = await pullUntilKept(server, path)

  for (const { status, headers, isComplete } of [cold, kept]) {
    expect(status).toBe(200)
    expect(headers['content-length']).toBe('0')
    expect(isComplete).toBe(true)
  }
})

test('a blob bears the same headers however it came about, for GET and HEAD', async () => {
  const { upstream, server, path, digest } = await startWithBlob()

  const head = await ask(server, path, { method: 'HEAD' })
  expect(upstream.count(/^GET .*blobs/)).toBe(0)
  const cold = await ask(server, path)
  const kept = await pullUntilKept(server, path)
  const keptHead = await ask(server, path, { method: 'HEAD' })

  expect(kept.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': String(bytes.length),
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    'cache-control': 'max-age=31536000, immutable',
  })
  const withoutDate = { ...kept.headers, date: '' }
  expect({ ...keptHead.headers, date: '' }).toEqual(withoutDate)
  const asIfKept = { date: '', 'x-entrepot-cache': 'hit' }
  expect({ ...head.headers, ...asIfKept }).toEqual(withoutDate)
  expect({ ...cold.headers, ...asIfKept }).toEqual(withoutDate)
  expect(keptHead.body).toHaveLength(0)
})

test('two repositories that want one blob at once share its fetch', async () => {
  const { upstream, server, digest } = await startWithBlob()
  upstream.repository('team/other').addBlob(bytes)
  const gate = makeGate()
  upstream.script(/^GET .*blobs/, waitFor(gate))

  const first = ask(server, `/v2/team/app/blobs/${digest}`)
  await upstream.received(/^GET .*blobs/)
  const second = ask(server, `/v2/team/other/blobs/${digest}`)
  await upstream.received(/^HEAD .*blobs/)
  gate.open()

  for (const { body } of await Promise.all([first, second])) expect(body.equals(bytes)).toBe(true)
  expect(upstream.count(/^GET .*blobs/)).toBe(1)
  expect(upstream.count(`HEAD /v2/team/other/blobs/${digest}`)).toBe(1)
})
