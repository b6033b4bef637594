import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toOptions } from './account.ts'
import { runCommand, runToSuccess, startProcess, waitUntilReady } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { makePrivateHome } from './private-home.ts'

export interface Dockerd extends Client {
  /** Runs any command of the docker CLI, and returns what it prints. */
  run(...parameters: readonly string[]): Promise<string>
}

export const startDockerd = async (options: ClientOptions): Promise<Dockerd> => {
  const { lab, namespace, folder: name = 'dockerd' } = options
  const folder = lab.path(name)
  const host = `unix://${join(folder, 'docker.sock')}`
  const env = await makePrivateHome(folder)
  const configFile = join(folder, 'daemon.json')
  await writeFile(configFile, JSON.stringify(configure(folder, host, options)))
  const daemon = namespace.inside(['dockerd', '--config-file', configFile])
  const started = startProcess(daemon, lab.addLog(`${name}.log`), env)
  lab.onClose(started.stop)

  const docker = (...parameters: readonly string[]) =>
    namespace.inside(['docker', '--host', host, ...parameters])
  const run = (...parameters: readonly string[]) => runToSuccess(docker(...parameters), { env })
  await waitUntilReady(started, async () => (await runCommand(docker('info'))).exitCode === 0)
  return {
    name: 'dockerd',
    run,
    async pull(image) {
      await run('pull', '--quiet', image)
      const named = await run('image', 'inspect', '--format', '{{join .RepoDigests "\\n"}}', image)
      return digestIn(named, image)
    },
    async push(archive, image) {
      const said = await run('load', '--quiet', '--input', archive.file)
      await run('tag', /sha256:[0-9a-f]{64}/.exec(said)?.[0] ?? 'nothing was loaded', image)
      await run('push', '--quiet', image)
    },
    async login(registry, account) {
      await run('login', ...toOptions(account), registry)
    },
    async logout(registry) {
      await run('logout', registry)
    },
    async clear() {
      const images = (await run('images', '--quiet', '--no-trunc')).split('\n')
      const unique = new Set(images.filter((id) => id !== ''))
      if (unique.size > 0) await run('rmi', '--force', ...unique)
    },
  }
}

/** An image may have come from several repositories, and has a digest from each. */
const digestIn = (named: string, image: string): string => {
  const [repository] = image.replace(/^docker\.io\/(?:library\/)?/, '').split(/[:@][^/]*$/)
  const line = named.split('\n').find((it) => it.startsWith(`${repository}@`))
  return line?.trim().split('@')[1] ?? 'none'
}

const configure = (
  folder: string,
  host: string,
  { mirrorPort, mirrorCa, mirrorAddress = '127.0.0.1' }: ClientOptions,
): object => ({
  hosts: [host],
  'data-root': join(folder, 'data'),
  'exec-root': join(folder, 'exec'),
  pidfile: join(folder, 'docker.pid'),
  'storage-driver': 'overlay2',
  // dockerd asks no loopback address for a certificate that it can check.
  'registry-mirrors': [
    `${mirrorCa === undefined ? 'http' : 'https'}://${mirrorAddress}:${mirrorPort}`,
  ],
  // Another attempt, after many seconds, would hide that the mirror broke a connection.
  'max-download-attempts': 1,
  bridge: 'none',
  iptables: false,
  ip6tables: false,
})
