// A manifest that every server already holds, asked for by many connections: requests per second.

import { checkContent } from '../check-answers.ts'
import { type BenchImage, manifestMediaType } from '../image.ts'
import { loadServer } from './load.ts'
import type { Part, RunningCase, Sample, Target } from './part.ts'

const connectionsWithGoals = 32
const manyConnections = 256
const shareWithoutGoals = 0.6
const p99BelowMs = 10

interface ManifestCase {
  readonly name: string
  readonly chooseReference: (image: BenchImage) => string
  /** How many times the requests per second of docker-registry are wanted. */
  readonly timesDockerRegistry: number
}

const formatMs = (value: number): string => value.toFixed(2)

export const manifestCase = (
  { name, chooseReference, timesDockerRegistry }: ManifestCase,
  connections: number,
): RunningCase => {
  const hasGoals = connections === connectionsWithGoals
  return {
    name: `${name}, ${connections} connections`,
    ...(!hasGoals && { roundShare: shareWithoutGoals }),
    metrics: [
      {
        key: 'requestsPerSecond',
        title: 'requests/s',
        format: (value) => value.toFixed(0),
        atLeast: hasGoals ? { 'docker-registry': timesDockerRegistry } : {},
      },
      { key: 'p50Ms', title: 'p50 ms', format: formatMs },
      { key: 'p99Ms', title: 'p99 ms', format: formatMs, ...(hasGoals && { below: p99BelowMs }) },
      { key: 'processorUsPerRequest', title: 'CPU us/request', format: (us) => us.toFixed(0) },
    ],
    measure: (target) => measureManifest(target, chooseReference(target.image), connections),
  }
}

const measureManifest = async (
  target: Target,
  reference: string,
  connections: number,
): Promise<Sample> => {
  const { image, server, signal } = target
  const url = `${server.repositoryUrl}/manifests/${reference}`
  await checkContent(url, image.manifest.digest, signal)
  const { processorSeconds, requests, requestsPerSecond, p50Ms, p99Ms } = await loadServer(target, {
    url,
    // docker-registry answers a client that doesn't name the type with an error.
    headers: { Accept: manifestMediaType },
    bodyBytes: image.manifest.size,
    connections,
  })
  const rates = { requestsPerSecond, p50Ms, p99Ms }
  if (processorSeconds === undefined) return rates
  return { ...rates, processorUsPerRequest: (processorSeconds * 1e6) / requests }
}

export const byTag: ManifestCase = {
  name: 'kept manifest by tag',
  chooseReference: ({ tag }) => tag,
  timesDockerRegistry: 60,
}

const byDigest: ManifestCase = {
  name: 'kept manifest by digest',
  chooseReference: ({ manifest }) => manifest.digest,
  timesDockerRegistry: 15,
}

export const keptManifest: Part = {
  name: 'kept-manifest',
  cases: [connectionsWithGoals, manyConnections].flatMap((connections) => [
    manifestCase(byTag, connections),
    manifestCase(byDigest, connections),
  ]),
}
