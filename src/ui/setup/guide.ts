/*
 * What to put where, so that a client pulls through this server: pure functions, from what is wanted to files and
 * commands. What each client can do was read in its source or seen on the wire; they know nothing of the page.
 */

/** Where clients reach the server. */
export type Origin = {
  readonly scheme: 'http' | 'https'
  /** With its port, where that isn't the scheme's own. */
  readonly host: string
  /** What stands before its paths: `/registry`, or empty. */
  readonly prefix: string
}

export type Form =
  /** The server's root; the client says which registry it wants, or can only want one. */
  | 'root'
  /** The registry is part of the path. */
  | 'path'
  /** A port that is one registry. */
  | 'port'

export type Trust =
  /** A public CA, or one that the machine trusts already. */
  | 'system'
  /** A CA of one's own, as a file for this client. */
  | 'ca'

export type Wanted = {
  readonly origin: Origin
  /** Registries to mirror, as mirrors.yaml names them. */
  readonly registries: readonly string[]
  /** Every registry, also those that mirrors.yaml doesn't name: the client goes to these itself. */
  readonly isEvery: boolean
  readonly form: Form
  /** Of HTTPS. */
  readonly trust: Trust
  /** The CA's certificate, where the server knows it. */
  readonly caPem?: string | undefined
  readonly needsLogin: boolean
  /** Whether clients must show a certificate of their own. */
  readonly needsCertificate: boolean
  /** What the server's root is of. */
  readonly defaultRegistry: string
  /** Ports that are one registry each. */
  readonly views: readonly { readonly port: number; readonly upstream: string }[]
}

export type Step = {
  readonly title: string
  /** Where the text belongs; a step without one is run. */
  readonly file?: string | undefined
  readonly text: string
}

export type Guide = {
  readonly steps: readonly Step[]
  /** What this client can't do, or does in another way than one would think. */
  readonly warnings: readonly string[]
  readonly undo: readonly Step[]
  /** A pull that should be seen here. */
  readonly check: string
}

const samples: Readonly<Record<string, string>> = {
  'docker.io': 'library/alpine:latest',
  'ghcr.io': 'home-assistant/home-assistant:stable',
  'quay.io': 'prometheus/busybox:latest',
  'registry.k8s.io': 'pause:3.10',
  'gcr.io': 'distroless/static:latest',
  'mcr.microsoft.com': 'hello-world:latest',
  'public.ecr.aws': 'docker/library/alpine:latest',
  'nvcr.io': 'nvidia/cuda:12.6.0-base-ubuntu24.04',
}

/** `docker.io/library/alpine:latest`: an image to try the first of them with. */
export function sampleOf([registry = 'docker.io']: readonly string[]): string {
  return `${registry}/${samples[registry] ?? 'NAME:TAG'}`
}

/** `https://nas.lan:5000/registry` */
export function urlOf({ scheme, host, prefix }: Origin): string {
  return `${scheme}://${host}${prefix}`
}

/** As a name's part: a colon isn't legal there. */
export function inPath(registry: string): string {
  return registry.replace(':', '_')
}

/** `nas.lan:5000/ghcr.io/team/app:1`: by name, without any configuration. */
export function namedHere({ host }: Origin, image: string): string {
  const slash = image.indexOf('/')
  return `${host}/${inPath(image.slice(0, slash))}${image.slice(slash)}`
}

/** Without its port. */
export function hostnameOf({ host }: Origin): string {
  return host.replace(/:\d+$/, '')
}
