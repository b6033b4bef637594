import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashPassword } from '../../../src/access/password-hash.ts'
import { runToSuccess, startProcess } from '../lab/background-process.ts'
import type { Lab } from '../lab/lab.ts'
import { startMirror } from '../lab/mirror.ts'
import { pushImage } from '../lab/push-image.ts'
import { type Registry, startRegistry } from '../lab/registry.ts'
import { ask } from '../raw-client.ts'
import type { Entrepot } from '../start-entrepot.ts'
import { writeDemoHistory } from './demo-history.ts'
import { mirroredImages, pushedImages } from './demo-images.ts'
import { writeDemoUpstreams } from './demo-upstreams.ts'

const upstreams = ['docker.io', 'ghcr.io', 'quay.io'] as const

/** May do everything there. */
export const demoUser = { user: 'ana', password: 'correct horse battery' }

export interface Demo {
  readonly server: Entrepot
  readonly registries: Readonly<Record<string, Registry>>
  /** By skopeo, from an address of this machine: `docker.io/library/node:22`. */
  pull(image: string): Promise<void>
  /** Takes its largest layer slowly, until the lab is closed. */
  takeSlowly(image: string): Promise<void>
}

/** A server as it is after a month: with its ledger, and with images that skopeo has pulled and pushed. */
export const startDemo = async (lab: Lab, config: object = {}): Promise<Demo> => {
  const registries: Record<string, Registry> = {}
  for (const upstream of upstreams) registries[upstream] = await startRegistry(lab)
  for (const { name, recipe } of mirroredImages) {
    const [upstream, repository, tag] = split(name)
    await pushImage({ url: registries[upstream]?.url ?? '', repository }, tag, recipe)
  }
  const settings = Object.entries(registries).map(([name, { url }]) => [name, { url }])
  const shown = { upstreams: Object.fromEntries(settings), access: { anonymous: 'push' } }
  const data = join(lab.path('entrepot'), 'data')
  await writeDemoHistory(data, Date.now())
  const urls = Object.fromEntries(Object.entries(registries).map(([name, { url }]) => [name, url]))
  await writeDemoUpstreams(data, urls, Date.now())
  await writeFile(
    join(data, 'htpasswd'),
    `${demoUser.user}:${await hashPassword(demoUser.password)}\n`,
  )
  const server = await startMirror(lab, {}, { config: { ...shown, ...config } })
  const pull = makePuller(lab, server)
  for (const { name, recipe } of pushedImages) {
    const [, repository, tag] = split(`/${name}`)
    await pushImage({ url: server.url, repository }, tag, recipe)
  }
  for (const { name } of [...mirroredImages, ...pushedImages]) await pull(name)
  return { server, registries, pull, takeSlowly: (image) => takeSlowly(lab, server, image) }
}

const makePuller =
  (lab: Lab, { port }: Entrepot): Demo['pull'] =>
  async (image) => {
    const target = lab.path('pulled')
    await runToSuccess([
      'skopeo',
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      `docker://127.0.0.1:${port}/${image}`,
      `dir:${target}`,
    ])
  }

const takeSlowly = async (lab: Lab, server: Entrepot, image: string): Promise<void> => {
  const [name, tag = ''] = image.split(':')
  const manifest = await ask(server, `/v2/${name}/manifests/${tag}`)
  const { layers } = JSON.parse(manifest.body.toString()) as {
    layers: { digest: string; size: number }[]
  }
  const [largest] = layers.sort((one, other) => other.size - one.size)
  const url = `${server.url}/v2/${name}/blobs/${largest?.digest}`
  const command = ['curl', '--silent', '--limit-rate', '60k', '--output', '/dev/null', url]
  lab.onClose(startProcess(command, lab.path('slow.log')).stop)
}

const split = (name: string): readonly [upstream: string, repository: string, tag: string] => {
  const slash = name.indexOf('/')
  const [repository = '', tag = ''] = name.slice(slash + 1).split(':')
  return [name.slice(0, slash), repository, tag]
}
