import { type Guide, inPath, type Step, sampleOf, urlOf, type Wanted } from './guide.ts'
import { restart, stepsForCa, usesCa, warnOfCertificate } from './trust.ts'

const file = '/etc/rancher/k3s/registries.yaml'
const caFile = '/etc/rancher/k3s/entrepot-ca.pem'

export function guideK3s(wanted: Wanted): Guide {
  return {
    steps: [
      ...stepsForCa(wanted, caFile),
      { title: 'On every node', file, text: registriesYaml(wanted) },
      restartStep,
    ],
    warnings: [
      'RKE2 has it in /etc/rancher/rke2/registries.yaml, and is restarted as rke2-server or rke2-agent.',
      'What this server doesn’t have k3s fetches from the registry itself, unless it runs with --disable-default-registry-endpoint.',
      ...warnOfCertificate(wanted, 'where cert_file and key_file say'),
    ],
    undo: [{ title: 'On every node', text: `sudo rm ${file}` }, restartStep],
    check: `sudo k3s crictl pull ${sampleOf(wanted.registries)}`,
  }
}

const restartStep: Step = {
  ...restart('k3s'),
  title: 'Restart k3s; on nodes that only work it is called k3s-agent',
}

function registriesYaml(wanted: Wanted): string {
  const names = wanted.isEvery ? ['*'] : wanted.registries
  const mirrors = names.flatMap((name) => [
    `  ${JSON.stringify(name)}:`,
    `    endpoint: [${JSON.stringify(endpointOf(wanted, name))}]`,
  ])
  return ['mirrors:', ...mirrors, ...configsOf(wanted), ''].join('\n')
}

/** With any path but `/v2` k3s adds none of its own. */
function endpointOf({ origin, form, isEvery }: Wanted, registry: string): string {
  const root = urlOf(origin)
  if (form === 'path' && !isEvery) return `${root}/v2/${inPath(registry)}`
  return origin.prefix === '' ? root : `${root}/v2`
}

function configsOf(wanted: Wanted): readonly string[] {
  const { origin, needsLogin, needsCertificate } = wanted
  const auth = needsLogin
    ? [
        '    auth:',
        '      username: ci',
        '      password: TOKEN # what "entrepot token create" printed',
      ]
    : []
  const trust = [
    ...(usesCa(wanted) ? [`      ca_file: ${caFile}`] : []),
    ...(needsCertificate
      ? [
          '      cert_file: /etc/rancher/k3s/client.cert',
          '      key_file: /etc/rancher/k3s/client.key',
        ]
      : []),
  ]
  const tls = trust.length > 0 ? ['    tls:', ...trust] : []
  if (auth.length + tls.length === 0) return []
  return ['configs:', `  ${JSON.stringify(origin.host)}:`, ...auth, ...tls]
}
