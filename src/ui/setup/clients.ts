import { guideArtifacts } from './artifacts.ts'
import { guideBuildkit } from './buildkit.ts'
import { guideCi } from './ci.ts'
import { guideContainerd, guideKubernetes } from './containerd.ts'
import { guideDocker } from './docker.ts'
import type { Form, Guide, Wanted } from './guide.ts'
import { guideK3s } from './k3s.ts'
import { guidePodman, guideSkopeo } from './podman.ts'

export type ClientName =
  | 'docker'
  | 'containerd'
  | 'k3s'
  | 'podman'
  | 'kubernetes'
  | 'buildkit'
  | 'helm'
  | 'skopeo'
  | 'ci'

export type SetupClient = {
  readonly name: ClientName
  readonly title: string
  /** How it can say which registry it wants; the first is the usual one. */
  readonly forms: readonly Form[]
  /** Whether one entry can stand for every registry. */
  readonly canTakeEvery: boolean
  readonly guide: (wanted: Wanted) => Guide
}

export const setupClients: readonly SetupClient[] = [
  {
    name: 'docker',
    title: 'Docker',
    forms: ['root', 'path', 'port'],
    canTakeEvery: false,
    guide: guideDocker,
  },
  {
    name: 'containerd',
    title: 'containerd',
    forms: ['root', 'path'],
    canTakeEvery: true,
    guide: guideContainerd,
  },
  { name: 'k3s', title: 'k3s, RKE2', forms: ['root', 'path'], canTakeEvery: true, guide: guideK3s },
  {
    name: 'podman',
    title: 'Podman, CRI-O',
    forms: ['path'],
    canTakeEvery: false,
    guide: guidePodman,
  },
  {
    name: 'kubernetes',
    title: 'Kubernetes nodes',
    forms: ['root', 'path'],
    canTakeEvery: true,
    guide: guideKubernetes,
  },
  {
    name: 'buildkit',
    title: 'BuildKit',
    forms: ['root', 'path'],
    canTakeEvery: false,
    guide: guideBuildkit,
  },
  {
    name: 'helm',
    title: 'Helm, ORAS, crane',
    forms: ['path'],
    canTakeEvery: false,
    guide: guideArtifacts,
  },
  { name: 'skopeo', title: 'skopeo', forms: ['path'], canTakeEvery: false, guide: guideSkopeo },
  { name: 'ci', title: 'CI jobs', forms: ['root', 'path'], canTakeEvery: false, guide: guideCi },
]

/** The first where there is none of that name. */
export function findClient(name: string | null): SetupClient {
  const [first] = setupClients
  const found = setupClients.find((client) => client.name === name) ?? first
  if (!found) throw new Error('there are no clients')
  return found
}

/** What was wanted, as far as that client can. */
export function guideFor(client: SetupClient, wanted: Wanted): Guide {
  const [usual = 'root'] = client.forms
  const form = client.forms.includes(wanted.form) ? wanted.form : usual
  const isEvery = wanted.isEvery && client.canTakeEvery && form === 'root'
  return client.guide({ ...wanted, form, isEvery })
}
