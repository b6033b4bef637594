import {
  type Guide,
  inPath,
  type Origin,
  type Step,
  sampleOf,
  urlOf,
  type Wanted,
} from './guide.ts'
import { restart, stepsForCa, usesCa, warnOfCertificate } from './trust.ts'

export const certsFolder = '/etc/containerd/certs.d'
const caFile = '/etc/containerd/entrepot-ca.pem'
const configFile = '/etc/containerd/config.toml'

export function guideContainerd(wanted: Wanted): Guide {
  const files = hostsFiles(wanted)
  return {
    steps: [...stepsForCa(wanted, caFile), ...files, ...stepsForConfig],
    warnings: warningsOf(wanted),
    undo: [{ title: 'Take the files away', text: `sudo rm -r ${files.map(folderOf).join(' ')}` }],
    check: `sudo ctr images pull --hosts-dir ${certsFolder} ${sampleOf(wanted.registries)}`,
  }
}

/** The same by one script, for whoever has many nodes. */
export function guideKubernetes(wanted: Wanted): Guide {
  const files = [...stepsForCa(wanted, caFile), ...hostsFiles(wanted)]
  const login = wanted.needsLogin ? [secretStep(wanted.origin)] : []
  return {
    steps: [
      { title: 'Run this on every node, as root', text: toScript(files) },
      ...stepsForConfig,
      ...login,
    ],
    warnings: [
      'This is for nodes with containerd. For CRI-O choose “Podman, CRI-O”, for k3s and RKE2 choose “k3s, RKE2”.',
      'Nodes that are made later need it too: put the script into what makes them (cloud-init, the node template).',
      ...warningsOf(wanted),
    ],
    undo: [
      {
        title: 'On every node, as root',
        text: `rm -r ${hostsFiles(wanted).map(folderOf).join(' ')}`,
      },
    ],
    check: `sudo crictl pull ${sampleOf(wanted.registries)}`,
  }
}

/** One file for each registry, or one for all: the client tells which it wants by `?ns=`. */
export function hostsFiles(wanted: Wanted): readonly (Step & { readonly file: string })[] {
  const { registries, isEvery, form } = wanted
  if (isEvery)
    return [
      {
        title: 'For every registry',
        file: `${certsFolder}/_default/hosts.toml`,
        text: hostsToml(wanted, urlOf(wanted.origin)),
      },
    ]
  return registries.map((registry) => {
    const root = urlOf(wanted.origin)
    const url = form === 'path' ? `${root}/v2/${inPath(registry)}` : root
    const file = `${certsFolder}/${registry}/hosts.toml`
    return { title: `For ${registry}`, file, text: hostsToml(wanted, url) }
  })
}

/** No "referrers" among what it can do: before 2.2 containerd ignores the whole file for that word. */
function hostsToml(wanted: Wanted, url: string): string {
  const isPath = !wanted.isEvery && wanted.form === 'path'
  return [
    `[host."${url}"]`,
    '  capabilities = ["pull", "resolve"]',
    ...(isPath ? ['  override_path = true'] : []),
    ...(usesCa(wanted) ? [`  ca = "${caFile}"`] : []),
    ...(wanted.needsCertificate
      ? ['  client = [["/etc/containerd/client.cert", "/etc/containerd/client.key"]]']
      : []),
    ...(wanted.needsLogin
      ? [
          `  # what this prints: printf 'ci:%s' "$TOKEN" | base64 -w0`,
          `[host."${url}".header]`,
          '  authorization = "Basic ..."',
        ]
      : []),
    '',
  ].join('\n')
}

const stepsForConfig: readonly Step[] = [
  {
    title: 'Before containerd 2.2: say where these files are. In 2.0 and 2.1',
    file: configFile,
    text: `[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "${certsFolder}"\n`,
  },
  {
    title: 'The same in 1.x',
    file: configFile,
    text: `version = 2\n\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "${certsFolder}"\n`,
  },
  { ...restart('containerd'), title: 'If config.toml was changed: restart containerd' },
]

function warningsOf(wanted: Wanted): readonly string[] {
  return [
    'hosts.toml is read at each pull: it needs no restart.',
    `“ctr” and “nerdctl” read it only where they are told: --hosts-dir ${certsFolder}.`,
    ...(wanted.isEvery
      ? [
          'Of a registry that mirrors.yaml doesn’t name this server says so, and containerd goes there itself.',
        ]
      : []),
    ...warnOfCertificate(wanted, 'where hosts.toml says'),
  ]
}

function secretStep({ host }: Origin): Step {
  return {
    title: 'For images that are named by this server: a login, named under imagePullSecrets',
    text: `kubectl create secret docker-registry entrepot --docker-server=${host} \\\n  --docker-username=ci --docker-password="$TOKEN"`,
  }
}

function toScript(files: readonly Step[]): string {
  return files
    .map(({ file = '', text }) => {
      const folder = file.slice(0, file.lastIndexOf('/'))
      return `mkdir -p ${folder}\ncat > ${file} <<'EOF'\n${text}EOF\n`
    })
    .join('')
}

function folderOf({ file }: { readonly file: string }): string {
  return file.slice(0, file.lastIndexOf('/'))
}
