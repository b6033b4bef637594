import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { digestOf, makeBytes } from '../../test/support/image-builder.ts'
import { type BenchImage, type Content, manifestMediaType } from '../image.ts'

// As in real images, most layers are small and a few are most of the bytes. In this order round and
// round, so that any ten images one after another have the same bytes.
export const layerSizes = [
  5_000, 1_000_000, 20_000, 1_500_000, 50_000, 3_000_000, 100_000, 1_000_000, 200_000, 500_000,
]

/**
 * An upstream that grows without a disk: a registry takes minutes to sync a thousand images. What it
 * doesn't know it passes on to the registry behind it.
 */
export interface GrownUpstream extends AsyncDisposable {
  readonly url: string
  /** An image of one layer, of mixed sizes; all have the first image's configuration. */
  readonly add: (index: number, first: BenchImage) => BenchImage
}

interface Answer {
  readonly mediaType: string
  readonly digest: string
  readonly make: () => Uint8Array
}

export const startGrownUpstream = async (behindUrl: string): Promise<GrownUpstream> => {
  const answers = new Map<string, Answer>()
  const server = createServer((request, response) => {
    const { url = '', method = 'GET' } = request
    const answer = answers.get(url.slice(url.lastIndexOf('/') + 1))
    const { accept = '' } = request.headers
    if (answer === undefined) passOn(`${behindUrl}${url}`, { method, accept }, response)
    else send(answer, method, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    add: (index, first) => addImage(index, first, answers),
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The layer is made anew for each answer: all of them together would fill the memory. */
const addImage = (index: number, first: BenchImage, answers: Map<string, Answer>): BenchImage => {
  const tag = `grown-${index}`
  const size = layerSizes[index % layerSizes.length] ?? 0
  const makeLayer = () => makeBytes(tag, size)
  const layer: Content = { ...first.layer, digest: digestOf(makeLayer()), size }
  answers.set(layer.digest, {
    mediaType: 'application/octet-stream',
    digest: layer.digest,
    make: makeLayer,
  })
  const bytes = Buffer.from(manifestText(first, layer))
  const digest = digestOf(bytes)
  const manifest = { mediaType: manifestMediaType, digest, make: () => bytes }
  answers.set(tag, manifest)
  answers.set(digest, manifest)
  return { ...first, tag, layer, manifest: { ...first.manifest, digest, size: bytes.length } }
}

const manifestText = ({ config }: BenchImage, layer: Content): string => {
  const describe = (kind: string, { digest, size }: Content) => {
    return { mediaType: `application/vnd.oci.image.${kind}`, digest, size }
  }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: describe('config.v1+json', config),
    layers: [describe('layer.v1.tar', layer)],
  })
}

const send = ({ mediaType, digest, make }: Answer, method: string, to: ServerResponse): void => {
  const bytes = make()
  to.writeHead(200, {
    'content-type': mediaType,
    'content-length': bytes.length,
    'docker-content-digest': digest,
  })
  to.end(method === 'HEAD' ? undefined : bytes)
}

const passOn = (
  url: string,
  { method, accept }: { readonly method: string; readonly accept: string },
  to: ServerResponse,
): void => {
  const answered = fetch(url, { method, headers: { accept } }).then(async (answer) => {
    const bytes = await answer.bytes()
    to.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      'content-length': answer.headers.get('content-length') ?? bytes.length,
      'docker-content-digest': answer.headers.get('docker-content-digest') ?? '',
    })
    to.end(method === 'HEAD' ? undefined : bytes)
  })
  answered.catch((error: Error) => to.destroy(error))
}
