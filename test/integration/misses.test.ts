import { describe, expect, test } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { fail, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { missTtlMs, startMirrored } from '../support/start-mirrored.ts'

const nowhere = `sha256:${'0'.repeat(64)}`
const hex = 'ab'.repeat(32)
const longestReferrerMissMs = 5_000

const kinds = [
  { kind: 'a manifest by tag', what: 'manifests/none' },
  { kind: 'a manifest by digest', what: `manifests/${nowhere}` },
  { kind: 'a blob', what: `blobs/${nowhere}` },
  { kind: 'a list of tags', what: 'tags/list' },
]

/** An upstream that has the repository, and nothing in it. */
const startEmpty = async (settings: Record<string, unknown> = {}) => {
  const mirrored = await startMirrored(settings)
  const { upstream, server } = mirrored
  const repository = upstream.repository('team/app')
  upstream.script(/tags\/list/, fail(404))
  const statusOf = async (what: string, method = 'GET') =>
    (await ask(server, `/v2/team/app/${what}`, { method })).status
  const asked = () => upstream.count(/team/)
  return { ...mirrored, repository, statusOf, asked }
}

describe.each(kinds)('$kind that upstream does not have', ({ what }) => {
  test('is not asked for again for missTtl, and then it is', async () => {
    const { clock, statusOf, asked } = await startEmpty()
    for (const _ of [1, 2, 3]) expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(1)

    clock.advance(missTtlMs - 5_000)
    expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(1)

    clock.advance(5_000)
    expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(2)
  })

  test('is asked for each time where missTtl is 0', async () => {
    const { statusOf, asked } = await startEmpty({ missTtl: 0 })
    for (const _ of [1, 2, 3]) expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(3)
  })

  test('is asked for after the time that is configured, whatever the wall clock says', async () => {
    const { clock, statusOf, asked } = await startEmpty({ missTtl: '10m' })
    await statusOf(what)
    clock.jump(24 * 3_600_000)
    await statusOf(what)
    clock.jump(-48 * 3_600_000)
    await statusOf(what)
    expect(asked()).toBe(1)
    clock.advance(600_000)
    await statusOf(what)
    expect(asked()).toBe(2)
  })

  test('is asked once by many who come together', async () => {
    const { upstream, server, statusOf, asked } = await startEmpty()
    const gate = makeGate()
    upstream.script(/team/, waitFor(gate))
    const pulls = Array.from({ length: 20 }, () => statusOf(what))
    await upstream.received(/team/)
    for (const _ of [1, 2, 3]) await ask(server, '/healthz')
    gate.open()
    expect(new Set(await Promise.all(pulls))).toEqual(new Set([404]))
    expect(asked()).toBe(1)
  })
})

test.each(kinds.slice(0, 3))('GET and HEAD of $kind share what was missed', async ({ what }) => {
  for (const methods of [
    ['GET', 'HEAD'],
    ['HEAD', 'GET'],
  ]) {
    const { statusOf, asked } = await startEmpty()
    for (const method of methods) expect(await statusOf(what, method)).toBe(404)
    expect(asked()).toBe(1)
  }
})

test('what is pushed is found once missTtl is over', async () => {
  const { clock, repository, statusOf } = await startEmpty()
  const bytes = makeBytes('pushed', 1_000)
  const blob = `blobs/${digestOf(bytes)}`
  for (const what of ['manifests/1', blob]) expect(await statusOf(what)).toBe(404)
  await repository.addImage('1', smallImage('a'))
  repository.addBlob(bytes)
  expect(await statusOf('manifests/1')).toBe(404)

  clock.advance(missTtlMs)

  for (const what of ['manifests/1', blob]) expect(await statusOf(what)).toBe(200)
})

test('what was missed under one name says nothing of another', async () => {
  const { upstream, repository, statusOf, server } = await startEmpty()
  const image = await upstream.repository('team/other').addImage('1', smallImage('a'))
  expect(await statusOf('manifests/1')).toBe(404)
  expect((await ask(server, '/v2/team/other/manifests/1')).body).toEqual(image.bytes)
  await repository.addImage('2', smallImage('a'))
  expect(await statusOf('manifests/2')).toBe(200)
})

describe('what may be a signature', () => {
  test.each([
    { name: 'referrers', what: `referrers/${nowhere}` },
    { name: 'the fallback tag of referrers', what: `manifests/sha256-${hex}` },
    { name: "cosign's tag of a signature", what: `manifests/sha256-${hex}.sig` },
    { name: "cosign's tag of an attestation", what: `manifests/sha256-${hex}.att` },
    { name: "cosign's tag of an SBOM", what: `manifests/sha256-${hex}.sbom` },
    { name: 'the fallback tag of a sha512', what: `manifests/sha512-${hex}` },
  ])('is missed for five seconds and no longer: $name', async ({ what }) => {
    const { clock, repository, statusOf, asked } = await startEmpty({ missTtl: '1h' })
    repository.hasReferrersApi = false
    expect(await statusOf(what)).toBe(404)
    expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(1)

    clock.advance(longestReferrerMissMs)
    expect(await statusOf(what)).toBe(404)
    expect(asked()).toBe(2)
  })

  test.each([0, '1s'])('is missed no longer than missTtl, where that is %s', async (missTtl) => {
    const { clock, statusOf, asked } = await startEmpty({ missTtl })
    await statusOf(`manifests/sha256-${hex}.sig`)
    clock.advance(1_000)
    await statusOf(`manifests/sha256-${hex}.sig`)
    expect(asked()).toBe(2)
  })

  test('is no tag that only begins so', async () => {
    const { clock, statusOf, asked } = await startEmpty()
    const tags = ['sha256-abc', 'sha256-', `x-sha256-${hex}`]
    for (const tag of tags) await statusOf(`manifests/${tag}`)
    clock.advance(longestReferrerMissMs)
    for (const tag of tags) await statusOf(`manifests/${tag}`)
    expect(asked()).toBe(tags.length)
  })
})

describe.each(kinds)('an upstream that cannot say is asked again for $kind', ({ what }) => {
  test.each([401, 403, 500])('after %i', async (status) => {
    const { upstream, statusOf, asked } = await startEmpty()
    const mend = upstream.script(/team/, fail(status))
    expect(await statusOf(what)).toBe(status < 500 ? 403 : 503)
    mend()
    const before = asked()

    expect(await statusOf(what)).toBe(404)

    expect(asked()).toBe(before + 1)
  })
})

test('misses are of no account after a restart', async () => {
  const { restart, repository, statusOf } = await startEmpty()
  expect(await statusOf('manifests/1')).toBe(404)
  const image = await repository.addImage('1', smallImage('a'))

  expect((await ask(await restart(), '/v2/team/app/manifests/1')).body).toEqual(image.bytes)
})
