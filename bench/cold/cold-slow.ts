// A large layer from an upstream that gives each connection 20 MB/s and is 40 ms away, on a line
// that could carry more: what is gained by fetching over several connections.

import type { OwnPart } from '../parts/own-part.ts'
import type { Case } from '../parts/part.ts'
import { direct } from '../servers/direct.ts'
import { entrepot } from '../servers/entrepot.ts'
import { nginxProxy } from '../servers/nginx-proxy.ts'
import { type ColdLab, runColdCases } from './cold-lab.ts'
import { measurePull } from './measure-pull.ts'

const connectionBytesPerSecond = 20e6
const roundTripMs = 40
const layerBytes = 256 * 1024 * 1024
const timesDirect = 2
const patienceSeconds = 60

export const coldSlow: OwnPart = {
  name: 'cold-slow',
  kinds: [entrepot, nginxProxy, direct],
  programs: [],
  run: (options) => runColdCases('cold-slow', options, (lab) => [slowCase(lab)]),
}

const slowCase = (lab: ColdLab): Case => {
  const limits = { connectionBytesPerSecond, roundTripMs }
  const pull = { clients: 1, layerBytes, limits, patienceSeconds }
  return {
    name: `cold blob of 256 MiB, 1 client, ${connectionBytesPerSecond / 1e6} MB/s a connection, ${roundTripMs} ms away`,
    roundShare: 0.2,
    skipsWarmUp: true,
    metrics: [
      {
        key: 'bytesPerSecond',
        title: 'MB/s',
        format: (value) => (value / 1e6).toFixed(1),
        atLeast: { direct: timesDirect },
      },
      { key: 'upstreamConnections', title: 'new connections', format: (value) => `${value}` },
      {
        key: 'upstreamTimes',
        title: 'bytes from upstream / layer',
        format: (value) => value.toFixed(3),
      },
    ],
    measure: async (target) => {
      const sample = await measurePull(lab, pull, target)
      return { ...sample, bytesPerSecond: layerBytes / (sample.seconds ?? Number.NaN) }
    },
  }
}
