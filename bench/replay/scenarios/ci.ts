import { phasesOf } from '../clients/report.ts'
import { asCount, asPercent, asTimes, type Finding, tell, wantAtMost } from '../findings.ts'
import { watchOtherWork } from '../site/other-work.ts'
import { dockerHub, findUpstream, type Ground } from '../site/site.ts'
import type { Counts } from '../upstream/counts.ts'
import { type Expectation, expectOfCache } from './ci-expectation.ts'
import { teamRegistry } from './ci-images.ts'
import { createCiLoad, describeScale } from './ci-load.ts'
import { describeUpstream, openCiSite, planMoves } from './ci-site.ts'
import { judgePulls, tellLatencies, tellLoad } from './client-findings.ts'
import type { Scenario } from './scenario.ts'

const scale = { sixHoursTakeMs: 40_000, durationMs: 40_000, byteScale: 0.01 }
const wantedManifestGets = 100
/** At a byte hit of 60 %, the lowest that the trace model gives. */
const wantedUpstreamShare = 0.4
/** A fetch that is under way at the end, or began twice over a restart of a connection. */
const slack = 1.02

const run = async (ground: Ground): Promise<readonly Finding[]> => {
  const load = await createCiLoad(ground, scale)
  await using site = await openCiSite(ground, load, scale)
  const readOtherWork = await watchOtherWork(site)
  const plan = load.plan(site.entrepot.url)
  const report = await site.clients.run('ci', plan, planMoves(site, load))
  const world = await findUpstream(site, dockerHub).readCounts()
  const team = await findUpstream(site, teamRegistry).readCounts()
  const memory = await site.entrepot.readMemory()
  const [phase] = phasesOf(report)
  return [
    ...judgePulls('ci', phase),
    ...judgeUpstream(expectOfCache(load), { world, team, clientBytes: phase.bytes }),
    ...tellLoad('ci', report, phase),
    ...tellLatencies('ci', phase),
    tell('most memory, resident, MB', memory && memory.peakBytes / 1e6, asCount),
    await readOtherWork(),
  ]
}

const judgeUpstream = (
  expected: Expectation,
  { world, team, clientBytes }: { world: Counts; team: Counts; clientBytes: number },
): Finding[] => {
  const bytes = world.blobBytes + team.blobBytes
  return [
    wantAtMost('docker.io: manifest GETs in six hours', world.manifestGets, wantedManifestGets, {
      format: asCount,
    }),
    tell('docker.io: manifest GETs that no cache can spare', expected.worldManifestGets, asCount),
    tell('docker.io: HEADs, which cost no pull', world.manifestHeads, asCount),
    wantAtMost('docker.io: answers 429', world.tooManyRequests, 0, { format: asCount }),
    wantAtMost('from upstream, of the bytes to clients', bytes / clientBytes, wantedUpstreamShare, {
      format: asPercent,
      reason: 'the model: 31-40 %',
    }),
    wantAtMost(
      'from upstream, times the new images, whole',
      bytes / expected.upstreamBytesOfWholeImages,
      slack,
      { format: asTimes },
    ),
    tell('from upstream, times what was asked for', bytes / expected.upstreamBytes, asTimes),
    wantAtMost('most GETs of one whole blob', mostGets(world, team), 1, { format: asCount }),
  ]
}

const mostGets = (world: Counts, team: Counts): number =>
  Math.max(world.mostWholeGetsOfOneBlob, team.mostWholeGetsOfOneBlob)

export const ci: Scenario = {
  name: 'ci',
  title: '50 developers and their 40 CI runners, six hours at their daily pace',
  scale: [...describeScale(scale), describeUpstream],
  run,
}
