import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { warmAndCheck } from './check-answers.ts'
import { type BenchImage, createImage } from './image.ts'
import type { Report } from './progress.ts'
import { pushImage } from './push.ts'
import { startDockerRegistry } from './servers/docker-registry.ts'
import type { RunningServer, ServerKind } from './servers/server.ts'

export interface Lab extends AsyncDisposable {
  readonly image: BenchImage
  readonly servers: readonly RunningServer[]
}

export interface LabOptions {
  /** An empty folder for everything that the lab writes. */
  readonly directory: string
  readonly kinds: readonly ServerKind[]
  readonly signal: AbortSignal
  readonly report: Report
}

/** An upstream that holds an image, and the servers under test, warmed and checked. */
export const startLab = async (options: LabOptions): Promise<Lab> => {
  const { directory, kinds, report } = options
  await using stack = new AsyncDisposableStack()
  report('making an image and pushing it to the upstream')
  const image = await createImage(await makeFolder(directory, 'image'))
  const upstreamUrl = await startUpstream(options, image, stack)
  const servers: RunningServer[] = []
  for (const kind of kinds) {
    report(`starting, warming and checking ${kind.name}`)
    const folder = await makeFolder(directory, kind.name)
    const site = { directory: folder, image, upstreamUrl, signal: options.signal }
    const server = stack.use(await kind.start(site))
    await warmAndCheck(server, image, options.signal)
    servers.push(server)
  }
  const owned = stack.move()
  return { image, servers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const startUpstream = async (
  { directory, signal }: LabOptions,
  image: BenchImage,
  stack: AsyncDisposableStack,
): Promise<string> => {
  const folder = await makeFolder(directory, 'upstream')
  const { url, group } = await startDockerRegistry({ name: 'upstream', directory: folder, signal })
  stack.use(group)
  await pushImage(url, image, signal)
  return url
}

const makeFolder = async (directory: string, name: string): Promise<string> => {
  const folder = join(directory, name)
  await mkdir(folder)
  return folder
}
