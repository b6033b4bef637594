import fc from 'fast-check'
import { expect } from 'vitest'
import { defaultConfig } from '../../src/config/check-config.ts'
import { resolveOwn } from '../../src/hosted/own-name.ts'
import { resolveSource } from '../../src/mirror/resolve-source.ts'
import { formatContentRange, parseContentRange, parseRange } from '../../src/oci/byte-range.ts'
import { parseDigest } from '../../src/oci/digest.ts'
import { parseImageName } from '../../src/oci/image-name.ts'
import { isManifestType, readMediaType } from '../../src/oci/media-type.ts'
import { cutPage } from '../../src/oci/page.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { quote, RegistryError } from '../../src/oci/registry-error.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { parseRequestPath } from '../../src/oci/request-path.ts'
import { looksLikeHost, readUpstreamName } from '../../src/oci/upstream-name.ts'
import { completePattern } from '../../src/space/pin-pattern.ts'
import { expectReading } from './expect-reading.ts'
import { fuzzTable, row } from './fuzz-table.ts'
import { mutated } from './mutations.ts'

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`
const sha512 = `sha512:${'0123456789abcdef'.repeat(8)}`
const config = defaultConfig('/')
/** What may stand in a file's name, a header and a statement without any escape. */
const plainText = /^[\w./:@-]*$/

const repositories = mutated(['library/alpine', 'a', 'team/app-1.2__x/y--z', 'a'.repeat(255)])
const references = mutated(['latest', '1.2-rc_3', 'x'.repeat(128), sha256, sha512])
const images = mutated([
  'alpine',
  'team/app:1',
  `docker.io/library/alpine@${sha256}`,
  `localhost:5000/a/b:c@${sha512}`,
])
const hosts = mutated([
  'docker.io',
  'ghcr.io',
  'localhost:5000',
  'host_5000',
  '10.0.0.1',
  '[::1]:1',
])
const paths = mutated([
  '/v2/',
  '/v2/_catalog',
  '/v2/team/app/manifests/1',
  `/docker.io/v2/team/app/blobs/${sha256}`,
  `/v2/team/app/referrers/${sha512}`,
  '/v2/team/app/tags/list',
  '/v2/team/app/blobs/uploads/',
  '/v2/team/app/blobs/uploads/6f0c9d54-1c2b-4c56-9e0d-0123456789ab-0123456789abcdef',
])
const ranges = mutated(['bytes=0-9', 'bytes=-5', 'bytes=5-', 'bytes=0-1,3-4, 7-', 'bytes=9-2'])
const sizes = fc.oneof(fc.nat({ max: 100 }), fc.maxSafeNat())

fuzzTable(
  [
    row('a repository is plain text, or is refused', repositories, (text) => {
      const name = expectReading(() => parseRepository(text), [RegistryError])
      if (name === undefined) return
      expect(name).toMatch(plainText)
      expect(name.split('/')).not.toContain('..')
    }),
    row('a reference is plain text, or is refused', references, (text) => {
      expect(expectReading(() => parseReference(text), [RegistryError]) ?? '').toMatch(plainText)
    }),
    row('a digest is itself, or is refused', references, (text) => {
      expect([undefined, text]).toContain(expectReading(() => parseDigest(text), [RegistryError]))
    }),
    row('an image name is read, or is refused', images, (text) => {
      const image = expectReading(() => parseImageName(text), [RegistryError])
      if (image === undefined) return
      expect(text.startsWith(image.name)).toBe(true)
      expectReading(() => resolveSource({ name: image.name }, config), [RegistryError])
      expectReading(() => resolveOwn({ name: image.name }, config), [RegistryError])
    }),
    row('a path means plain text or nothing, or is refused', paths, (text) => {
      const request = expectReading(() => parseRequestPath(text), [RegistryError])
      const { target, view } = request ?? {}
      if (target === undefined || !('name' in target)) return
      const ask = () => resolveSource({ name: target.name, view }, config)
      const source = expectReading(ask, [RegistryError])
      if (source) expect(`${source.upstream}/${source.repository}`).toMatch(plainText)
    }),
    row('an upstream’s name can stand in a URL', hosts, (text) => {
      const name = expectReading(() => readUpstreamName(text), [])
      expectReading(() => looksLikeHost(text), [])
      if (name !== undefined) expect(new URL(`https://${name}/`).pathname).toBe('/')
    }),
    row('a pattern of images is completed', images, (text) => {
      expectReading(() => completePattern(text, config), [])
    }),
    row('a Range is within the content', fc.tuple(ranges, sizes), ([header, size]) => {
      const request = expectReading(() => parseRange(header, size), [])
      if (request?.kind !== 'ranges') return
      for (const { start, end } of request.ranges)
        expect(start >= 0 && start <= end && end < size).toBe(true)
    }),
    row(
      'a Content-Range is within the content',
      mutated(['bytes 0-9/10', 'bytes 5-6/*']),
      (text) => {
        const content = expectReading(() => parseContentRange(text), [])
        if (content === undefined || !Number.isSafeInteger(content.size)) return
        const { range, size } = content
        expect(parseContentRange(formatContentRange(range, size))).toEqual(content)
      },
    ),
    row('a media type that is a manifest’s can stand in a header', mediaTypes(), (text) => {
      const type = expectReading(() => readMediaType(text), [])
      if (type !== undefined && expectReading(() => isManifestType(type), []))
        expect(type).toMatch(/^[\x21-\x7e]+$/)
    }),
    row('a quotation is short and JSON', fc.tuple(images, fc.nat({ max: 99 })), ([text, most]) => {
      const quoted = JSON.parse(quote(text, most)) as string
      expect(quoted.length).toBeLessThanOrEqual(most + 1)
    }),
    row('pages make up the list', pages(), ({ list, limit }) => {
      const seen: string[] = []
      for (let after: string | undefined; ; ) {
        const part = cutPage(list, { limit, after })
        seen.push(...part.entries)
        if (!part.hasMore) break
        after = part.entries.at(-1)
      }
      expect(seen).toEqual(list)
    }),
  ],
  { share: 0.08 },
)

function mediaTypes() {
  return mutated(['application/vnd.oci.image.manifest.v1+json; charset=utf-8', 'text/plain', ''])
}

function pages() {
  const list = fc.uniqueArray(references, { maxLength: 20 }).map((entries) => entries.sort())
  return fc.record({ list, limit: fc.integer({ min: 1, max: 25 }) })
}
