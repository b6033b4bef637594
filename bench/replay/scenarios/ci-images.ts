import type { FilledShelf, Placement } from '../content/fill-shelf.ts'
import type { ShelvedBlob, ShelvedImage } from '../content/shelf.ts'
import type { Image } from '../trace/images.ts'
import type { Trace, TraceEvent } from '../trace/trace.ts'

/** Where the team's own builds are; a registry without a limit. */
export const teamRegistry = 'registry.team.example'

const buildRepositories = 50

export interface CiShelves {
  readonly world: FilledShelf
  readonly team: FilledShelf
}

export const worldName = (rank: number): string => `library/image-${rank}`
export const teamName = ({ seed: build }: Image): string => `team/app-${build % buildRepositories}`
export const tagOf = ({ seed: version }: Image): string => `v${version}`

export const placeWorld = ({ held, events }: Trace): Placement[] => [
  ...held.flatMap((images, rank) =>
    images.map((image) => ({
      repository: worldName(rank),
      image,
      tags: [tagOf(image), ...(image === images.at(-1) ? ['latest'] : [])],
    })),
  ),
  ...events.flatMap(({ repository, pushed }) =>
    repository === undefined || pushed === undefined
      ? []
      : [{ repository: worldName(repository.rank), image: pushed, tags: [tagOf(pushed)] }],
  ),
]

export const placeTeam = ({ events }: Trace): Placement[] =>
  events.flatMap(({ kind, pushed }) =>
    kind === 'build' && pushed !== undefined
      ? [{ repository: teamName(pushed), image: pushed, tags: [tagOf(pushed)] }]
      : [],
  )

export const findImage = ({ world, team }: CiShelves, image: Image): ShelvedImage => {
  const found = world.images.get(image) ?? team.images.get(image)
  if (found === undefined) throw new Error(`image ${image.seed} is on no shelf`)
  return found
}

/** What an event's client asks for by digest, besides manifests. */
export const blobsOf = (shelves: CiShelves, event: TraceEvent): readonly ShelvedBlob[] => {
  if (event.layers.length === 0) return []
  const { config, layers } = findImage(shelves, event.image)
  const wanted = new Set(event.layers.map((layer) => event.image.layers.indexOf(layer)))
  return [config, ...layers.filter((_, at) => wanted.has(at))]
}
