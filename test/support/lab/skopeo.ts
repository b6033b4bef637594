import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../image-builder.ts'
import { toOptions } from './account.ts'
import { runToSuccess } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { layoutTag } from './image-layout.ts'
import { makePrivateHome } from './private-home.ts'
import { writeCertificateFolder, writeRegistriesConf } from './registries-conf.ts'

/** skopeo copies images into a folder; it checks every digest on the way. */
export interface Skopeo extends Client {
  /** Runs any of its commands, and returns what it prints. Throws what it printed when it fails. */
  run(...parameters: readonly string[]): Promise<string>
}

export const startSkopeo = async (options: ClientOptions): Promise<Skopeo> => {
  const folder = options.lab.path('skopeo')
  const target = join(folder, 'image')
  const env = await makePrivateHome(folder)
  const registriesConf = await writeRegistriesConf(folder, options)
  const believing = await writeCertificateFolder(folder, '--src-cert-dir', options)
  const believingTarget = await writeCertificateFolder(folder, '--dest-cert-dir', options)
  const skopeo = ['skopeo', '--insecure-policy', '--registries-conf', registriesConf]
  const run = (...parameters: readonly string[]) =>
    runToSuccess(options.namespace.inside([...skopeo, ...parameters]), { env })
  const certificates = await writeCertificateFolder(folder, '--cert-dir', options)
  const clear = () => rm(target, { recursive: true, force: true })
  return {
    name: 'skopeo',
    run,
    clear,
    async login(registry, account) {
      await run('login', ...certificates, ...toOptions(account), registry)
    },
    async logout(registry) {
      await run('logout', registry)
    },
    async pull(image) {
      // The folder holds one image.
      await clear()
      await run('copy', ...believing, `docker://${image}`, `dir:${target}`)
      return digestOf(await readFile(join(target, 'manifest.json')))
    },
    async push(archive, image) {
      const source = `oci:${archive.folder}:${layoutTag}`
      await run('copy', ...believingTarget, source, `docker://${image}`)
    },
  }
}
