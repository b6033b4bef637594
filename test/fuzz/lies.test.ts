import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ask, type Reply } from '../support/raw-client.ts'
import { fuzz, isLong } from './fuzz-settings.ts'
import { FuzzedServer } from './fuzzed-server.ts'
import { lies } from './lies.ts'
import { type Lies, LyingUpstream } from './lying-upstream.ts'
import { sampleImageDigest, sampleLayer } from './sample-documents.ts'

/** Each with lies of its own at the same time; one that fails again and again is left alone for a while. */
const upstreamCount = 60
const layer = digestOf(sampleLayer)

let upstreams: readonly LyingUpstream[]
let server: FuzzedServer

beforeAll(async () => {
  const starting = Array.from({ length: upstreamCount }, () => LyingUpstream.start())
  upstreams = await Promise.all(starting)
  const settings = { idleTimeout: '200ms', tagTtl: '1ms', missTtl: '1ms' }
  const entries = upstreams.map(({ url }, number) => [nameOf(number), { url, ...settings }])
  server = await FuzzedServer.start({
    upstreams: Object.fromEntries(entries),
    defaultUpstream: nameOf(0),
    log: { level: 'warn' },
  })
  return () => {
    for (const upstream of upstreams) upstream.stop()
  }
})

function nameOf(number: number): string {
  return `upstream-${number}.test`
}

type Question = {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  readonly range: string | undefined
}

const question: fc.Arbitrary<Question> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD'),
  path: fc.constantFrom(
    'manifests/1',
    `manifests/${sampleImageDigest}`,
    `blobs/${layer}`,
    'tags/list?n=2',
    `referrers/${sampleImageDigest}?artifactType=a`,
    `referrers/${sampleImageDigest}`,
  ),
  range: fc.constantFrom(undefined, undefined, 'bytes=2-5'),
})

type Situation = {
  readonly upstreamNumber: number
  readonly lies: Lies
  readonly repository: string
  readonly questions: readonly Question[]
}

const situation: fc.Arbitrary<Situation> = fc.record({
  upstreamNumber: fc.nat({ max: upstreamCount - 1 }),
  lies,
  /** Of its own most often, and sometimes one of which something is kept. */
  repository: fc.oneof(
    fc.nat().map((number) => `up/app-${number}`),
    fc.constant('up/app'),
  ),
  questions: fc.array(question, { minLength: 1, maxLength: 3 }),
})

const situations = fc.uniqueArray(situation, {
  selector: ({ upstreamNumber }) => upstreamNumber,
  minLength: 1,
  maxLength: upstreamCount,
  size: 'max',
})

const lying = fc.asyncProperty(situations, async (all) => {
  await Promise.all(all.map(play))
  await server.expectAlive()
})

async function play({ upstreamNumber, lies, repository, questions }: Situation): Promise<void> {
  upstreams[upstreamNumber]?.tell(lies)
  const name = nameOf(upstreamNumber)
  const asked = questions.map(async (question) => {
    const { method, path, range } = question
    const headers = range === undefined ? {} : { range }
    const reply = await ask(server, `/v2/${name}/${repository}/${path}`, { method, headers })
    expectHonest(question, reply, name)
  })
  await Promise.all(asked)
}

/** A 5xx names the upstream, and nothing that is wrong is ever whole. */
function expectHonest({ method, path }: Question, reply: Reply, upstreamName: string): void {
  const { status, body, isComplete } = reply
  if (status >= 500 && method === 'GET') {
    expect([502, 503]).toContain(status)
    expect(body.toString()).toContain(upstreamName)
  }
  expect(status).not.toBe(500)
  const [, digest] = /^(?:blobs|manifests)\/(sha256:.*)$/.exec(path) ?? []
  if (method === 'HEAD' || !isComplete || digest === undefined) return
  if (status === 200) expect(digestOf(body)).toBe(digest)
  // What is asked for in part is passed on as it comes: only a whole can be held against its digest.
}

test('whatever an upstream answers, a 5xx is its own, nothing wrong is whole, and no growth', async () => {
  await fuzz(lying, { share: 0.07 })
  if (isLong) await server.noteVitals()
  await fuzz(lying, { share: 0.18, round: 1 })
  await server.expectSound()
})
