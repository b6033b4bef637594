import type { BenchImage } from '../image.ts'
import type { ProcessGroup } from '../process-group.ts'
import type { ProgramName } from '../programs.ts'

export type ServerName = 'entrepot' | 'docker-registry' | 'nginx' | 'nginx-proxy' | 'direct'

/** PEM files. This process trusts it already. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

/** What a server is given to start with. */
export interface ServerSite {
  /** A folder of its own, which exists. What an earlier start left there is used again. */
  readonly directory: string
  readonly image: BenchImage
  /** The registry that holds the image, without a slash at the end. */
  readonly upstreamUrl: string
  readonly upstreamProcess: ProcessGroup
  readonly signal: AbortSignal
  /** Set for HTTPS. */
  readonly certificate?: Certificate | undefined
  /** Entrepot's `threads`; without it, its default. The others have no such thing. */
  readonly threads?: number | undefined
  /** A module that Entrepot's process loads before itself. */
  readonly preloads?: string | undefined
}

export interface RunningServer extends AsyncDisposable {
  readonly name: ServerName
  /** `/manifests/<reference>` and `/blobs/<digest>` come after it. */
  readonly repositoryUrl: string
  readonly process: ProcessGroup
  /** Whether what was pulled from it is kept by now, so that its next answer is a hit. */
  readonly isKept: (image: BenchImage) => Promise<boolean>
}

/** A server under test: how one is started, on a free port of 127.0.0.1. */
export interface ServerKind {
  readonly name: ServerName
  /** What it is, for the reader of the table. */
  readonly title: string
  /** To start it, over TLS too. */
  readonly programs: readonly ProgramName[]
  /** Resolves once it answers. Whoever starts it disposes of it. */
  readonly start: (site: ServerSite) => Promise<RunningServer>
}
