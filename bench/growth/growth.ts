// The same load at 10, 100 and 1,000 kept images and with 1, 10 and 100 clients: what a byte costs
// should depend on neither.

import type { BenchImage } from '../image.ts'
import { type Lab, startLab } from '../lab.ts'
import { loadServer } from '../parts/load.ts'
import type { OwnPart, OwnPartOptions } from '../parts/own-part.ts'
import type { Case, Sample, Target } from '../parts/part.ts'
import { type CaseResult, runRounds } from '../rounds.ts'
import { entrepot } from '../servers/entrepot.ts'
import { type GrownUpstream, layerSizes, startGrownUpstream } from './grown-upstream.ts'
import { keepImages, writePaths } from './keep-images.ts'

const imageCounts = [10, 100, 1000]
const clientCounts = [1, 10, 100]
const roundShare = 0.2
const warmLayerBytes = 1_000_000

export const growthPart = 'growth'

/** The keys of its samples, which the chart is drawn from. */
export interface GrowthSample extends Sample {
  readonly images: number
  readonly clients: number
  readonly bytesPerSecond: number
}

export const growth: OwnPart = {
  name: growthPart,
  kinds: [entrepot],
  programs: [],
  run: async (options) => {
    await using stack = new AsyncDisposableStack()
    const upstream = Promise.withResolvers<GrownUpstream>()
    const putBetween = async (behindUrl: string): Promise<string> => {
      const grown = stack.use(await startGrownUpstream(behindUrl))
      upstream.resolve(grown)
      return grown.url
    }
    const lab = stack.use(await startLab({ ...options, layerBytes: warmLayerBytes, putBetween }))
    const growing = { ...options, images: [], upstream: await upstream.promise }
    const results: CaseResult[] = []
    for (const count of imageCounts) {
      await growTo(count, lab, growing)
      const cases = clientCounts.map((clients) => growthCase(clients, [...growing.images], options))
      const seconds = Math.ceil(options.seconds / 2)
      results.push(
        ...(await runRounds(lab, { ...options, seconds, parts: [{ name: growthPart, cases }] })),
      )
    }
    return results
  },
}

interface Growing extends OwnPartOptions {
  readonly images: BenchImage[]
  readonly upstream: GrownUpstream
}

const growTo = async (count: number, lab: Lab, growing: Growing): Promise<void> => {
  const { images, upstream, signal, report } = growing
  const range = Array.from({ length: count - images.length }, (_, i) => images.length + i)
  const added = range.map((index) => upstream.add(index, lab.image))
  for (const server of lab.servers) {
    report(`growing to ${count} images: ${server.name} pulls them`)
    await keepImages(server, added, signal)
  }
  images.push(...added)
}

const growthCase = (
  clients: number,
  images: readonly BenchImage[],
  { directory }: OwnPartOptions,
): Case => ({
  name: `kept blobs of ${images.length} images, ${clients} client${clients === 1 ? '' : 's'}`,
  roundShare,
  metrics: [
    { key: 'processorMsPerGB', title: 'CPU ms/GB', format: (value) => value.toFixed(0) },
    { key: 'bytesPerSecond', title: 'MB/s', format: (value) => (value / 1e6).toFixed(0) },
  ],
  measure: (target) => measureGrowth(target, { clients, images, directory }),
})

interface Measured {
  readonly clients: number
  readonly images: readonly BenchImage[]
  readonly directory: string
}

const measureGrowth = async (
  target: Target,
  { clients, images, directory }: Measured,
): Promise<GrowthSample> => {
  const { bytesPerSecond, bytes, processorSeconds } = await loadServer(target, {
    url: new URL(target.server.repositoryUrl).origin,
    pathsFile: await writePaths(directory, target.server, images),
    headers: {},
    bodyBytes: Math.min(...layerSizes),
    connections: clients,
  })
  const sample = { images: images.length, clients, bytesPerSecond }
  if (processorSeconds === undefined) return sample
  return { ...sample, processorMsPerGB: (processorSeconds * 1000) / (bytes / 1e9) }
}
