import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { runCommand, runToSuccess, startProcess, waitUntilReady } from './background-process.ts'
import type { Client, ClientOptions } from './client.ts'
import { layoutTag } from './image-layout.ts'

/** containerd with a hosts.toml for docker.io, driven by ctr. */
export const startContainerd = async (options: ClientOptions): Promise<Client> => {
  const { lab, namespace, mirrorAddress = '127.0.0.1', folder: name = 'containerd' } = options
  const folder = lab.path(name)
  const socket = join(folder, 'containerd.sock')
  const hosts = await writeHosts(folder, { ...options, mirrorAddress })
  const configFile = await writeConfig(folder, socket)
  const daemon = namespace.inside(['containerd', '--config', configFile])
  const started = startProcess(daemon, lab.addLog(`${name}.log`))
  lab.onClose(started.stop)

  const ctr = (...parameters: string[]) =>
    namespace.inside(['ctr', '--address', socket, 'images', ...parameters])
  await waitUntilReady(started, async () => (await runCommand(ctr('ls'))).exitCode === 0)
  let shown: Account | undefined
  const remote = (command: 'pull' | 'push', image: string) => {
    const user = shown ? ['--user', `${shown.user}:${shown.password}`] : []
    return runToSuccess(ctr(command, '--hosts-dir', hosts, ...user, image))
  }
  return {
    name: 'containerd',
    async pull(image) {
      await remote('pull', image)
      const line = await runToSuccess(ctr('ls', `name==${image}`))
      return /sha256:[0-9a-f]{64}(?=\s+\d)/.exec(line)?.[0] ?? 'none'
    },
    async push(archive, image) {
      const loaded = 'entrepot.test/loaded'
      await runToSuccess(ctr('import', '--no-unpack', '--base-name', loaded, archive.file))
      await runToSuccess(ctr('tag', '--force', `${loaded}:${layoutTag}`, image))
      await remote('push', image)
    },
    async login(_registry, account) {
      shown = account
    },
    async logout() {
      shown = undefined
    },
    async clear() {
      const names = await runToSuccess(ctr('ls', '--quiet'))
      const images = names.split('\n').filter((name) => name !== '')
      if (images.length > 0) await runToSuccess(ctr('rm', '--sync', ...images))
    },
  }
}

const writeHosts = async (
  folder: string,
  { mirrorPort, mirrorAddress, mirrorPath = '', mirrorCa, clientCertificate: own }: ClientOptions,
): Promise<string> => {
  const hosts = join(folder, 'hosts')
  const address = `${mirrorAddress}:${mirrorPort}`
  const url = `${mirrorCa === undefined ? 'http' : 'https'}://${address}${mirrorPath}`
  const trust = mirrorCa === undefined ? [] : [`  ca = "${mirrorCa}"`]
  if (own) trust.push(`  client = [["${own.certFile}", "${own.keyFile}"]]`)
  const write = async (registry: string, lines: readonly string[]) => {
    await mkdir(join(hosts, registry), { recursive: true })
    await writeFile(join(hosts, registry, 'hosts.toml'), `${lines.join('\n')}\n`)
  }
  const host = [`[host."${url}"]`, '  capabilities = ["pull", "resolve", "push"]', ...trust]
  await write('docker.io', ['server = "https://registry-1.docker.io"', ...host])
  // After the hosts the server itself is asked, and 1.6 believes that one by what stands above them.
  await write(address, [`server = "${url}"`, ...trust, ...host])
  return hosts
}

const writeConfig = async (folder: string, socket: string): Promise<string> => {
  const file = join(folder, 'config.toml')
  const lines = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `  address = "${socket}"`,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}
