import fc from 'fast-check'
import { expect } from 'vitest'
import { readImageConfig } from '../../src/oci/image-config.ts'
import { readImageLayers } from '../../src/oci/image-layers.ts'
import { ManifestFormatError, parseManifest } from '../../src/oci/manifest.ts'
import { readManifestContent } from '../../src/oci/manifest-content.ts'
import { isManifestType, ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import { parsePushedManifest } from '../../src/oci/pushed-manifest.ts'
import { recogniseManifest } from '../../src/oci/recognise-manifest.ts'
import { RegistryError } from '../../src/oci/registry-error.ts'
import { expectReading } from './expect-reading.ts'
import { fuzzTable, row } from './fuzz-table.ts'
import { mutatedJson } from './mutations.ts'
import { sampleConfig, sampleManifests } from './sample-documents.ts'

const documents = mutatedJson(sampleManifests)
const types = fc.constantFrom(undefined, ociManifest, ociIndex, 'a/b+json', 'text/html')
/** Bytes, since what is cut need not be text any more. */
const manifests = fc.tuple(documents, fc.nat({ max: 3 }), types).map(([text, cut, type]) => {
  const bytes = Buffer.from(text)
  return { bytes: bytes.subarray(0, bytes.length - cut), type }
})

fuzzTable(
  [
    row('an upstream’s manifest is read, or refused', manifests, ({ bytes, type }) => {
      const manifest = expectReading(() => parseManifest(bytes, type), [ManifestFormatError])
      if (manifest === undefined) return
      expect(isManifestType(manifest.mediaType)).toBe(true)
      const content = expectReading(() => readManifestContent(bytes), [])
      for (const { sizeBytes } of [...manifest.children, ...(content?.layers ?? [])])
        expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true)
      expectReading(() => readImageLayers(bytes, manifest.mediaType), [])
    }),
    row('a pushed manifest is read, or refused', manifests, ({ bytes, type }) => {
      const pushed = expectReading(() => parsePushedManifest(bytes, type), [RegistryError])
      // What is taken can be pulled again, and known again without its record.
      if (pushed) expect(parseManifest(bytes, type).mediaType).toBe(pushed.mediaType)
    }),
    row('content is recognised as a manifest, or isn’t', manifests, ({ bytes }) => {
      const manifest = expectReading(() => recogniseManifest(bytes), [])
      if (manifest) expect(parseManifest(bytes, undefined).mediaType).toBe(manifest.mediaType)
    }),
    row('an image’s configuration is read', mutatedJson([sampleConfig]), (text) => {
      const config = expectReading(() => readImageConfig(Buffer.from(text)), [])
      for (const value of Object.values(config?.labels ?? {})) expect(typeof value).toBe('string')
    }),
  ],
  { share: 0.08 },
)
