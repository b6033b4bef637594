import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runToSuccess } from './background-process.ts'
import type { ClientOptions } from './client.ts'
import { makePrivateHome } from './private-home.ts'
import { writeRegistriesConf } from './registries-conf.ts'

/** Builds images and pushes them. */
export interface Buildah {
  /** Makes an image that has nothing but a file of this text, on an image of ours or on nothing. */
  build(image: string, text: string, base?: string): Promise<void>
  push(image: string): Promise<void>
}

export const startBuildah = async (options: ClientOptions): Promise<Buildah> => {
  const folder = options.lab.path('buildah')
  const home = await makePrivateHome(folder)
  const env = { ...home, CONTAINERS_REGISTRIES_CONF: await writeRegistriesConf(folder, options) }
  const stores = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  const buildah = (...parameters: string[]) =>
    runToSuccess(options.namespace.inside(['buildah', ...stores, ...parameters]), { env })
  return {
    async build(image, text, base = 'scratch') {
      const context = join(folder, 'context')
      await mkdir(context, { recursive: true })
      await writeFile(join(context, 'file'), text)
      await writeFile(join(context, 'Containerfile'), `FROM ${base}\nCOPY file /\n`)
      // Nothing is run, so that nothing need be kept apart.
      await buildah('build', '--quiet', '--isolation', 'chroot', '--tag', image, context)
    },
    async push(image) {
      await buildah('push', '--quiet', image)
    },
  }
}
