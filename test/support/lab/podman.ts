import { join } from 'node:path'
import { toOptions } from './account.ts'
import { runToSuccess } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { makePrivateHome } from './private-home.ts'
import { writeCertificateFolder, writeRegistriesConf } from './registries-conf.ts'

export const startPodman = async (options: ClientOptions): Promise<Client> => {
  const folder = options.lab.path('podman')
  const home = await makePrivateHome(folder)
  const registriesConf = await writeRegistriesConf(folder, options)
  const believing = await writeCertificateFolder(folder, '--cert-dir', options)
  const stores = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  const daemonless = ['--cgroup-manager=cgroupfs', '--events-backend=none']
  const env = { ...home, CONTAINERS_REGISTRIES_CONF: registriesConf }
  const podman = (...parameters: string[]) => {
    const command = ['podman', ...stores, ...daemonless, ...parameters]
    return runToSuccess(options.namespace.inside(command), { env })
  }
  return {
    name: 'podman',
    async pull(image) {
      const id = await podman('pull', '--quiet', ...believing, image)
      const digest = await podman('image', 'inspect', '--format', '{{.Digest}}', id.trim())
      return digest.trim()
    },
    async push(archive, image) {
      const id = await podman('pull', '--quiet', `docker-archive:${archive.file}`)
      await podman('tag', id.trim(), image)
      await podman('push', '--quiet', ...believing, image)
    },
    async login(registry, account) {
      await podman('login', ...believing, ...toOptions(account), registry)
    },
    async logout(registry) {
      await podman('logout', registry)
    },
    async clear() {
      await podman('rmi', '--all', '--force')
    },
  }
}
