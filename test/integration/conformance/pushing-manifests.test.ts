import type { Section } from './case.ts'
import { describeContent, types } from './content.ts'
import { image, index, pushing } from './manifest-steps.ts'
import { runSection } from './run-section.ts'

const kinds: Section = {
  'an image': pushing((given) => image(given)),
  'an image of uncompressed layers': pushing(({ make }) => {
    const layer = make.blob('layer', 512, 'application/vnd.oci.image.layer.v1.tar')
    return { content: make.image([layer]), needs: [make.config, layer] }
  }),
  'an image of Docker schema 2': pushing((given) =>
    image(given, { mediaType: types.dockerManifest }),
  ),
  'an image without mediaType in its body': pushing((given) =>
    image(given, { mediaType: undefined }),
  ),
  'an image of 3.9 MB of annotations': pushing((given) => {
    const names = Array.from({ length: 390 }, (_, number) => `large-annotation-${number}`)
    const annotations = Object.fromEntries(names.map((name) => [name, 'A'.repeat(10_000)]))
    return image(given, { annotations })
  }),
  'an image of exactly 4 MiB': pushing((given) => {
    const bare = image(given, { annotations: { fill: '' } })
    const fill = 'x'.repeat(4 * 1024 * 1024 - bare.content.bytes.length)
    return image(given, { annotations: { fill } })
  }),
  'an index': pushing((given) => index(given)),
  'an index of indexes': pushing((given) => {
    const parts = [index(given, {}, 'first'), index(given, {}, 'second')]
    const contents = parts.map(({ content }) => content)
    const needs = parts.flatMap((part) => [...part.needs, part.content])
    return { content: given.make.index(contents), needs }
  }),
  'an index of nothing': pushing(({ make }) => ({ content: make.index([]) })),
  'a list of Docker': pushing((given) => index(given, { mediaType: types.dockerList })),
  'an artifact': pushing(({ make }) => {
    const layer = make.blob('thing', 512, types.example)
    const content = make.image([layer], { artifactType: types.example }, make.empty)
    return { content, needs: [make.empty, layer] }
  }),
  'an artifact whose layer is its config, the empty object': pushing(({ make }) => ({
    content: make.image([make.empty], { artifactType: types.example }, make.empty),
    needs: [make.empty],
  })),
  'an index of artifacts': pushing((given) => index(given, { artifactType: types.example })),
  'an image without layers': pushing(({ make }) => ({
    content: make.image([]),
    needs: [make.config],
  })),
  'an image whose layers come from elsewhere, and were never pushed': pushing(({ make }) => {
    const nowhere = (mediaType: string) => {
      const missing = make.blob(mediaType, 100, mediaType)
      return describeContent(missing, { urls: ['https://store.example.com/a-layer'] })
    }
    const layers = [
      nowhere('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'),
      nowhere('application/vnd.oci.image.layer.nondistributable.v1.tar'),
      nowhere('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
      describeContent(make.blob('layer')),
    ]
    return { content: make.image([], { layers }), needs: [make.config, make.blob('layer')] }
  }),
  'descriptors with their data in them': pushing(({ make }) => {
    const data = make.config.bytes.toString('base64')
    const config = describeContent(make.config, { data })
    return { content: make.image([], { config }), needs: [make.config] }
  }),
  'fields that nobody knows': pushing((given) =>
    index(given, { 'org.example.new': { a: [1, null, 'ü'] }, other: false }),
  ),
  'a type that nobody knows': pushing(({ make }) => {
    const mediaType = 'application/vnd.example.new.v7+json'
    return { content: make.manifestOf({ schemaVersion: 2, mediaType, parts: ['a', 1] }) }
  }),
  'fields that are nested fifty deep': pushing(({ make }) => {
    const deep = '['.repeat(50) + ']'.repeat(50)
    const text = make.image([]).bytes.toString().replace(/}$/, `,"deep":${deep}}`)
    return { content: make.manifestFrom(text), needs: [make.config] }
  }),
}

runSection('§Pushing Manifests', kinds)
