// An image, what it consists of, and what can be done to it. Sizes are bytes, times ISO 8601.

/** `GET /api/v1/image?name=&platform=`: what isn't known isn't there. */
export type ImageAnswer = {
  /** As it is pulled, without tag or digest. */
  readonly name: string
  /** Whether it was pushed here. */
  readonly hosted: boolean
  readonly digest: string
  readonly mediaType: string
  readonly artifactType?: string | undefined
  /** With all that it names, and of an index what is kept. */
  readonly size: number
  readonly manifestSize: number
  readonly created?: string | undefined
  /** When it was first kept here, under this name. */
  readonly stored: string
  readonly lastPull?: string | undefined
  /** The pattern by which it is pinned; never of what was pushed. */
  readonly pinnedBy?: string | undefined
  readonly description?: string | undefined
  readonly subject?: string | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** What an index lists. */
  readonly manifests: readonly ListedAnswer[]
  /** Of an index, which of them it is whose config, history and layers are told. */
  readonly shown?: string | undefined
  readonly config?: ConfigAnswer | undefined
  readonly history: readonly StepAnswer[]
  readonly layers: readonly LayerAnswer[]
  readonly tags: readonly string[]
  readonly referrers: readonly ReferrerAnswer[]
  readonly may: MayAnswer
}

/** What the asker may do to it. */
export type MayAnswer = {
  /** Tag it; never what is mirrored. */
  readonly push: boolean
  /** Remove it; never what is mirrored. */
  readonly delete: boolean
  /** Pin, fetch, evict or copy it. */
  readonly admin: boolean
}

export type PartAnswer = {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly kept: boolean
}

/** A platform's image; or an attestation, which has an `attests` and no `platform`. */
export type ListedAnswer = PartAnswer & {
  readonly platform?: string | undefined
  readonly attests?: string | undefined
  /** With config and layers; not there until its manifest is kept. */
  readonly imageSize?: number | undefined
  /** Of these, what is kept. */
  readonly keptSize?: number | undefined
}

export type ConfigAnswer = PartAnswer & {
  readonly created?: string | undefined
  readonly os?: string | undefined
  readonly architecture?: string | undefined
  readonly user?: string | undefined
  readonly workingDir?: string | undefined
  /** These not until the config is kept. */
  readonly entrypoint?: readonly string[] | undefined
  readonly cmd?: readonly string[] | undefined
  readonly env?: readonly string[] | undefined
  readonly exposedPorts?: readonly string[] | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** A step by which it was made; `empty` ones have no layer. */
export type StepAnswer = {
  readonly command?: string | undefined
  readonly created?: string | undefined
  readonly comment?: string | undefined
  readonly empty: boolean
}

export type LayerAnswer = PartAnswer & {
  readonly command?: string | undefined
  readonly created?: string | undefined
  /** Other images that have it too, of those that the asker may pull. */
  readonly shared: {
    readonly count: number
    /** Whether there may be more. */
    readonly more: boolean
    /** The first ones: `docker.io/library/node:20`. */
    readonly images: readonly string[]
  }
}

export type ReferrerAnswer = PartAnswer & {
  readonly artifactType?: string | undefined
  /** By which it is attached, in cosign's older way. */
  readonly tag?: string | undefined
  readonly referrers: readonly ReferrerAnswer[]
}

/** `GET /api/v1/document?name=&of=manifest|config&platform=`. */
export type DocumentAnswer = {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** As it is kept, byte for byte. */
  readonly text: string
}
