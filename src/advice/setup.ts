import type { SetupState } from '../answers/setup.ts'
import type { Config } from '../config/config.ts'
import { describeTls } from './describe-tls.ts'

/** A port that is listened on; its root may be a view of one upstream. */
export type ListeningPort = {
  readonly address: { readonly port: number }
  readonly view: string | undefined
}

const anyHost = '*'

export function describeSetup(config: Config, ports: readonly ListeningPort[]): SetupState {
  const { upstreams, access, hosted, tls } = config
  const named = [...upstreams.values()].filter(({ name }) => name !== anyHost)
  return {
    upstreams: named.map((upstream) => ({ name: upstream.name, isPrivate: upstream.private })),
    anyUpstream: upstreams.has(anyHost),
    defaultUpstream: config.defaultUpstream,
    views: ports.flatMap(({ address, view }) =>
      view === undefined ? [] : [{ port: address.port, upstream: view }],
    ),
    pullsNeedLogin: access.anonymous === 'none',
    pushes: { areOpen: access.anonymous === 'push', repositories: hosted.repositories },
    tls: tls && describeTls(tls),
  }
}
