import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ProcessGroup } from '../process-group.ts'
import { locateProgram } from '../programs.ts'
import { waitUntil } from '../wait.ts'

const run = promisify(execFile)
const startTimeoutMs = 20_000
const pullTimeoutMs = 120_000

export interface Containerd extends AsyncDisposable {
  /** Pulls `docker.io/<image>` from a mirror, and from nowhere else, and unpacks it. */
  readonly pull: (image: string, mirrorUrl: string, signal: AbortSignal) => Promise<void>
}

/** A containerd that has nothing yet, in an empty folder that goes with it. Wants root. */
export const startContainerd = async (folder: string, signal: AbortSignal): Promise<Containerd> => {
  await using stack = new AsyncDisposableStack()
  await mkdir(folder)
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const socket = join(folder, 'sock')
  const ctr = await locateProgram('ctr')
  const ask = (args: readonly string[], options: { signal: AbortSignal; timeout: number }) =>
    run(ctr, ['--address', socket, ...args], { ...options, killSignal: 'SIGKILL' })
  stack.use(await startDaemon(folder, socket))
  const isReady = () =>
    ask(['version'], { signal, timeout: startTimeoutMs }).then(
      () => true,
      () => false,
    )
  await waitUntil(isReady, { what: 'containerd to answer', timeoutMs: startTimeoutMs, signal })
  const owned = stack.move()
  return {
    pull: async (image, mirrorUrl, abort) => {
      const hosts = await writeHosts(folder, mirrorUrl)
      const args = ['images', 'pull', '--hosts-dir', hosts, `docker.io/${image}`]
      await ask(args, { signal: abort, timeout: pullTimeoutMs })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** In a mount namespace of its own: nothing that it mounts outlives it. */
const startDaemon = async (folder: string, socket: string): Promise<ProcessGroup> => {
  const configFile = join(folder, 'config.toml')
  await writeFile(configFile, configText(folder, socket))
  const containerd = await locateProgram('containerd')
  const args = ['--mount', '--', containerd, '--config', configFile]
  const logFile = join(folder, 'log')
  return new ProcessGroup({ name: 'containerd', program: 'unshare', args, logFile })
}

const configText = (folder: string, socket: string): string => `
version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${socket}"
`

const writeHosts = async (folder: string, mirrorUrl: string): Promise<string> => {
  const hosts = join(folder, 'hosts')
  await mkdir(join(hosts, 'docker.io'), { recursive: true })
  // As `server` too, so that a mirror that fails shows as a failure and nobody else is asked.
  const text = `server = "${mirrorUrl}"\n[host."${mirrorUrl}"]\n  capabilities = ["pull", "resolve"]\n`
  await writeFile(join(hosts, 'docker.io/hosts.toml'), text)
  return hosts
}
