import { digestOf } from '../../src/oci/digest.ts'
import {
  dockerManifestList,
  ociArtifactManifest,
  ociIndex,
  ociManifest,
} from '../../src/oci/media-type.ts'

export const sampleConfig = {
  created: '2024-01-01T00:00:00Z',
  os: 'linux',
  architecture: 'amd64',
  config: { User: 'a', Entrypoint: ['b'], Env: ['C=d'], ExposedPorts: { '1/tcp': {} }, Labels: {} },
}
export const sampleLayer = Buffer.from('what a layer holds')

function describeBytes(mediaType: string, bytes: Uint8Array) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

const configBytes = Buffer.from(JSON.stringify(sampleConfig))

export const sampleBlobs: readonly Buffer[] = [configBytes, sampleLayer]

export const sampleImage = {
  schemaVersion: 2,
  mediaType: ociManifest,
  config: describeBytes('application/vnd.oci.image.config.v1+json', configBytes),
  layers: [
    describeBytes('application/vnd.oci.image.layer.v1.tar', sampleLayer),
    {
      ...describeBytes('application/vnd.oci.image.layer.nondistributable.v1.tar', Buffer.from('?')),
      size: Number.MAX_SAFE_INTEGER,
      urls: ['https://elsewhere.example/'],
    },
  ],
  annotations: { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' },
}

export const sampleImageBytes: Buffer = Buffer.from(JSON.stringify(sampleImage))
export const sampleImageDigest: string = digestOf(sampleImageBytes)

const platform = { os: 'linux', architecture: 'arm', variant: 'v7' }
const described = describeBytes(ociManifest, sampleImageBytes)

export const sampleManifests: readonly object[] = [
  sampleImage,
  { schemaVersion: 2, mediaType: ociIndex, manifests: [{ ...described, platform }] },
  { schemaVersion: 2, mediaType: dockerManifestList, manifests: [described, { ...described }] },
  { mediaType: ociArtifactManifest, artifactType: 'a/b', blobs: [described], subject: described },
  { ...sampleImage, artifactType: 'application/x', subject: described },
]
