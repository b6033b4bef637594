// What is done to images, or with `dryRun: true` what would be. Sizes are bytes, times ISO 8601.

/** `POST /api/v1/remove` {image or repository, dryRun}. */
export type RemoveAnswer = {
  readonly tags: readonly string[]
  /** Images that go: none where other tags or an index keep the one. */
  readonly digests: readonly string[]
}

export type RemovePlan = RemoveAnswer & {
  /** Other tags of the image, which stay, and keep it. */
  readonly keptTags: readonly string[]
  /** Nobody needs it then: free once no push can count on it, in an hour or a day. */
  readonly freedBytes: number
  /** Of what goes, what others still need. */
  readonly sharedBytes: number
}

/** `POST /api/v1/tag` {image, tag, dryRun}: the same either way. */
export type TagAnswer = {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  /** To what the tag pointed until then, if to anything. */
  readonly before?: string | undefined
}

/** `POST /api/v1/copy` {from, to, dryRun}. */
export type CopyAnswer = {
  readonly digest: string
  readonly imageCount: number
  /** Listed by the index, and not kept as a whole: these stay away. */
  readonly missing: readonly string[]
}

export type CopyPlan = CopyAnswer & {
  /** In the store already: a copy takes no more room. */
  readonly sizeBytes: number
  readonly before?: string | undefined
}

/** `POST /api/v1/evict` {image, dryRun}: the same either way. */
export type EvictImageAnswer = {
  /** The image with its tags, and of an index the images that only it lists. */
  readonly images: readonly {
    readonly name: string
    readonly digest: string
    readonly tags: readonly string[]
    readonly lastPull?: string | undefined
    readonly freedBytes: number
  }[]
  readonly count: number
  readonly freedBytes: number
  /** Of theirs, what other images still need. */
  readonly keptBytes: number
}

/** `POST /api/v1/pin` {image, dryRun} and `/unpin`. */
export type PinAnswer = {
  /** The whole pattern that it stands for. */
  readonly image: string
  /** Of a pin: whether it wasn't pinned so yet. */
  readonly isNew?: boolean | undefined
}

/** `POST /api/v1/warm` {image, platform, dryRun}: answers before it is done; events of kind `fetch` tell how it goes. */
export type WarmAnswer = {
  readonly name: string
  /** Of the image; not there in a dry run of one that isn't known yet. */
  readonly digest?: string | undefined
  /** The first thousand blobs that are to be fetched. */
  readonly blobs: readonly { readonly digest: string; readonly size: number }[]
  readonly count: number
  readonly bytes: number
  /** Images whose manifests have to be fetched before it is known what they need. */
  readonly unknown: number
  /** Whether it is being fetched by now. */
  readonly underWay: boolean
}
