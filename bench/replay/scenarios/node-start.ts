import type { Plan, PlannedPull, SlowReader } from '../clients/plan.ts'
import { type ClientsReport, phasesOf } from '../clients/report.ts'
import type { Shelf } from '../content/shelf.ts'
import {
  asCount,
  asMegabytes,
  asMs,
  asTimes,
  type Finding,
  tell,
  wantAtMost,
  wantBelow,
  wantTrue,
} from '../findings.ts'
import { watchOtherWork } from '../site/other-work.ts'
import { dockerHub, findUpstream, type Ground, openSite } from '../site/site.ts'
import type { Counts } from '../upstream/counts.ts'
import { judgePulls, tellLatencies, tellLoad } from './client-findings.ts'
import {
  bytesPerNode,
  fillNodeShelf,
  imageCount,
  nameOf,
  slowImageAt,
  slowImageBytes,
} from './node-start-images.ts'
import type { Scenario } from './scenario.ts'

const nodes = 120
const connectionsPerNode = 3
const upstreamDelayMs = 20
/** So many nodes want the slow reader's image too. */
const nodesWithSlowImage = 10
const slowBytesPerSecond = 30e3
const wantedFirstByteMs = 1000

// What memory may hold: an idle server below 90 MiB, a pool of buffers of 48 MiB and 8 MiB
// kept for later, and beyond the pool two buffers of 64 KiB for each connection; 16 KiB for a socket.
const mebibyte = 1024 * 1024
const boundBytes = (90 + 48 + 8) * mebibyte + nodes * connectionsPerNode * (2 * 64 + 16) * 1024

const run = async (ground: Ground): Promise<readonly Finding[]> => {
  const shelf = await fillNodeShelf(ground)
  await using site = await openSite(ground, {
    shelves: { [dockerHub]: shelf },
    tagTtlMs: 5 * 60_000,
  })
  const upstream = findUpstream(site, dockerHub)
  await upstream.configure({
    delayMs: upstreamDelayMs,
    limit: { pulls: 100, windowMs: 21_600_000 },
  })
  const readOtherWork = await watchOtherWork(site)
  const cold = await site.clients.run('node-start, cold', planWave(site.entrepot.url))
  const counts = await upstream.readCounts()
  const warm = await site.clients.run('node-start, warm', planWave(site.entrepot.url))
  const memory = await site.entrepot.readMemory()
  return [
    ...judgeWave('cold', cold),
    ...tellLatencies('cold', phasesOf(cold)[0]),
    ...judgeUpstream(counts, shelf),
    ...judgeWave('warm', warm),
    ...judgeFirstBytes(warm),
    wantBelow('most memory, resident', memory?.peakBytes, boundBytes, {
      format: asMegabytes,
      reason: `${nodes * connectionsPerNode} connections x 144 KiB + 146 MiB`,
    }),
    await readOtherWork(),
  ]
}

const pullOf = (at: number) => ({ name: `${dockerHub}/${nameOf(at)}`, tag: 'latest' })

// The kubelet pulls one image after the other, and every node the same ones in the same order; those
// that want the slow reader's begin with it.
const planWave = (serverUrl: string): Plan => {
  const pulls = Array.from({ length: nodes }, (_, client): PlannedPull[] => {
    const wanted = client < nodesWithSlowImage ? imageCount + 1 : imageCount
    return Array.from({ length: wanted }, (_each, at) => ({
      ...pullOf(wanted - 1 - at),
      atMs: 0,
      client,
      depth: 'image',
    }))
  })
  const slowReader: SlowReader = { ...pullOf(slowImageAt), bytesPerSecond: slowBytesPerSecond }
  return {
    serverUrl,
    connectionsPerClient: connectionsPerNode,
    order: 'serial',
    pingsPerPull: 0,
    pulls: pulls.flat(),
    slowReaders: [slowReader],
  }
}

const judgeWave = (title: string, report: ClientsReport): Finding[] => {
  const [phase] = phasesOf(report)
  const [slow] = report.slowReaders
  if (slow === undefined) throw new Error('there was no slow reader')
  const isStillReading = slow.readBytes < slow.sizeBytes
  return [
    ...judgePulls(title, phase),
    tell(`${title}: all nodes done after`, report.elapsedMs, asMs),
    wantTrue(
      `${title}: everybody was done before the slow reader`,
      isStillReading && slow.isRight,
      'yes, and its bytes right',
    ),
    ...tellLoad(title, report, phase),
  ]
}

const judgeFirstBytes = (report: ClientsReport): Finding[] => {
  const [{ latencies }] = phasesOf(report)
  return (['tag', 'manifest', 'blob'] as const).map((kind) =>
    wantBelow(
      `warm: ${kind}, p99 of the first byte`,
      latencies[kind]?.firstByte.p99Ms,
      wantedFirstByteMs,
      {
        format: asMs,
      },
    ),
  )
}

const judgeUpstream = (counts: Counts, { blobs }: Shelf): Finding[] => {
  const bytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return [
    wantAtMost('upstream: blobs asked for', counts.distinctBlobs, blobs.length, {
      format: asCount,
      reason: 'what there is',
    }),
    wantAtMost('upstream: most GETs of one whole blob', counts.mostWholeGetsOfOneBlob, 1, {
      format: asCount,
    }),
    tell('upstream: GETs of blobs, with ranges', counts.blobGets, asCount),
    wantAtMost('upstream: bytes, times what there is', counts.blobBytes / bytes, 1.01, {
      format: asTimes,
    }),
    tell('upstream: manifest GETs', counts.manifestGets, asCount),
    wantAtMost('upstream: answers 429', counts.tooManyRequests, 0, { format: asCount }),
  ]
}

export const nodeStart: Scenario = {
  name: 'node-start',
  title: '1,000 nodes that pull the same 20 images in the same moment, cold and then warm',
  scale: [
    `nodes: ${nodes} of 1,000, ${connectionsPerNode} connections each`,
    `bytes: ${asMegabytes(bytesPerNode)} for each node instead of 1.6 GB; one layer of ${asMegabytes(slowImageBytes)} besides, that a client reads at ${asCount(slowBytesPerSecond / 1e3)} kB/s`,
    `upstream takes ${upstreamDelayMs} ms for an answer`,
  ],
  run,
}
