import { systemClock } from '../../../src/clock.ts'
import type { Reply } from '../../support/raw-client.ts'
import { post } from '../../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../../support/start-server.ts'
import { addUsers, rules } from './callers.ts'

/** Asks nobody else. */
const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }

/** With the users of callers.ts and their rules, until the test ends. */
export const startWithUsers = async (
  settings: Settings = {},
  clock = systemClock,
): Promise<StartedServer> => {
  const all = { upstreams, offline: true, access: { anonymous: 'none', rules }, ...settings }
  const server = await startServerForTest(await makeFolder(), all, clock)
  await addUsers(server)
  return server
}

export const logIn = async (
  server: StartedServer,
  user: string,
  password: string,
): Promise<{ readonly reply: Reply; readonly cookie: string }> => {
  const reply = await post(server, '/api/v1/session', { user, password })
  return { reply, cookie: String(reply.headers['set-cookie']).split(';')[0] ?? '' }
}

/** As a browser sends it from a page of the server's own. */
export const originOf = ({ port }: StartedServer): string => `http://127.0.0.1:${port}`
