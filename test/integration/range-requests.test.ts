import { describe, expect, test } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask, errorOf, type Reply } from '../support/raw-client.ts'
import { holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const size = 300_000
const bytes = makeBytes('ranges', size)

interface Part {
  readonly contentRange: string
  readonly type: string
  readonly body: Buffer
}

/** Reads a multipart/byteranges body (RFC 9110 §14.6). */
const readParts = ({ headers, body }: Reply): Part[] => {
  const [, boundary] =
    /^multipart\/byteranges; boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? []
  const text = body.toString('latin1')
  const pieces = text.split(`\r\n--${boundary}`)
  expect(pieces[0]).toBe('')
  expect(pieces.at(-1)).toBe('--\r\n')
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n')
    const head = piece.slice(0, end)
    return {
      contentRange: /Content-Range: (.*)/i.exec(head)?.[1]?.trim() ?? '',
      type: /Content-Type: (.*)/i.exec(head)?.[1]?.trim() ?? '',
      body: Buffer.from(piece.slice(end + 4), 'latin1'),
    }
  })
}

const startWithBlob = async () => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  return { ...mirrored, digest, path: `/v2/team/app/blobs/${digest}` }
}

/** The blob is kept, or on its way with nothing more to come for now. */
const situations = [
  {
    name: 'a blob that is kept',
    start: async () => {
      const started = await startWithBlob()
      await pullUntilKept(started.server, started.path)
      return { ...started, go: () => {} }
    },
  },
  {
    name: 'a blob that is on its way',
    start: async () => {
      const started = await startWithBlob()
      const gate = makeGate()
      started.upstream.script(`GET ${started.path}`, holdAfter(100_000, gate))
      return { ...started, go: () => gate.open() }
    },
  },
]

describe.each(situations)('$name', ({ start }) => {
  const askRange = async (range: string) => {
    const started = await start()
    const reply = ask(started.server, started.path, { headers: { range } })
    await started.upstream.received(`GET ${started.path}`)
    started.go()
    return { ...started, reply: await reply }
  }

  test.each([
    { range: 'bytes=0-0', first: 0, last: 0 },
    { range: 'bytes=500-1499', first: 500, last: 1499 },
    { range: 'bytes=0-1', first: 0, last: 1 },
    { range: 'bytes=150000-150000', first: 150_000, last: 150_000 },
    { range: 'bytes=500-', first: 500, last: size - 1 },
    { range: 'bytes=-500', first: size - 500, last: size - 1 },
    { range: `bytes=-${2 * size}`, first: 0, last: size - 1 },
    { range: `bytes=299000-${2 * size}`, first: 299_000, last: size - 1 },
    { range: `bytes=0-${size}`, first: 0, last: size - 1 },
  ])('gives $range as one part', async ({ range, first, last }) => {
    const { reply, upstream, digest } = await askRange(range)

    expect(reply.status).toBe(206)
    expect(reply.isComplete).toBe(true)
    expect(reply.headers).toMatchObject({
      'content-range': `bytes ${first}-${last}/${size}`,
      'content-length': String(last - first + 1),
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    })
    expect(reply.body.equals(bytes.subarray(first, last + 1))).toBe(true)
    expect(upstream.count(/^GET .*blobs/)).toBe(1)
  })

  test.each([`bytes=${size}-`, `bytes=${size}-${size + 9}`, 'bytes=500-0', 'bytes=-0'])(
    'has nothing for %s',
    async (range) => {
      const { reply } = await askRange(range)

      expect(reply.status).toBe(416)
      expect(reply.headers['content-range']).toBe(`bytes */${size}`)
      expect(errorOf(reply).code).toBe('RANGE_INVALID')
    },
  )

  test.each(['bytes=a-b', 'bytes=', 'bytes=-', 'lines=1-2', 'bytes=1-2-3'])(
    'comes whole where the range is %s',
    async (range) => {
      const { reply } = await askRange(range)

      expect(reply.status).toBe(200)
      expect(reply.body.equals(bytes)).toBe(true)
    },
  )

  test('gives several ranges as parts, each with its Content-Range', async () => {
    const { reply, upstream } = await askRange('bytes=0-9, 1000-1999 ,-5')

    expect(reply.status).toBe(206)
    expect(reply.headers).not.toHaveProperty('content-range')
    expect(reply.headers['content-length']).toBe(String(reply.body.length))
    const parts = readParts(reply)
    expect(parts.map((part) => part.contentRange)).toEqual([
      `bytes 0-9/${size}`,
      `bytes 1000-1999/${size}`,
      `bytes ${size - 5}-${size - 1}/${size}`,
    ])
    const wanted = [bytes.subarray(0, 10), bytes.subarray(1000, 2000), bytes.subarray(-5)]
    for (const [position, part] of parts.entries()) {
      expect(part.type).toBe('application/octet-stream')
      expect(part.body.equals(wanted[position] ?? Buffer.alloc(0))).toBe(true)
    }
    expect(upstream.count(/^GET .*blobs/)).toBe(1)
  })

  test('gives the satisfiable one of two ranges alone', async () => {
    const { reply } = await askRange(`bytes=0-9,${size}-`)

    expect(reply.status).toBe(206)
    expect(reply.headers['content-range']).toBe(`bytes 0-9/${size}`)
    expect(reply.body.equals(bytes.subarray(0, 10))).toBe(true)
  })

  test('comes whole where the ranges add up to more than it', async () => {
    const { reply } = await askRange('bytes=0-,0-,0-')

    expect(reply.status).toBe(200)
    expect(reply.body.equals(bytes)).toBe(true)
  })
})

describe('If-Range', () => {
  test.each([
    {
      name: 'with the ETag gives the part',
      ifRange: (digest: string) => `"${digest}"`,
      status: 206,
    },
    { name: 'with another ETag gives the whole', ifRange: () => '"sha256:other"', status: 200 },
    {
      name: 'with a weak ETag gives the whole',
      ifRange: (digest: string) => `W/"${digest}"`,
      status: 200,
    },
    { name: 'with a date gives the whole', ifRange: () => new Date(0).toUTCString(), status: 200 },
  ])('$name', async ({ ifRange, status }) => {
    const { server, path, digest } = await startWithBlob()
    await pullUntilKept(server, path)

    const headers = { range: 'bytes=0-9', 'if-range': ifRange(digest) }
    const reply = await ask(server, path, { headers })

    expect(reply.status).toBe(status)
    expect(reply.body).toHaveLength(status === 206 ? 10 : size)
  })
})
