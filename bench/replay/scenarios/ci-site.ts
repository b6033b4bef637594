import { dockerHub, findUpstream, type Ground, openSite, type Site } from '../site/site.ts'
import { teamRegistry } from './ci-images.ts'
import { type CiLoad, tagTtlOf } from './ci-load.ts'

const upstreamDelayMs = 10
const pullLimit = 100

/** The servers of a CI farm, with everything in the cache that the team has used before. */
export const openCiSite = async (
  ground: Ground,
  load: CiLoad,
  { sixHoursTakeMs }: { readonly sixHoursTakeMs: number },
): Promise<Site> => {
  await using stack = new AsyncDisposableStack()
  const site = await openSite(ground, {
    shelves: { [dockerHub]: load.shelves.world.shelf, [teamRegistry]: load.shelves.team.shelf },
    tagTtlMs: tagTtlOf(sixHoursTakeMs),
  })
  stack.use(site)
  await site.clients.run('filling the cache', load.planFilling(site.entrepot.url))
  const limit = { pulls: pullLimit, windowMs: sixHoursTakeMs }
  await findUpstream(site, dockerHub).configure({ delayMs: upstreamDelayMs, limit })
  await findUpstream(site, teamRegistry).configure({ delayMs: upstreamDelayMs })
  stack.move()
  return site
}

export const describeUpstream = `upstream takes ${upstreamDelayMs} ms for an answer, and docker.io allows ${pullLimit} manifest GETs in six hours`

/** The world's pushes, as they fall into the replay. */
export const planMoves = (site: Site, { moves }: CiLoad) =>
  moves.map(({ atMs, ...tag }) => ({
    atMs,
    happen: () => findUpstream(site, dockerHub).moveTag(tag),
  }))
