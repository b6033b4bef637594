import { validateHeaderValue } from 'node:http'
import fc from 'fast-check'
import { expect } from 'vitest'
import { isNotModified } from '../../src/http/conditional.ts'
import { formatWarning } from '../../src/http/content-headers.ts'
import { linkHeader, readPage } from '../../src/http/paging.ts'
import { readFlag, readObject, readRules, readText } from '../../src/http/read-json.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { RegistryError } from '../../src/oci/registry-error.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { readBudget } from '../../src/upstream/budget.ts'
import { parseChallenge } from '../../src/upstream/challenge.ts'
import { checkStatus } from '../../src/upstream/check-status.ts'
import { readManifestHead } from '../../src/upstream/manifest-answer.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { expectReading } from './expect-reading.ts'
import { fuzzTable, row } from './fuzz-table.ts'
import { mutated, mutatedJson } from './mutations.ts'
import { sampleImageDigest as digest } from './sample-documents.ts'

const path = '/v2/team/app/tags/list'
const queries = mutated(['?n=10&last=a', '?n=0', '?last=%00&n=', '?artifactType=a%2Fb&n=5'])
const rules = [{ repositories: ['team/**'], tags: '^v', keepLast: 5, maxAgeMs: 1000 }]
const bodies = mutatedJson([{ image: 'team/app:1' }, { dryRun: true, rules }])
const challenges = mutated([
  'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
  'Basic realm=x, Bearer realm=https://a/b,scope="a \\"b\\""',
])
const headers = fc.record({
  'retry-after': mutated(['120', 'Wed, 21 Oct 2026 07:28:00 GMT']),
  date: mutated(['Wed, 21 Oct 2026 07:27:00 GMT']),
  'ratelimit-limit': mutated(['100;w=21600']),
  'ratelimit-remaining': mutated(['76;w=21600', '76']),
  'docker-content-digest': mutated([digest]),
  'content-type': mutated(['application/vnd.oci.image.manifest.v1+json']),
  'content-length': mutated(['1234']),
})

const responses = fc.tuple(headers, fc.integer({ min: 200, max: 599 })).map(([all, status]) => {
  const texts: Readonly<Record<string, string>> = all
  return { status, header: (name: string) => texts[name] }
})

fuzzTable(
  [
    row('a page is read, and what leads on is a header', queries, (text) => {
      const url = { path, query: new URLSearchParams(text) }
      const page = expectReading(() => readPage(url), [RegistryError])
      if (page === undefined) return
      expect(page.limit).toBeGreaterThanOrEqual(0)
      const { Link = '' } = linkHeader(url, page, { entries: ['a'], hasMore: true })
      validateHeaderValue('Link', Link)
      expect(Link).toMatch(/^<[^<> ]+>; rel="next"$/)
    }),
    row('a body in JSON is read, or it is said what is wrong', bodies, (text) => {
      const read = () => readObject(text, ['image', 'dryRun', 'rules', 'other'])
      const fields = expectReading(read, [RegistryError])
      if (fields === undefined) return
      expectReading(() => readText(fields, 'image'), [RegistryError])
      expectReading(() => readFlag(fields, 'dryRun'), [RegistryError])
      for (const value of [fields.rules, fields.other])
        expectReading(() => readRules(value), [RegistryError])
    }),
    row('any text can be a warning', mutated(['served as of now: "x" didn’t']), (text) => {
      validateHeaderValue('Warning', expectReading(() => formatWarning(text), [])!)
    }),
    row('If-None-Match is held against an ETag', mutated([`W/"${digest}", "b"`, '*']), (text) => {
      expectReading(() => isNotModified({ 'if-none-match': text }, `"${digest}"`), [])
    }),
    row('a challenge is read', challenges, (text) => {
      expectReading(() => parseChallenge(text), [])
    }),
    row('an upstream’s answer is read', responses, (response) => {
      expectReading(() => readBudget(response, 0), [])
      const head = () => readManifestHead(parseReference('latest'), response as never)
      const { sizeBytes = 0 } = expectReading(head, []) ?? {}
      expect(Number.isSafeInteger(sizeBytes)).toBe(true)
      expectReading(() => expectSeconds(response), [])
    }),
  ],
  { share: 0.06 },
)

/** What is said of when to ask again can stand in a header. */
function expectSeconds(response: Parameters<typeof checkStatus>[1]): void {
  try {
    checkStatus(dockerHub, response)
  } catch (error) {
    expect(error).toBeInstanceOf(UpstreamError)
    expect(String((error as UpstreamError).retryAfterSeconds ?? 0)).toMatch(/^\d{1,5}$/)
  }
}
