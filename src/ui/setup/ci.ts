import { buildkitToml } from './buildkit.ts'
import { type Guide, inPath, sampleOf, urlOf, type Wanted } from './guide.ts'
import { stepsForCa, usesCa, warnOfCertificate, warnOfPrefix } from './trust.ts'

const hub = 'docker.io'

/** Jobs that build and pull in containers of their own, where no file of the machine counts. */
export function guideCi(wanted: Wanted): Guide {
  return {
    steps: [
      ...stepsForCa(wanted, 'entrepot-ca.pem'),
      {
        title: 'GitHub Actions, with a runner that reaches this server: a step before the build',
        file: '.github/workflows/build.yml',
        text: actionsStep(wanted),
      },
      {
        title: 'GitLab CI, with docker in docker: Docker Hub through this server',
        file: '.gitlab-ci.yml',
        text: gitlabService(wanted),
      },
      { title: 'kaniko', text: kaniko(wanted) },
    ],
    warnings: [
      'Runners in somebody’s cloud reach this server only if it is reachable from the internet: use runners of your own.',
      'docker in docker mirrors Docker Hub alone.',
      ...(usesCa(wanted)
        ? [
            'The CA’s file must be where the job runs: give it as a secret file, or build it into the runner’s image.',
          ]
        : []),
      ...(wanted.needsLogin
        ? [
            'A pull wants a login: log in with a token before the build, as for a registry that is pushed to.',
          ]
        : []),
      ...warnOfPrefix(wanted, 'BuildKit'),
      ...warnOfCertificate(wanted, 'into the job’s secret files'),
    ],
    undo: [{ title: 'Take the lines out again', text: 'git revert HEAD' }],
    check: `docker pull ${sampleOf(wanted.registries).replace(/^docker\.io\/(?:library\/)?/, '')}`,
  }
}

function actionsStep(wanted: Wanted): string {
  const config = buildkitToml({ ...wanted, needsCertificate: false })
    .replaceAll('/etc/buildkit/', '')
    .trimEnd()
  return [
    '- uses: docker/setup-buildx-action@v3',
    '  with:',
    '    buildkitd-config-inline: |',
    ...config.split('\n').map((line) => `      ${line}`),
    '',
  ].join('\n')
}

function gitlabService({ origin }: Wanted): string {
  return [
    'services:',
    '  - name: docker:dind',
    `    command: ["--registry-mirror", ${JSON.stringify(urlOf(origin))}]`,
    '',
  ].join('\n')
}

/** It calls Docker Hub by the name of its index. */
function kaniko(wanted: Wanted): string {
  const { origin, registries } = wanted
  const map = registries
    .map((registry) => {
      return `${registry === hub ? 'index.docker.io' : registry}=${origin.host}/${inPath(registry)}`
    })
    .join(';')
  const trust =
    origin.scheme === 'http'
      ? ` \\\n  --insecure-registry ${origin.host}`
      : usesCa(wanted)
        ? ` \\\n  --registry-certificate ${origin.host}=entrepot-ca.pem`
        : ''
  return `executor --context . --no-push \\\n  --registry-map "${map}"${trust}`
}
