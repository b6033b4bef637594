// A manifest that every server already holds, asked for by 32 connections: requests per second.

import { type BenchImage, manifestMediaType } from '../image.ts'
import { loadServer } from './load.ts'
import type { Case, Part, Sample, Target } from './part.ts'

const connections = 32
const p99BelowMs = 10

interface ManifestCase {
  readonly name: string
  readonly chooseReference: (image: BenchImage) => string
  /** How many times the requests per second of docker-registry are wanted. */
  readonly timesDockerRegistry: number
}

const formatMs = (value: number): string => value.toFixed(2)

const manifestCase = ({ name, chooseReference, timesDockerRegistry }: ManifestCase): Case => ({
  name: `${name}, ${connections} connections`,
  metrics: [
    {
      key: 'requestsPerSecond',
      title: 'requests/s',
      format: (value) => value.toFixed(0),
      atLeast: { 'docker-registry': timesDockerRegistry },
    },
    { key: 'p50Ms', title: 'p50 ms', format: formatMs },
    { key: 'p99Ms', title: 'p99 ms', format: formatMs, below: p99BelowMs },
    { key: 'processorUsPerRequest', title: 'CPU us/request', format: (value) => value.toFixed(0) },
  ],
  measure: (target) => measureManifest(target, chooseReference(target.image)),
})

const measureManifest = async (target: Target, reference: string): Promise<Sample> => {
  const { processorSeconds, requests, requestsPerSecond, p50Ms, p99Ms } = await loadServer(target, {
    url: `${target.server.repositoryUrl}/manifests/${reference}`,
    // docker-registry answers a client that doesn't name the type with an error.
    headers: { Accept: manifestMediaType },
    bodyBytes: target.image.manifest.size,
    connections,
  })
  const rates = { requestsPerSecond, p50Ms, p99Ms }
  if (processorSeconds === undefined) return rates
  return { ...rates, processorUsPerRequest: (processorSeconds * 1e6) / requests }
}

export const keptManifest: Part = {
  name: 'kept-manifest',
  cases: [
    manifestCase({
      name: 'kept manifest by tag',
      chooseReference: ({ tag }) => tag,
      timesDockerRegistry: 60,
    }),
    manifestCase({
      name: 'kept manifest by digest',
      chooseReference: ({ manifest }) => manifest.digest,
      timesDockerRegistry: 15,
    }),
  ],
}
