import { builtMain } from '../built-program.ts'
import type { Entrepot } from '../start-entrepot.ts'
import { runToSuccess, waitUntil } from './background-process.ts'
import { curl } from './curl.ts'
import type { Lab } from './lab.ts'
import { startOwnRegistry } from './own-registry.ts'
import { thisMachine } from './place.ts'

export interface GuardedRegistry extends Entrepot {
  /** Runs a command of ours beside it, as its administrator does; throws what it printed when it fails. */
  run(parameters: readonly string[], input?: string): Promise<string>
}

export const users = { alice: "alice's password", bob: "bob's password" } as const

export const rules: readonly object[] = [
  { who: 'alice', repositories: 'team/**', may: ['pull', 'push', 'delete'] },
  { who: 'bob', repositories: 'team/**', may: ['pull'] },
]

/** Entrepot for the images of a team: all may pull, alice may push to it, bob may not. */
export const startGuardedRegistry = async (
  lab: Lab,
  config: object = {},
): Promise<GuardedRegistry> => {
  const access = { anonymous: 'pull', rules }
  return guard(await startOwnRegistry(lab, { config: { access, ...config } }))
}

/** Adds the users, and waits until the server asks for logins. */
export const guard = async (server: Entrepot): Promise<GuardedRegistry> => {
  const run = (parameters: readonly string[], input = '') =>
    runToSuccess([process.execPath, builtMain, ...parameters, '--config', server.configFile], {
      input,
    })
  for (const [name, password] of Object.entries(users))
    await run(['user', 'add', name], `${password}\n`)
  await waitUntil('the server asks for logins', async () => {
    const { status } = await curl(thisMachine, `${server.url}/v2/`, ['--insecure'])
    return status === 401
  })
  return { ...server, run }
}
