import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toOptions } from './account.ts'
import { runToSuccess } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { makePrivateHome } from './private-home.ts'
import { writeCertificateFolder, writeRegistriesConf } from './registries-conf.ts'

/** Builds images and pushes them. */
export interface Buildah extends Client {
  /** Makes an image that has nothing but a file of this text, on an image of ours or on nothing. */
  build(image: string, text: string, base?: string): Promise<void>
  pushBuilt(image: string): Promise<void>
}

export const startBuildah = async (options: ClientOptions): Promise<Buildah> => {
  const folder = options.lab.path('buildah')
  const home = await makePrivateHome(folder)
  const env = { ...home, CONTAINERS_REGISTRIES_CONF: await writeRegistriesConf(folder, options) }
  const believing = await writeCertificateFolder(folder, '--cert-dir', options)
  const stores = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  const buildah = (...parameters: string[]) =>
    runToSuccess(options.namespace.inside(['buildah', ...stores, ...parameters]), { env })
  const pushBuilt = async (image: string) => {
    await buildah('push', '--quiet', ...believing, image)
  }
  return {
    name: 'buildah',
    pushBuilt,
    async build(image, text, base = 'scratch') {
      const context = join(folder, 'context')
      await mkdir(context, { recursive: true })
      await writeFile(join(context, 'file'), text)
      await writeFile(join(context, 'Containerfile'), `FROM ${base}\nCOPY file /\n`)
      // Nothing is run, so that nothing need be kept apart.
      await buildah('build', '--quiet', '--isolation', 'chroot', '--tag', image, context)
    },
    async pull(image) {
      await buildah('pull', '--quiet', ...believing, image)
      const format = ['--type', 'image', '--format', '{{.FromImageDigest}}']
      return (await buildah('inspect', ...format, image)).trim()
    },
    async push(archive, image) {
      const id = await buildah('pull', '--quiet', `docker-archive:${archive.file}`)
      await buildah('tag', id.trim(), image)
      await pushBuilt(image)
    },
    async login(registry, account) {
      await buildah('login', ...believing, ...toOptions(account), registry)
    },
    async logout(registry) {
      await buildah('logout', registry)
    },
    async clear() {
      await buildah('rmi', '--all', '--force')
    },
  }
}
