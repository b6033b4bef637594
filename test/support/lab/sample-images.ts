import {
  type BuiltImage,
  type BuiltManifest,
  bigImage,
  type ImageRecipe,
  type Platform,
  smallImage,
  threePlatforms,
} from '../image-builder.ts'
import { type PushTarget, pushImage, pushIndex } from './push-image.ts'

/** An image that a registry has, as a client of docker.io names it. */
export interface Sample {
  readonly byTag: string
  readonly byDigest: string
  /** What a client may call its digest: that of the index, or of the manifest for linux/amd64. */
  readonly digests: readonly string[]
  /** The blobs that a pull for linux/amd64 needs. */
  readonly blobs: readonly string[]
}

const recipes = {
  // Docker's own media types here, OCI's in the others.
  small: { ...smallImage('small'), mediaTypes: 'docker' },
  medium: { seed: 'medium', layerSizes: [24_000_000, 12_000_000, 6_000_000] },
  big: bigImage('big'),
  'three-platform': { ...smallImage('three-platform'), platforms: threePlatforms },
} as const satisfies Record<string, ImageRecipe & { platforms?: readonly Platform[] }>

export type SampleName = keyof typeof recipes

type Registry = Pick<PushTarget, 'url' | 'ca'> & {
  /** Makes a token that may push, for a registry that wants one. */
  readonly signToken?: (scopes: readonly string[]) => Promise<string>
}

/** Pushes some of the samples; no two of them share a blob. */
export const pushSamples = async <Name extends SampleName>(
  registry: Registry,
  names: readonly Name[],
): Promise<Record<Name, Sample>> => {
  const samples: [Name, Sample][] = []
  for (const name of names) samples.push([name, await pushSample(registry, name)])
  return Object.fromEntries(samples) as Record<Name, Sample>
}

export const pushSample = async (registry: Registry, name: SampleName): Promise<Sample> => {
  const repository = name === 'small' ? 'library/small' : `team/${name}`
  const token = await registry.signToken?.([`repository:${repository}:pull,push`])
  const target = { ...registry, repository, ...(token === undefined ? {} : { token }) }
  const recipe: ImageRecipe & { platforms?: readonly Platform[] } = recipes[name]
  const { platforms } = recipe
  if (platforms === undefined) return toSample(repository, await pushImage(target, '1', recipe))
  const index = await pushIndex(target, '1', { ...recipe, platforms })
  return toSample(repository, index.images[0] ?? fail(), index)
}

const fail = (): never => {
  throw new Error('an index needs an image')
}

const toSample = (repository: string, image: BuiltImage, top: BuiltManifest = image): Sample => ({
  byTag: `docker.io/${repository}:1`,
  byDigest: `docker.io/${repository}@${top.descriptor.digest}`,
  digests: [top.descriptor.digest, image.descriptor.digest],
  blobs: [image.config, ...image.layers].map(({ digest }) => digest),
})

/** What an access log counts when each of these blobs was fetched once. */
export const eachOnce = (blobs: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(blobs.map((digest) => [digest, 1]))
