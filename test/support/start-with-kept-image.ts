import { smallImage } from './image-builder.ts'
import { ask } from './raw-client.ts'
import { pullUntilKept, startMirrored } from './start-mirrored.ts'

/** An image is kept from team/secret; what there is in team/other, a test says. */
export const startWithKeptImage = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/secret')
  const image = await repository.addImage('1', smallImage('secret'))
  const layer = image.layers[0]?.digest ?? ''
  const bytes = repository.blobs.get(layer) ?? Buffer.alloc(0)
  await ask(mirrored.server, '/v2/team/secret/manifests/1')
  await pullUntilKept(mirrored.server, `/v2/team/secret/blobs/${layer}`)
  const blobPath = `/v2/team/other/blobs/${layer}`
  const manifestPath = `/v2/team/other/manifests/${image.descriptor.digest}`
  return { ...mirrored, image, layer, bytes, blobPath, manifestPath }
}
