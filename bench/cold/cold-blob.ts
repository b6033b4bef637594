// A 100 MB layer that no server holds, pulled by one client and by many at once over a line of a
// known speed: how long the slowest waits, and how often upstream had to send it.

import type { OwnPart } from '../parts/own-part.ts'
import type { Case, Metric, Sample, Target } from '../parts/part.ts'
import type { ServerName } from '../servers/server.ts'
import { type ColdLab, runColdCases } from './cold-lab.ts'
import { coldServers } from './cold-servers.ts'
import { givenUp, measurePull } from './measure-pull.ts'

const layerBytes = 100_000_000
// Above one copy by what a few heads and a repeated byte may be.
const upstreamTimesBelow = 1.005

interface BlobCase {
  readonly clients: number
  readonly bytesPerSecond?: number
  readonly patienceSeconds: number
  /** How many times a direct download the slowest client may take. */
  readonly timesDirect?: number
  readonly roundShare: number
}

// A server that fetches the layer once for each client would take minutes: its pull is given up after
// two and a half times of what one takes.
const blobCases: readonly BlobCase[] = [
  { clients: 1, bytesPerSecond: 125e6, patienceSeconds: 30, timesDirect: 1.05, roundShare: 0.6 },
  { clients: 1, patienceSeconds: 30, timesDirect: 1.05, roundShare: 0.4 },
  { clients: 8, bytesPerSecond: 12.5e6, patienceSeconds: 20, timesDirect: 1.2, roundShare: 0.2 },
  { clients: 100, bytesPerSecond: 12.5e6, patienceSeconds: 20, timesDirect: 1.2, roundShare: 0.4 },
]

export const coldBlob: OwnPart = {
  name: 'cold-blob',
  kinds: coldServers,
  programs: [],
  run: (options) =>
    runColdCases('cold-blob', options, (lab) => blobCases.map((each) => toCase(lab, each))),
}

const toCase = (lab: ColdLab, each: BlobCase): Case => {
  const { clients, bytesPerSecond, patienceSeconds, roundShare } = each
  const limits = bytesPerSecond === undefined ? {} : { bytesPerSecond }
  const pull = { clients, layerBytes, limits, patienceSeconds }
  const hopeless = new Set<ServerName>()
  const measure = async (target: Target): Promise<Sample> => {
    const { name } = target.server
    // Once is enough to know.
    if (hopeless.has(name)) return {}
    const sample = await measurePull(lab, pull, target)
    if (sample.seconds === givenUp) hopeless.add(name)
    return sample
  }
  // Of a process that runs, not of one that has never fetched anything.
  const skipsWarmUp = clients > 1
  return { name: nameOf(each), roundShare, skipsWarmUp, metrics: metricsOf(each), measure }
}

const nameOf = ({ clients, bytesPerSecond }: BlobCase): string => {
  const who = clients === 1 ? '1 client' : `${clients} clients`
  const line = bytesPerSecond === undefined ? 'no limit' : `a line of ${bytesPerSecond / 1e6} MB/s`
  return `cold blob, ${who}, ${line}`
}

const metricsOf = ({ clients, timesDirect, patienceSeconds }: BlobCase): Case['metrics'] => {
  const seconds: Metric = {
    key: 'seconds',
    title: clients === 1 ? 'seconds' : 'seconds of the slowest (direct: of one)',
    format: (value) => (value === givenUp ? `> ${patienceSeconds}` : value.toFixed(3)),
    ...(timesDirect === undefined ? {} : { atMost: { direct: timesDirect } }),
  }
  const firstByte: Metric = {
    key: 'firstByteMs',
    title: 'ms to the first byte',
    format: (value) => value.toFixed(1),
    ...(clients === 1 ? { within: { direct: 10 } } : {}),
  }
  const upstreamTimes: Metric = {
    key: 'upstreamTimes',
    title: `bytes from upstream / layer${clients === 1 ? '' : ', within that time'}`,
    format: (value) => value.toFixed(3),
    below: upstreamTimesBelow,
  }
  const gets: Metric = {
    key: 'upstreamGets',
    title: 'GETs upstream',
    format: (value) => `${value}`,
  }
  return [seconds, firstByte, upstreamTimes, gets]
}
