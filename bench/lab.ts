import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { warmAndCheck } from './check-answers.ts'
import { type BenchImage, createImage } from './image.ts'
import type { Report } from './progress.ts'
import { pushImage } from './push.ts'
import { type RunningRegistry, startDockerRegistry } from './servers/docker-registry.ts'
import type { RunningServer, ServerKind } from './servers/server.ts'
import { Variants } from './variants.ts'

export interface Lab extends AsyncDisposable {
  readonly image: BenchImage
  /** To push to, and to pull from directly. */
  readonly upstreamUrl: string
  readonly servers: readonly RunningServer[]
  /** The same servers, set up in other ways. */
  readonly variants: Variants
}

export interface LabOptions {
  /** An empty folder for everything that the lab writes. */
  readonly directory: string
  readonly kinds: readonly ServerKind[]
  /** Of the image that the servers are warmed with. */
  readonly layerBytes?: number
  /** Puts something between upstream and the servers, and returns the URL that they are given. */
  readonly putBetween?: (upstreamUrl: string) => Promise<string>
  readonly signal: AbortSignal
  readonly report: Report
}

/** An upstream that holds an image, and the servers under test, warmed and checked. */
export const startLab = async (options: LabOptions): Promise<Lab> => {
  const { directory, kinds, report } = options
  await using stack = new AsyncDisposableStack()
  report('making an image and pushing it to the upstream')
  const image = await createImage(await makeFolder(directory, 'image'), options.layerBytes)
  const upstream = await startUpstream(options, image, stack)
  const upstreamUrl = (await options.putBetween?.(upstream.url)) ?? upstream.url
  const upstreamProcess = upstream.group
  const servers: RunningServer[] = []
  for (const kind of kinds) {
    report(`starting, warming and checking ${kind.name}`)
    const folder = await makeFolder(directory, kind.name)
    const site = { directory: folder, image, upstreamUrl, upstreamProcess, signal: options.signal }
    const server = stack.use(await kind.start(site))
    await warmAndCheck(server, image, options.signal)
    servers.push(server)
  }
  const variants = stack.use(new Variants({ ...options, image, upstreamUrl, upstreamProcess }))
  const owned = stack.move()
  const dispose = () => owned.disposeAsync()
  const running = { image, upstreamUrl: upstream.url, servers, variants }
  return { ...running, [Symbol.asyncDispose]: dispose }
}

const startUpstream = async (
  { directory, signal }: LabOptions,
  image: BenchImage,
  stack: AsyncDisposableStack,
): Promise<RunningRegistry> => {
  const folder = await makeFolder(directory, 'upstream')
  const upstream = await startDockerRegistry({ name: 'upstream', directory: folder, signal })
  stack.use(upstream.group)
  await pushImage(upstream.url, image, signal)
  return upstream
}

const makeFolder = async (directory: string, name: string): Promise<string> => {
  const folder = join(directory, name)
  await mkdir(folder)
  return folder
}
