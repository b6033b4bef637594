// Our own suite of the OCI distribution spec 1.1: each file is a section of it, a table of cases, each of
// them run for both digest algorithms, against one serving thread and two. `vitest run --project
// integration test/integration/conformance` ends with how many there are.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DigestAlgorithm } from '../../../src/oci/digest.ts'
import { ask, errorOf, type RawRequest, type Reply } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'
import type { CaseMaker, Expected, Given, Path, Section, Step } from './case.ts'
import { type Content, ContentMaker, describeContent } from './content.ts'

const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512']

/** The last that were told. */
type Places = { location: string; session: string }

let directory: TemporaryDirectory
let server: StartedServer

/** Runs a section's table. */
export function runSection(title: string, section: Section): void {
  describe.each([1, 2])(`${title}, with %i threads`, (threads) => {
    beforeAll(async () => {
      directory = await makeTemporaryDirectory()
      server = await startServer(directory.path, {
        threads,
        offline: true,
        access: { anonymous: 'push' },
      })
    })
    afterAll(async () => {
      await server.stop()
      await directory.remove()
    })

    describe.each(algorithms)('%s', (algorithm) => {
      const cases = Object.entries(section).map(([name, make], number) => ({ name, make, number }))
      test.each(cases)('$name', async ({ make, number }) => {
        await runCase(make, algorithm, number)
      })
    })
  })
}

async function runCase(make: CaseMaker, algorithm: DigestAlgorithm, number: number) {
  const repository = `conformance/${algorithm}-${number}`
  const content = new ContentMaker(algorithm, repository)
  const given: Given = { algorithm, make: content, repository, other: `${repository}-other` }
  const { steps, ...before } = make(given)
  await prepare(repository, [...hostedBefore(content), ...(before.given ?? [])])
  if (before.givenElsewhere) {
    await prepare(given.other, [...hostedBefore(content), ...before.givenElsewhere])
  }
  const places: Places = { location: '', session: '' }
  for (const step of steps) {
    const path = resolvePath(step.send[1], repository, places)
    const reply = await send(step, path)
    check(reply, step.expect, `${step.send[0]} ${path}`)
    const { location } = reply.headers
    if (location === undefined) continue
    places.location = location
    if (reply.status !== 201) places.session = location
    await checkLocation(reply, step.expect)
  }
}

/** A repository is hosted from its first image on. */
function hostedBefore(make: ContentMaker): readonly Content[] {
  const image = make.image([], { annotations: { 'org.example.first': 'yes' } })
  return [make.config, image]
}

async function prepare(repository: string, contents: readonly Content[]): Promise<void> {
  for (const { kind, bytes, digest, mediaType, tag } of contents) {
    const isBlob = kind === 'blob'
    const path = isBlob ? `blobs/uploads/?digest=${digest}` : `manifests/${tag ?? digest}`
    const headers = { 'content-type': isBlob ? 'application/octet-stream' : mediaType }
    const method = isBlob ? 'POST' : 'PUT'
    const reply = await ask(server, `/v2/${repository}/${path}`, { method, headers, body: bytes })
    expect(reply.status, reply.body.toString()).toBe(201)
  }
}

function resolvePath(path: Path, repository: string, places: Places): string {
  if (typeof path === 'string') return path.startsWith('/v2') ? path : `/v2/${repository}/${path}`
  const place = places[path.at]
  expect(place, 'a Location').not.toBe('')
  if (path.from !== undefined) return place.replace(`/${repository}/`, `/${path.from}/`)
  if (path.query === undefined) return place
  return `${place}${place.includes('?') ? '&' : '?'}${path.query}`
}

function send({ send: [method], headers, body, isChunked }: Step, path: string): Promise<Reply> {
  const framing: Record<string, string> = isChunked
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': `${Buffer.byteLength(body ?? '')}` }
  const hasFraming = body !== undefined || !['GET', 'HEAD'].includes(method)
  const request: RawRequest = { method, headers: { ...(hasFraming && framing), ...headers } }
  return ask(server, path, body === undefined ? request : { ...request, body })
}

function check(reply: Reply, expected: Expected, what: string): void {
  const text = reply.headers['content-type']?.includes('json') ? reply.body.toString() : ''
  expect(reply.status, `${what}: ${text.slice(0, 500)}`).toBe(expected.status)
  expect(reply.isComplete).toBe(true)
  expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0')
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const found = reply.headers[name.toLowerCase()]
    if (wanted instanceof RegExp) expect(found, `${name} of ${what}`).toMatch(wanted)
    else expect(found, `${name} of ${what}`).toBe(wanted)
  }
  if (expected.error !== undefined) expect(errorOf(reply).code).toBe(expected.error)
  if (expected.json !== undefined) expect(JSON.parse(text)).toEqual(expected.json)
  if (expected.body) expect(reply.body.equals(expected.body), what).toBe(true)
}

/** Wherever a client is sent, it finds what was said. */
async function checkLocation(answered: Reply, expected: Expected): Promise<void> {
  const path = answered.headers.location ?? ''
  const reply = await ask(server, path)
  if (answered.status !== 201) {
    const { range, location } = answered.headers
    check(reply, { status: 204, headers: { Range: range, Location: location } }, `GET ${path}`)
    return
  }
  const { stored } = expected
  if (!stored) throw new Error('a case with a 201 says what is stored')
  const isBlob = stored.kind === 'blob'
  const headers = {
    'Docker-Content-Digest': stored.digest,
    'Content-Length': `${stored.bytes.length}`,
    'Content-Type': isBlob ? 'application/octet-stream' : describeContent(stored).mediaType,
  }
  check(reply, { status: 200, headers, body: stored.bytes }, `GET ${path}`)
}
