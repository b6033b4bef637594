/** What a pushing process is told. */
export interface PushOrder {
  /** Of the server: scheme, host and port. */
  readonly origin: string
  /** Each pushes one blob after another, to a repository of its own. */
  readonly connections: number
  /** Of all connections together. */
  readonly blobs: number
  readonly blobBytes: number
  /** Whether each blob becomes an image, with a config and a manifest. */
  readonly asImages: boolean
}

/** What it says in the end. */
export interface PushReport {
  /** From the first request to the last answer. */
  readonly seconds: number
  readonly bytes: number
  readonly requests: number
}
