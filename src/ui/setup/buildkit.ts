import { type Guide, inPath, type Step, sampleOf, type Wanted } from './guide.ts'
import { stepsForCa, usesCa, warnOfCertificate, warnOfPrefix } from './trust.ts'

export const buildkitFile = '/etc/buildkit/buildkitd.toml'
const caFile = '/etc/buildkit/entrepot-ca.pem'

export function guideBuildkit(wanted: Wanted): Guide {
  const login: readonly Step[] = wanted.needsLogin
    ? [
        {
          title: 'Log in where builds are started; a token is given as the password',
          text: `docker login ${wanted.origin.host}`,
        },
      ]
    : []
  return {
    steps: [
      ...stepsForCa(wanted, caFile),
      { title: 'Name the mirror of each registry', file: buildkitFile, text: buildkitToml(wanted) },
      {
        title: 'Make a builder that goes by it',
        text: `docker buildx create --name entrepot --use --buildkitd-config ${buildkitFile}`,
      },
      ...login,
    ],
    warnings: [
      ...warnOfPrefix(wanted, 'BuildKit'),
      ...(wanted.isEvery
        ? [
            'There is no entry for every registry here: these are the ones that this server mirrors.',
          ]
        : []),
      '“docker build” without a builder of its own goes by docker’s configuration: choose Docker for that.',
      ...warnOfCertificate(wanted, `where "keypair" of [registry."${wanted.origin.host}"] says`),
    ],
    undo: [{ title: 'Take the builder away', text: 'docker buildx rm entrepot' }],
    check: `echo "FROM ${sampleOf(wanted.registries)}" | docker buildx build --pull -`,
  }
}

/** How the mirror is talked to is said of the mirror, and not of the registry that it is for. */
export function buildkitToml(wanted: Wanted): string {
  const { origin, registries, form } = wanted
  const entries = registries.flatMap((registry) => [
    `[registry."${registry}"]`,
    `  mirrors = ["${origin.host}${form === 'path' ? `/${inPath(registry)}` : ''}"]`,
  ])
  const trust = [
    ...(origin.scheme === 'http' ? ['  http = true'] : []),
    ...(usesCa(wanted) ? [`  ca = ["${caFile}"]`] : []),
    ...(wanted.needsCertificate
      ? [
          `  [[registry."${origin.host}".keypair]]`,
          '    cert = "/etc/buildkit/client.cert"',
          '    key = "/etc/buildkit/client.key"',
        ]
      : []),
  ]
  const own = trust.length > 0 ? [`[registry."${origin.host}"]`, ...trust] : []
  return [...entries, ...own, ''].join('\n')
}
