import { phasesOf } from '../clients/report.ts'
import { asCount, asMs, asPercent, type Finding, tell, wantAtLeast, wantNone } from '../findings.ts'
import { watchOtherWork } from '../site/other-work.ts'
import type { Ground, Site } from '../site/site.ts'
import { expectOfCache } from './ci-expectation.ts'
import { createCiLoad, describeScale } from './ci-load.ts'
import { describeUpstream, openCiSite, planMoves } from './ci-site.ts'
import { judgeContent, tellLatencies } from './client-findings.ts'
import type { Scenario } from './scenario.ts'

const scale = { sixHoursTakeMs: 40_000, durationMs: 20_000, byteScale: 0.01 }
/** What is left of the replay then stands for more than the hour that is wanted. */
const downFromMs = 10_000
/** Pulls that are under way when upstream goes may need what was still to come. */
const tolerance = 0.01

const run = async (ground: Ground): Promise<readonly Finding[]> => {
  const load = await createCiLoad(ground, scale)
  await using site = await openCiSite(ground, load, scale)
  const readOtherWork = await watchOtherWork(site)
  const plan = { ...load.plan(site.entrepot.url), secondPhaseAtMs: downFromMs }
  const stop = { atMs: downFromMs, happen: () => stopUpstreams(site) }
  const moves = planMoves(site, load).filter(({ atMs }) => atMs < downFromMs)
  const report = await site.clients.run('upstream-down', plan, [...moves, stop])
  const [before, down] = phasesOf(report)
  if (down === undefined) throw new Error('nothing was pulled while upstream was down')
  const { laterPulls, laterCompletePulls } = expectOfCache(load, downFromMs)
  const expectedShare = laterCompletePulls / laterPulls
  return [
    judgeContent('up', before),
    tell('up: failed of all pulls, as upstream went', before.pulls - before.completePulls, asCount),
    tell('down: pulls of images', down.imagePulls, asCount),
    wantAtLeast(
      'down: complete pulls',
      down.completeImagePulls / down.imagePulls,
      expectedShare - tolerance,
      { format: asPercent, reason: 'what was kept' },
    ),
    wantNone(
      'down: failures of what was served before',
      down.failuresOfServed,
      down.failuresOfServedSamples,
    ),
    judgeContent('down', down),
    tell(
      'connections broken in the middle of a blob',
      before.cutAnswers + down.cutAnswers,
      asCount,
    ),
    tell('down: longest wait for an answer by tag', down.latencies.tag?.total.maxMs, asMs),
    ...tellLatencies('down', down),
    await readOtherWork(),
  ]
}

const stopUpstreams = async ({ upstreams }: Site): Promise<void> => {
  await Promise.all([...upstreams.values()].map((upstream) => upstream[Symbol.asyncDispose]()))
}

export const upstreamDown: Scenario = {
  name: 'upstream-down',
  title: 'the same team, while every upstream is down for hours',
  scale: [...describeScale(scale), describeUpstream],
  run,
}
