import type { RunningServer, ServerKind, ServerSite } from './server.ts'

/** Nothing in between: clients ask upstream itself, over the same line. */
export const direct: ServerKind = {
  name: 'direct',
  title: 'upstream itself, over the same line',
  programs: [],
  start: async ({ image, upstreamUrl, upstreamProcess }: ServerSite): Promise<RunningServer> => ({
    name: 'direct',
    repositoryUrl: `${upstreamUrl}/v2/${image.repository}`,
    process: upstreamProcess,
    isKept: async () => true,
    // It belongs to the lab.
    [Symbol.asyncDispose]: async () => undefined,
  }),
}
