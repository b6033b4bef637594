// A 100 MB layer that every server already holds, pulled whole again and again: bytes per second.

import type { ServerName } from '../servers/server.ts'
import { loadServer } from './load.ts'
import type { Case, Part, Sample, Target } from './part.ts'

type Goals = Readonly<Partial<Record<ServerName, number>>>

const blobCase = (connections: number, atLeast: Goals): Case => ({
  name: `kept blob, ${connections} connection${connections === 1 ? '' : 's'}`,
  metrics: [
    {
      key: 'bytesPerSecond',
      title: 'MB/s',
      format: (value) => (value / 1e6).toFixed(0),
      atLeast,
    },
    { key: 'processorMsPerGB', title: 'CPU ms/GB', format: (value) => value.toFixed(0) },
  ],
  measure: (target) => measureBlob(target, connections),
})

const measureBlob = async (target: Target, connections: number): Promise<Sample> => {
  const { layer } = target.image
  const { bytesPerSecond, bytes, processorSeconds } = await loadServer(target, {
    url: `${target.server.repositoryUrl}/blobs/${layer.digest}`,
    headers: {},
    bodyBytes: layer.size,
    connections,
  })
  if (processorSeconds === undefined) return { bytesPerSecond }
  return { bytesPerSecond, processorMsPerGB: (processorSeconds * 1000) / (bytes / 1e9) }
}

export const keptBlob: Part = {
  name: 'kept-blob',
  cases: [
    blobCase(1, { 'docker-registry': 1.6, nginx: 1 }),
    blobCase(8, { 'docker-registry': 1.35, nginx: 1 }),
  ],
}
