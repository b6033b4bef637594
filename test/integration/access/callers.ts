import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import { BearerTokens } from '../../../src/access/bearer-tokens.ts'
import { hashPassword } from '../../../src/access/password-hash.ts'
import { makeToken } from '../../../src/access/token-secret.ts'
import type { AccessRecords, NewToken } from '../../../src/store/access-records.ts'
import { openStores } from '../../../src/store/open-stores.ts'
import { ask } from '../../support/raw-client.ts'
import type { StartedServer } from '../../support/start-server.ts'

export type Headers = Readonly<Record<string, string>>

export const passwords = { alice: 'wonderland', root: 'all-powerful' } as const

/** Alice may pull and push below team/, root may everything. */
export const rules: readonly object[] = [
  { who: 'alice', repositories: 'team/**', may: ['pull', 'push'] },
  { who: 'root', repositories: '**', may: ['pull', 'push', 'delete', 'admin'] },
]

export const basic = (user: string, password: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })

/** Works on the data folder beside the server, as commands do. */
export const withRecords = async <T>(
  server: StartedServer,
  act: (records: AccessRecords) => Promise<T>,
): Promise<T> => {
  const callbacks = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(server.data, callbacks, { isGuest: true })
  try {
    return await act(stores.access)
  } finally {
    await stores.close()
  }
}

/** Adds them, and waits until the server knows. */
export const addUsers = async (server: StartedServer): Promise<void> => {
  const lines = Object.entries(passwords).map(
    async ([name, password]) => `${name}:${await hashPassword(password)}\n`,
  )
  await writeFile(join(server.data, 'htpasswd'), (await Promise.all(lines)).join(''))
  await vi.waitFor(async () => {
    const { status } = await ask(server, '/v2/')
    if (status !== 401) throw new Error('the users are not known yet')
  }, 5_000)
}

export const addToken = async (
  records: AccessRecords,
  token: Pick<NewToken, 'name'> & Partial<NewToken>,
): Promise<string> => {
  const { text, id, secretHash } = makeToken()
  const defaults = { kind: 'robot', user: undefined, may: undefined, repositories: undefined }
  const times = { createdAt: Date.now(), expiresAt: undefined }
  await records.addToken({
    ...(defaults as { kind: 'robot' } & typeof defaults),
    ...times,
    ...token,
    id,
    secretHash,
  })
  return text
}

/** What `/token` gives for that scope. */
export const tokenFor = async (
  server: StartedServer,
  scope: string,
  headers: Headers = {},
): Promise<string> => {
  const { body } = await ask(server, `/token?service=x&scope=${scope}`, { headers })
  return JSON.parse(body.toString()).token
}

const failTest = (error: unknown): void => {
  throw error
}

/** As the server signs it, and over by now. */
export const endedToken = (records: AccessRecords, identity: string, scope: object) =>
  BearerTokens.open(records, { now: () => Date.now() - 3_600_000, onError: failTest }).then(
    (tokens) => tokens.issue(identity, [scope as never]),
  )
