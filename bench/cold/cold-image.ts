// An image of eight layers that no server holds, pulled and unpacked by a containerd that has
// nothing yet: what a person who waits for a new image sees.

import { join } from 'node:path'
import type { OwnPart } from '../parts/own-part.ts'
import type { Case, Sample, Target } from '../parts/part.ts'
import { readProcessorSeconds } from '../processor-time.ts'
import { type ColdLab, runColdCases } from './cold-lab.ts'
import { coldServers } from './cold-servers.ts'
import { startContainerd } from './containerd.ts'
import { pushFreshImage } from './push-fresh-image.ts'

const bytesPerSecond = 125e6
const quietPatienceMs = 30_000

export const coldImage: OwnPart = {
  name: 'cold-image',
  kinds: coldServers,
  programs: ['containerd', 'ctr'],
  run: async (options) => {
    if (process.getuid?.() === 0)
      return runColdCases('cold-image', options, (lab) => [imageCase(lab)])
    options.report('cold-image is left out: containerd wants root')
    return []
  },
}

const imageCase = (lab: ColdLab): Case => ({
  name: `cold image of 8 layers, containerd, a line of ${bytesPerSecond / 1e6} MB/s`,
  roundShare: 0.6,
  skipsWarmUp: true,
  metrics: [
    { key: 'seconds', title: 'seconds', format: (value) => value.toFixed(2) },
    {
      key: 'upstreamTimes',
      title: 'bytes from upstream / image',
      format: (value) => value.toFixed(3),
    },
    { key: 'processorSeconds', title: 'CPU s', format: (value) => value.toFixed(2) },
  ],
  measure: (target) => measureImage(lab, target),
})

const measureImage = async (lab: ColdLab, { server, image, signal }: Target): Promise<Sample> => {
  const { line, upstreamUrl, directory } = lab
  const fresh = await pushFreshImage(`${upstreamUrl}/v2/${image.repository}`, signal)
  await using containerd = await startContainerd(join(directory, 'containerd'), signal)
  await line.limit({ bytesPerSecond })
  const { origin } = new URL(server.repositoryUrl)
  const before = await readProcessorSeconds(server.process.id)
  const startedMs = performance.now()
  await containerd.pull(`${image.repository}:${fresh.tag}`, origin, signal)
  const seconds = (performance.now() - startedMs) / 1000
  const after = await readProcessorSeconds(server.process.id)
  // What a server still fetches for its store belongs to what the image cost.
  await line.waitUntilQuiet(quietPatienceMs, signal)
  const { bodyBytes, gets } = await line.read()
  return {
    seconds,
    upstreamTimes: bodyBytes / fresh.bytes,
    upstreamGets: gets,
    ...(before === undefined || after === undefined ? {} : { processorSeconds: after - before }),
  }
}
