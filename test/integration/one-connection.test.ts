import { describe, expect, test } from 'vitest'
import { costOf, isPart, mebibyte, pull, size, startWithBlobs } from '../support/large-blobs.ts'
import { openReply } from '../support/raw-client.ts'
import { fail, limitEach, limitedFor, shareLine } from '../support/scripted-behaviour.ts'
import { ignoreRange } from '../support/scripted-lies.ts'
import type { Behaviour } from '../support/scripted-upstream.ts'

/** Something else for requests that aren't for the whole. */
const toParts =
  (behaviour: Behaviour): Behaviour =>
  (usual, request) =>
    request.headers.range === undefined ? usual : behaviour(usual, request)

describe('one connection is enough', () => {
  test('where all share a line, as is found out once', async () => {
    const { upstream, server, digests, first, second } = await startWithBlobs({}, shareLine(10e6))

    const tried = await pull(server, first)
    const known = await pull(server, second)

    expect([tried.digest, known.digest]).toEqual(digests)
    expect(tried.ms).toBeLessThan(1.15 * known.ms)
    expect(costOf(upstream, first)).toBeLessThan(1.06)
    const ranges = upstream.rangesOf(`GET ${first}`)
    expect(ranges.length).toBeGreaterThan(1)
    expect(ranges.at(-1)).toMatch(/^bytes=\d+-$/)
    expect(ranges.filter(isPart).length).toBe(ranges.length - 2)
    expect(upstream.rangesOf(`GET ${second}`)).toEqual([undefined])
  })

  test('where upstream is fast', async () => {
    const { upstream, server, digests, first } = await startWithBlobs({}, (usual) => usual)

    expect((await pull(server, first)).digest).toBe(digests[0])

    expect(upstream.rangesOf(`GET ${first}`)).toEqual([undefined])
  })

  test('where a bandwidth is the limit, which holds for all of them together', async () => {
    const bandwidth = '8MB/s'
    const { upstream, server, digests, first } = await startWithBlobs(
      { bandwidth },
      (usual) => usual,
    )

    const { digest, ms } = await pull(server, first)

    expect(digest).toBe(digests[0])
    expect(ms).toBeGreaterThan((0.9 * size * 1000) / 8e6)
    expect(upstream.rangesOf(`GET ${first}`).at(-1)).toMatch(/^bytes=\d+-$/)
  })

  const refusals = [
    { name: 'serves no parts', refusal: ignoreRange },
    { name: 'answers 429', refusal: limitedFor(60) },
    { name: 'answers 503', refusal: fail(503) },
    { name: 'answers 404', refusal: fail(404) },
  ]
  // All of them by command, with LONG_RUNS=1.
  test.each(refusals.slice(0, process.env.LONG_RUNS ? 4 : 2))(
    'where upstream $name; the blob notices nothing',
    async ({ refusal }) => {
      const limited = limitEach(10_000_000)
      const behaviour: Behaviour = async (usual, request) =>
        limited(await toParts(refusal)(usual, request), request)
      const started = await startWithBlobs({}, behaviour)
      const { upstream, server, clock, digests, first, second } = started

      expect((await pull(server, first)).digest).toBe(digests[0])

      const ranges = upstream.rangesOf(`GET ${first}`)
      expect(ranges).toHaveLength(2)
      expect(ranges.filter(isPart)).toHaveLength(1)
      expect(costOf(upstream, first)).toBeLessThan(1.06)
      clock.advance(61_000)
      const next = await openReply(server, second)
      await next.read(12 * mebibyte)
      expect(upstream.rangesOf(`GET ${second}`)).toEqual([undefined])
      next.leave()
    },
  )
})
