// Who pulls what: a model fitted to the requests that IBM's registries logged in 2017 (Anwar et al.,
// FAST'18, and the public excerpt of 725,242 GETs). It says what is asked for and in which order;
// when, is the scenario's.

import { type Image, ImageMint, type Layer } from './images.ts'
import { Random, Zipf } from './random.ts'

export interface Repository {
  readonly rank: number
  /** Oldest first; the last one is what `latest` names. */
  readonly images: Image[]
}

export interface TraceEvent {
  /** poll: is there a newer one? build: from the team's own registry. pull: from the world's. */
  readonly kind: 'poll' | 'build' | 'pull'
  readonly client: number
  readonly image: Image
  /** Of a poll or a pull. */
  readonly repository?: Repository
  /** By the moving tag, not by the version's own. */
  readonly isLatest: boolean
  /** What is pushed just before: most often the image itself. */
  readonly pushed: Image | undefined
  /** What this client has to fetch, lacking it. */
  readonly layers: readonly Layer[]
}

export interface TraceOptions {
  readonly seed: number
  readonly events: number
  readonly repositories: number
  readonly tagsPerRepository: number
  readonly clients: number
}

export interface Trace {
  /** As they are before the first event. */
  readonly held: readonly (readonly Image[])[]
  readonly events: readonly TraceEvent[]
}

const pollShare = 0.55
/** Of what is no poll. */
const buildShare = 0.32
const newBuildShare = 1 / 1.55
const rebuiltAmongLast = 3000
const repeatShare = 0.1
const meanRepeatDistance = 200
const pushShare = 0.03
const latestShare = 0.9
const warmClientShare = 0.4
const layerShare = 0.6
const baseLayerShare = 0.5

/** The same for the same options. */
export const createTrace = (options: TraceOptions): Trace => {
  const random = new Random(options.seed)
  const generator = new TraceGenerator(random, options)
  const held = generator.repositories.map(({ images }) => [...images])
  const events = Array.from({ length: options.events }, () => generator.next())
  return { held, events }
}

type What = Omit<TraceEvent, 'client'>

class TraceGenerator {
  readonly repositories: readonly Repository[]
  readonly #random: Random
  readonly #mint: ImageMint
  readonly #polled: Zipf
  readonly #pulled: Zipf
  readonly #clients: Zipf
  readonly #builds: Image[] = []
  readonly #pulls: What[] = []

  constructor(random: Random, { repositories, tagsPerRepository, clients }: TraceOptions) {
    this.#random = random
    this.#mint = new ImageMint(random)
    this.repositories = Array.from({ length: repositories }, (_, rank) => {
      const images = [this.#mint.first()]
      for (let count = random.geometric(tagsPerRepository); count > 1; count--)
        images.push(this.#mint.next(images.at(-1) as Image))
      return { rank, images }
    })
    this.#polled = new Zipf(repositories, 1.9)
    this.#pulled = new Zipf(repositories, 1)
    this.#clients = new Zipf(clients, 0.8)
  }

  next(): TraceEvent {
    return { ...this.#nextWhat(), client: this.#clients.draw(this.#random) }
  }

  #nextWhat(): What {
    if (this.#random.chance(pollShare)) return this.#poll()
    if (this.#random.chance(buildShare)) return this.#build()
    const pull = this.#random.chance(repeatShare) ? this.#repeat() : this.#pull()
    this.#pulls.push(pull)
    return pull
  }

  #poll(): What {
    const repository = this.#drawRepository(this.#polled)
    const image = newest(repository)
    return { kind: 'poll', repository, image, isLatest: true, pushed: undefined, layers: [] }
  }

  #build(): What {
    const isNew = this.#builds.length === 0 || this.#random.chance(newBuildShare)
    const image = isNew ? this.#mint.build() : this.#recentBuild()
    if (isNew) this.#builds.push(image)
    const layers = isNew
      ? image.layers.filter(
          (layer) => image.ownLayers.includes(layer) || this.#random.chance(baseLayerShare),
        )
      : this.#lacking(image)
    const pushed = isNew ? image : undefined
    return { kind: 'build', image, isLatest: false, pushed, layers }
  }

  // Builds are pulled again soon after or hardly ever: the product leans towards the newest.
  #recentBuild(): Image {
    const back = Math.floor(this.#random.uniform() * this.#random.uniform() * rebuiltAmongLast)
    return this.#builds[Math.max(0, this.#builds.length - 1 - back)] as Image
  }

  #pull(): What {
    const repository = this.#drawRepository(this.#pulled)
    const pushed = this.#random.chance(pushShare) ? this.#mint.next(newest(repository)) : undefined
    if (pushed !== undefined) repository.images.push(pushed)
    const { images } = repository
    const isLatest = this.#random.chance(latestShare)
    const image = isLatest
      ? newest(repository)
      : (images[this.#random.below(images.length)] as Image)
    const layers = this.#lackingUnlessWarm(image)
    return { kind: 'pull', repository, image, isLatest, pushed, layers }
  }

  // A rollout, or a retry.
  #repeat(): What {
    const back = Math.floor(this.#random.exponential(meanRepeatDistance))
    const earlier = this.#pulls[this.#pulls.length - 1 - back] ?? this.#pulls[0]
    if (earlier === undefined) return this.#pull()
    const { image, repository } = earlier
    // By the name it was pulled with, as long as that still means it.
    const isLatest = earlier.isLatest && repository !== undefined && newest(repository) === image
    return { ...earlier, isLatest, pushed: undefined, layers: this.#lackingUnlessWarm(image) }
  }

  #lackingUnlessWarm(image: Image): readonly Layer[] {
    return this.#random.chance(warmClientShare) ? [] : this.#lacking(image)
  }

  #lacking({ layers }: Image): readonly Layer[] {
    return layers.filter(() => this.#random.chance(layerShare))
  }

  #drawRepository(popularity: Zipf): Repository {
    return this.repositories[popularity.draw(this.#random)] as Repository
  }
}

const newest = ({ images }: Repository): Image => images.at(-1) as Image
