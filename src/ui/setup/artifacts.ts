import { type Guide, namedHere, type Step, sampleOf, type Wanted } from './guide.ts'
import { stepsForCa, usesCa, warnOfCertificate, warnOfPrefix } from './trust.ts'

const caFile = 'entrepot-ca.pem'

/** Helm, ORAS and crane know no mirrors: the server stands in front of the name. */
export function guideArtifacts(wanted: Wanted): Guide {
  const { origin, registries, needsLogin } = wanted
  const image = namedHere(origin, sampleOf(registries))
  const chart = namedHere(
    origin,
    `${registries.includes('ghcr.io') ? 'ghcr.io' : (registries[0] ?? 'docker.io')}/OWNER/charts/NAME`,
  )
  const [helm, oras, crane] = optionsOf(wanted)
  const login: readonly Step[] = needsLogin
    ? [
        {
          title: 'Log in; a token is given as the password',
          text: `helm registry login ${helm}${origin.host}`,
        },
        { title: 'The same for ORAS', text: `oras login ${oras}${origin.host}` },
      ]
    : []
  return {
    steps: [
      ...stepsForCa(wanted, caFile),
      ...login,
      { title: 'Helm', text: `helm pull ${helm}oci://${chart} --version 1.2.3` },
      { title: 'ORAS', text: `oras pull ${oras}${image}` },
      { title: 'crane', text: `crane pull ${crane}${image} image.tar` },
    ],
    warnings: [
      'None of these knows mirrors: what asks for ghcr.io/… by itself, as the dependencies of a chart do, still goes there.',
      ...(usesCa(wanted)
        ? [
            'crane trusts what the machine trusts: SSL_CERT_FILE=entrepot-ca.pem in front of it will do.',
          ]
        : []),
      ...warnOfPrefix(wanted, 'Helm'),
      ...warnOfCertificate(wanted, 'where --cert-file and --key-file say'),
    ],
    undo: [],
    check: `oras manifest fetch ${oras}${image}`,
  }
}

function optionsOf(wanted: Wanted): readonly [helm: string, oras: string, crane: string] {
  if (wanted.origin.scheme === 'http') return ['--plain-http ', '--plain-http ', '--insecure ']
  return usesCa(wanted) ? [`--ca-file ${caFile} `, `--ca-file ${caFile} `, ''] : ['', '', '']
}
