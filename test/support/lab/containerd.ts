import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  return {
    name: 'containerd',
    async pull(image) {
      await runToSuccess(ctr('pull', '--hosts-dir', hosts, image))
      const line = await runToSuccess(ctr('ls', `name==${image}`))
      return /sha256:[0-9a-f]{64}(?=\s+\d)/.exec(line)?.[0] ?? 'none'
    },
    async push(archive, image) {
      const loaded = 'entrepot.test/loaded'
      await runToSuccess(ctr('import', '--no-unpack', '--base-name', loaded, archive.file))
      await runToSuccess(ctr('tag', '--force', `${loaded}:${layoutTag}`, image))
      await runToSuccess(ctr('push', '--hosts-dir', hosts, image))
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
  { mirrorPort, mirrorAddress, mirrorCa, clientCertificate: own }: ClientOptions,
): Promise<string> => {
  const hosts = join(folder, 'hosts')
  const address = `${mirrorAddress}:${mirrorPort}`
  const url = `${mirrorCa === undefined ? 'http' : 'https'}://${address}`
  const trust = mirrorCa === undefined ? [] : [`  ca = "${mirrorCa}"`]
  if (own) trust.push(`  client = [["${own.certFile}", "${own.keyFile}"]]`)
  const write = async (registry: string, server: string, capabilities: string) => {
    const lines = [`server = "${server}"`, `[host."${url}"]`, `  capabilities = ${capabilities}`]
    await mkdir(join(hosts, registry), { recursive: true })
    await writeFile(join(hosts, registry, 'hosts.toml'), `${[...lines, ...trust].join('\n')}\n`)
  }
  await write('docker.io', 'https://registry-1.docker.io', '["pull", "resolve"]')
  await write(address, url, '["pull", "resolve", "push"]')
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
