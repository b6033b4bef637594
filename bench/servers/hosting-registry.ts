import { pushImage } from '../push.ts'
import { startDockerRegistry } from './docker-registry.ts'
import type { RunningServer, ServerKind, ServerSite } from './server.ts'

/** The registry that most people push to today. */
export const hostingRegistry: ServerKind = {
  name: 'docker-registry',
  title: 'docker-registry as a private registry, no access log',
  programs: ['docker-registry', 'openssl'],
  start: async (site: ServerSite): Promise<RunningServer> => {
    const { directory, image, certificate, signal } = site
    const name = 'docker-registry'
    const { url, group } = await startDockerRegistry({ name, directory, signal, certificate })
    await pushImage(url, image, signal)
    return {
      name,
      repositoryUrl: `${url}/v2/${image.repository}`,
      process: group,
      isKept: async () => true,
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}
