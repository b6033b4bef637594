import { expect, test } from 'vitest'
import { AnnouncedTags } from '../../../src/mirror/announced-tags.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { ociManifest } from '../../../src/oci/media-type.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'

const source = { upstream: 'docker.io' as UpstreamName, repository: parseRepository('team/app') }
const digest = digestOf(Buffer.from('a manifest'))
const announced = { digest, mediaType: ociManifest, sizeBytes: 10, checkedAt: 1 }

test('a registry that says of any tag that it means the same fills no memory', () => {
  const tags = new AnnouncedTags()
  for (let count = 0; count < 10_000; count++) tags.set(source, `v${count}` as Tag, announced)
  const meaning = tags.findMeaning(source, digest)
  expect(meaning.length).toBeLessThanOrEqual(100)
  expect(meaning.map(([tag]) => tag)).toContain('v9999')
})
