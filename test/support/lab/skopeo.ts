import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../image-builder.ts'
import { runToSuccess } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { makePrivateHome } from './private-home.ts'
import { writeCertificateFolder, writeRegistriesConf } from './registries-conf.ts'

/** skopeo copies images into a folder; it checks every digest on the way. */
export const startSkopeo = async (options: ClientOptions): Promise<Client> => {
  const folder = options.lab.path('skopeo')
  const target = join(folder, 'image')
  const env = await makePrivateHome(folder)
  const registriesConf = await writeRegistriesConf(folder, options)
  const believing = await writeCertificateFolder(folder, '--src-cert-dir', options)
  const skopeo = ['skopeo', '--insecure-policy', '--registries-conf', registriesConf]
  const clear = () => rm(target, { recursive: true, force: true })
  return {
    name: 'skopeo',
    clear,
    async pull(image) {
      // The folder holds one image.
      await clear()
      const command = [...skopeo, 'copy', ...believing, `docker://${image}`, `dir:${target}`]
      await runToSuccess(options.namespace.inside(command), { env })
      return digestOf(await readFile(join(target, 'manifest.json')))
    },
  }
}
