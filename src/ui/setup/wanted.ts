import type { SetupAnswer } from '../../answers/setup.ts'
import type { Wanted } from './guide.ts'

/** What fits this server, unless something else is chosen. */
export function wantedFrom(setup: SetupAnswer, chosen: Partial<Wanted> = {}): Wanted {
  const { address, tls } = setup
  const { scheme, host, prefix } = address
  // The certificate of a proxy isn't known here; most are of a public CA.
  const isTrusted = address.isProxied || tls === undefined || tls.isPublic
  return {
    origin: { scheme, host, prefix },
    registries: registriesOf(setup),
    isEvery: false,
    form: 'root',
    trust: isTrusted ? 'system' : 'ca',
    caPem: address.isProxied ? undefined : tls?.ca?.pem,
    needsLogin: setup.pullsNeedLogin,
    needsCertificate: !address.isProxied && tls?.clientCertificates === 'required',
    defaultRegistry: setup.defaultUpstream,
    views: setup.views,
    ...chosen,
  }
}

/** Private ones are for whom a rule names, and a mirror shows no login: they are chosen by hand. */
export function registriesOf({ upstreams }: SetupAnswer): readonly string[] {
  return upstreams.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name)
}
