import { type Guide, inPath, namedHere, type Step, sampleOf, type Wanted } from './guide.ts'
import { stepsForCa, warnOfCertificate, warnOfPrefix } from './trust.ts'

const file = '/etc/containers/registries.conf.d/entrepot.conf'

export function guidePodman(wanted: Wanted): Guide {
  const { origin } = wanted
  return {
    steps: [
      ...stepsForCa(wanted, `/etc/containers/certs.d/${origin.host}/ca.crt`),
      { title: 'Name the mirror of each registry', file, text: registriesConf(wanted) },
      {
        title: 'Podman, skopeo and buildah read it at each pull. Only CRI-O wants to be told',
        text: 'sudo systemctl reload crio',
      },
      ...loginSteps(wanted, 'podman'),
    ],
    warnings: [
      ...warnOfPrefix(wanted, 'Podman'),
      ...(wanted.isEvery ? [everyWarning] : []),
      'What the manifest came from, its layers come from too: if this server fails in the middle of a pull, the pull fails, and the next one begins at the mirror again.',
      ...warnOfCertificate(
        wanted,
        `in /etc/containers/certs.d/${origin.host}/ as client.cert and client.key`,
      ),
    ],
    undo: [{ title: 'Take the file away', text: `sudo rm ${file}` }],
    check: `podman pull ${sampleOf(wanted.registries)}`,
  }
}

/** skopeo reads the same file; or is told by the name, which needs none. */
export function guideSkopeo(wanted: Wanted): Guide {
  const { origin, registries } = wanted
  const image = sampleOf(registries)
  const isPlain = origin.scheme === 'http'
  const verify = isPlain ? '--src-tls-verify=false ' : ''
  return {
    steps: [
      ...stepsForCa(wanted, `/etc/containers/certs.d/${origin.host}/ca.crt`),
      ...loginSteps(wanted, 'skopeo'),
      {
        title: 'Without any configuration: put the server in front of the name',
        text: `skopeo copy ${verify}docker://${namedHere(origin, image)} oci:image`,
      },
      { title: 'Or name the mirrors once', file, text: registriesConf(wanted) },
      { title: 'Then names stay as they are', text: `skopeo copy docker://${image} oci:image` },
    ],
    warnings: [
      ...warnOfPrefix(wanted, 'skopeo'),
      ...(wanted.isEvery ? [everyWarning] : []),
      '“skopeo list-tags”, and whatever is pushed, goes to the registry itself: mirrors are for pulls.',
      ...warnOfCertificate(
        wanted,
        `in /etc/containers/certs.d/${origin.host}/ as client.cert and client.key`,
      ),
    ],
    undo: [{ title: 'Take the file away', text: `sudo rm ${file}` }],
    check: `skopeo inspect ${isPlain ? '--tls-verify=false ' : ''}docker://${namedHere(origin, image)}`,
  }
}

const everyWarning =
  'There is no entry for every registry here: these are the ones that this server mirrors.'

/** The mirror's path says which registry is wanted: these clients tell it in no other way. */
export function registriesConf({ origin, registries }: Wanted): string {
  return registries
    .map((registry) =>
      [
        '[[registry]]',
        `prefix = "${registry}"`,
        `location = "${registry}"`,
        '[[registry.mirror]]',
        `location = "${origin.host}/${inPath(registry)}"`,
        ...(origin.scheme === 'http' ? ['insecure = true'] : []),
        '',
      ].join('\n'),
    )
    .join('\n')
}

function loginSteps({ origin, needsLogin }: Wanted, program: string): readonly Step[] {
  if (!needsLogin) return []
  const verify = origin.scheme === 'http' ? '--tls-verify=false ' : ''
  return [
    {
      title: 'Log in; a token is given as the password',
      text: `${program} login ${verify}${origin.host}`,
    },
  ]
}
