import type { ImageRecipe } from '../image-builder.ts'

export interface DemoImage {
  /** As it is pulled: `docker.io/library/node:22`. */
  readonly name: string
  readonly recipe: ImageRecipe
  /** How often it is pulled, compared with the others. */
  readonly weight: number
}

const kib = 1024
const debian = { seed: 'debian 12', size: 4_200 * kib, command: 'debuerreotype 0.15 # debian 12' }
const alpine = {
  seed: 'alpine 3.22',
  size: 350 * kib,
  command: 'ADD alpine-minirootfs-3.22 / # buildkit',
}

type Base = typeof debian

const on = (
  base: Base,
  name: string,
  layers: readonly (readonly [command: string, kib: number])[],
  weight: number,
): DemoImage => {
  const title = name.replace(/:.*/, '').replace(/.*\//, '')
  return {
    name,
    weight,
    recipe: {
      seed: name,
      layerSizes: [base.size, ...layers.map(([, size]) => size * kib)],
      layerSeeds: [base.seed, ...layers.map(([command]) => `${title} ${command}`)],
      commands: [base.command, ...layers.map(([command]) => command)],
      labels: {
        'org.opencontainers.image.title': title,
        'org.opencontainers.image.source': `https://example.com/${title}`,
      },
      running: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8'],
        Entrypoint: [`/usr/local/bin/${title}`],
        Cmd: ['--config', `/etc/${title}.conf`],
        ExposedPorts: { '8080/tcp': {} },
        WorkingDir: '/srv',
      },
    },
  }
}

/** What a small company pulls, at a hundredth of its size. */
export const mirroredImages: readonly DemoImage[] = [
  on(
    debian,
    'docker.io/library/node:22',
    [
      ['RUN apt-get install -y python3 make g++', 1_900],
      ['COPY node-22 /usr/local', 1_700],
    ],
    40,
  ),
  on(
    debian,
    'docker.io/library/node:20',
    [
      ['RUN apt-get install -y python3 make g++', 1_900],
      ['COPY node-20 /usr/local', 1_600],
    ],
    12,
  ),
  on(alpine, 'docker.io/library/node:22-alpine', [['COPY node-22 /usr/local', 1_700]], 30),
  on(
    debian,
    'docker.io/library/postgres:17',
    [['RUN apt-get install -y postgresql-17', 1_100]],
    22,
  ),
  on(debian, 'docker.io/library/python:3.14', [['RUN make -C /usr/src/python', 24_000]], 1),
  on(alpine, 'docker.io/library/redis:8-alpine', [['RUN make -C /usr/src/redis install', 140]], 18),
  on(debian, 'docker.io/library/nginx:1.29', [['RUN apt-get install -y nginx=1.29', 440]], 25),
  on(alpine, 'docker.io/grafana/grafana:12.3', [['COPY grafana /usr/share/grafana', 2_400]], 8),
  on(
    alpine,
    'ghcr.io/fluxcd/source-controller:v1.7',
    [['COPY source-controller /usr/local/bin/', 600]],
    9,
  ),
  on(
    alpine,
    'ghcr.io/fluxcd/helm-controller:v1.4',
    [['COPY helm-controller /usr/local/bin/', 580]],
    9,
  ),
  on(
    alpine,
    'quay.io/prometheus/prometheus:v3.6',
    [['COPY prometheus /bin/prometheus', 1_050]],
    11,
  ),
  on(alpine, 'quay.io/jetstack/cert-manager-controller:v1.19', [['COPY controller /app/', 520]], 7),
]

export const pushedImages: readonly DemoImage[] = [
  on(
    debian,
    'shop/api:1.4.1',
    [
      ['RUN apt-get install -y ca-certificates', 90],
      ['COPY app-1.4.1 /srv', 420],
    ],
    10,
  ),
  on(
    debian,
    'shop/api:1.4.2',
    [
      ['RUN apt-get install -y ca-certificates', 90],
      ['COPY app-1.4.2 /srv', 430],
    ],
    26,
  ),
  on(alpine, 'shop/web:2.0.0', [['COPY dist /usr/share/web', 210]], 16),
]
