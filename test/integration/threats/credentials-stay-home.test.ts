// Credentials that leave: by a realm (distribution's CVE-2026-33540, oras-go's CVE-2026-48978), by a
// redirect (oras-go's GHSA-vh4v-2xq2-g5cg, regclient's CVE-2026-49349), by the `Link` of a list, in an
// error that is passed on. By the Location of an upload (oras-go's CVE-2026-50151) none can: nothing is
// ever pushed to an upstream, see deleting-and-overwriting.test.ts.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import { ask, type Reply } from '../../support/raw-client.ts'
import { runCommand, writeMirrors } from '../../support/run-command.ts'
import { answerJson } from '../../support/scripted-answer.ts'
import { basicLogin, requireBasic, requireBearer } from '../../support/scripted-auth.ts'
import { fail, hangUp, redirectTo, setHeaders } from '../../support/scripted-behaviour.ts'
import { challengeWithRealm } from '../../support/scripted-lies.ts'
import type { Behaviour, ScriptedUpstream } from '../../support/scripted-upstream.ts'
import { startMirrored, startUpstream, tagTtlMs } from '../../support/start-mirrored.ts'
import type { StartedServer } from '../../support/start-server.ts'

const username = 'robot'
const password = 'pa55-w0rd/with+odd=chars'
const login = basicLogin(username, password)
const clientLogin = basicLogin('client', 'client-password')
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** All forms in which they could get out; every token begins like the last. */
const ours = [
  password,
  encodeURIComponent(password),
  base64(password),
  login.slice(6),
  'secret-token-',
]
/** What a client sent us is nobody else's. */
const theClients = [clientLogin.slice(6), 'client-cookie', 'client-query']
const secrets = [...ours, ...theClients]
/** Of no use to anyone but the storage host, and of much to whoever reads it in time. */
const signature = 'url-signature'

const findSecrets = (text: string, among: readonly string[] = [...secrets, signature]) =>
  among.filter((secret) => text.includes(secret))

interface Parts {
  readonly upstream: ScriptedUpstream
  /** The second URL of the upstream, where a situation has one. */
  readonly second: ScriptedUpstream
  /** Where blobs are redirected to, and whatever else leads away from the upstream. */
  readonly storage: ScriptedUpstream
}

/** Repeats what it was asked with wherever it can. */
const echo =
  (status: number): Behaviour =>
  (_, { url, headers }) => {
    const said = `you sent ${headers.authorization} to ${url}`
    const answer = answerJson({ errors: [{ code: 'DENIED', message: said, detail: said }] }, status)
    const inHeaders = { 'www-authenticate': `Bearer realm="${said}"`, warning: `199 - "${said}"` }
    return { ...answer, headers: { ...answer.headers, ...inHeaders, 'x-said': said } }
  }

const wantToken = ({ upstream }: Parts) => void requireBearer(upstream, { login })

interface Situation {
  readonly name: string
  readonly arrange: (parts: Parts) => void
  readonly hasSecond?: true
}

const givesTokens: Situation = { name: 'gives tokens', arrange: wantToken }

const situations: readonly Situation[] = [
  givesTokens,
  { name: 'wants Basic', arrange: ({ upstream }) => requireBasic(upstream, login) },
  {
    name: 'wants a token from another host',
    arrange: ({ upstream, storage }) =>
      void upstream.script(/./, challengeWithRealm(`${storage.otherUrl}/token`)),
  },
  {
    name: 'redirects whoever wants a token',
    arrange: (parts) => {
      wantToken(parts)
      parts.upstream.script(/\/token/, redirectTo(`${parts.storage.otherUrl}/token`))
    },
  },
  {
    name: 'redirects whoever wants a manifest or a list',
    arrange: (parts) => {
      wantToken(parts)
      const away = redirectTo(`${parts.storage.otherUrl}/away?${signature}`)
      parts.upstream.script(/manifests|tags|referrers/, away)
    },
  },
  {
    name: 'continues its lists elsewhere',
    arrange: (parts) => {
      wantToken(parts)
      const link = `<${parts.storage.otherUrl}/v2/team/app/tags/list>; rel="next"`
      parts.upstream.script(/tags|referrers/, setHeaders({ link }))
    },
  },
  {
    name: 'redirects to another port of its host whoever wants anything',
    arrange: (parts) => {
      wantToken(parts)
      const away = redirectTo(`${parts.storage.url}/away?${signature}`)
      parts.upstream.script(/manifests|tags|referrers|blobs|token/, away)
    },
  },
  {
    name: 'wants a token from another port of its host, or from an address',
    arrange: ({ upstream, storage }) => {
      upstream.script(/team/, challengeWithRealm(`http://169.254.169.254:${storage.port}/token`))
      upstream.script(/tags/, challengeWithRealm(`http://robot@127.0.0.1:${storage.port}/token`))
    },
  },
  {
    name: 'refuses the login and repeats it',
    arrange: (parts) => {
      wantToken(parts)
      parts.upstream.script(/\/token/, echo(401))
    },
  },
  {
    name: 'gives what is no token',
    arrange: (parts) => {
      wantToken(parts)
      parts.upstream.script(/\/token/, () => answerJson({ token: 'secret-token-\n1' }))
    },
  },
  ...[401, 403, 404, 429, 500].map((status) => ({
    name: `answers ${status} and repeats what it was asked with`,
    arrange: (parts: Parts) => {
      wantToken(parts)
      parts.upstream.script(/\/v2\/team/, echo(status))
    },
  })),
  {
    name: 'breaks off, so that its second URL is asked',
    hasSecond: true,
    arrange: (parts) => {
      wantToken(parts)
      parts.upstream.script(/\/v2\/team/, hangUp)
    },
  },
  {
    name: 'has a storage that refuses',
    arrange: (parts) => {
      wantToken(parts)
      parts.storage.script(/./, fail(403))
    },
  },
]

const bytes = makeBytes('guarded', 200_000)

const startGuarded = async ({ arrange, hasSecond }: Situation) => {
  const [second, storage] = [await startUpstream(), await startUpstream()]
  const mirrored = await startMirrored()
  const { upstream, server } = mirrored
  const url = hasSecond ? [upstream.url, second.url] : upstream.url
  const settings = { url, username, password, allowHosts: ['localhost'], idleTimeout: '1s' }
  await server.configure({ upstreams: { 'docker.io': settings } })
  for (const registry of [upstream, second]) {
    const repository = registry.repository('team/app')
    await repository.addImage('1', { seed: 'a', layerSizes: [1_000] })
    repository.addBlob(bytes)
  }
  const toStorage = redirectTo(`${storage.otherUrl}/storage?${signature}`)
  upstream.script(/^GET .*blobs/, toStorage)
  const headers = { 'content-length': String(bytes.length) }
  storage.script(/storage/, () => ({ status: 200, headers, body: bytes }))
  arrange({ upstream, second, storage })
  return { ...mirrored, second, storage, settings }
}

/** Asks for all there is, as a client that has secrets of its own. */
const askForAll = async (server: StartedServer, upstream: ScriptedUpstream): Promise<Reply[]> => {
  const { tags, blobs } = upstream.repository('team/app')
  const digest = tags.get('1')
  const sha256 = [...blobs.keys()].filter((blob) => blob.startsWith('sha256'))
  const kinds = ['manifests/1', `manifests/${digest}`, 'manifests/none', 'tags/list']
  kinds.push(`referrers/${digest}`, ...sha256.map((blob) => `blobs/${blob}`))
  const headers = { authorization: clientLogin, cookie: 'session=client-cookie' }
  const askFor = (kind: string, method: string) =>
    ask(server, `/v2/team/app/${kind}?token=client-query`, { method, headers })
  const replies: Reply[] = []
  for (const method of ['HEAD', 'GET']) {
    replies.push(...(await Promise.all(kinds.map((kind) => askFor(kind, method)))))
  }
  for (const path of [
    '/api/v1/upstreams',
    '/api/v1/offline',
    '/v2/_catalog',
    '/readyz',
    '/metrics',
  ]) {
    replies.push(await ask(server, path))
  }
  return replies
}

const readAll = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map((file) => readFile(join(file.parentPath, file.name), 'latin1'))
  return (await Promise.all(texts)).join('\n')
}

test.each(situations)('no secret gets out of an upstream that $name', async (situation) => {
  const { upstream, second, storage, server, clock } = await startGuarded(situation)

  const replies = await askForAll(server, upstream)
  clock.advance(tagTtlMs)
  replies.push(await ask(server, '/v2/team/app/manifests/1'))
  await server.stop()

  expect(replies.map(({ status }) => status)).not.toContain(401)
  for (const { headers, body } of replies) {
    expect(findSecrets(JSON.stringify(headers) + body.toString('latin1'))).toEqual([])
  }
  expect(findSecrets(JSON.stringify(server.log))).toEqual([])
  expect(findSecrets(await readAll(server.data))).toEqual([])
  for (const received of [...second.requests, ...storage.requests]) {
    expect(received.headers).not.toHaveProperty('authorization')
    expect(findSecrets(JSON.stringify(received), secrets)).toEqual([])
  }
  expect(findSecrets(JSON.stringify(upstream.requests), theClients)).toEqual([])
  expect(findSecrets(upstream.requests.map(({ url }) => url).join('\n'), ours)).toEqual([])
})

test('the login goes to its own registry, so that all of this says something', async () => {
  const { upstream, server } = await startGuarded(givesTokens)

  const replies = await askForAll(server, upstream)

  expect(replies.some(({ status, body }) => status === 200 && body.equals(bytes))).toBe(true)
  expect(upstream.find(/^GET \/token/)[0]?.headers.authorization).toBe(login)
  expect(upstream.find(/manifests/)[0]?.headers.authorization).toMatch(/^Bearer secret-token-/)
})

describe('the command line tells no secret', () => {
  test.each([
    { args: ['check'] },
    { args: ['check', '--live'] },
    { args: ['check', '--live', '--json'] },
  ])('$args', async ({ args }) => {
    const { upstream, settings } = await startGuarded(givesTokens)
    upstream.script(/ratelimitpreview/, echo(500))
    const config = await writeMirrors({ upstreams: { 'docker.io': settings } })

    const { stdout, stderr } = await runCommand(...args, '--config', config)

    expect(stdout).toContain(upstream.url)
    expect(findSecrets(stdout + stderr)).toEqual([])
  })

  test('check, of a configuration that is wrong beside the password', async () => {
    const url = `http://${username}:${encodeURIComponent(password)}@127.0.0.1`
    const wrong = { username, password, passwordFile: '/run/secrets/one', url }
    const config = await writeMirrors({ upstreams: { 'docker.io': wrong } })

    const { stderr, stdout, code } = await runCommand('check', '--config', config)

    expect(code).toBe(1)
    expect(stderr).toContain('passwordFile')
    expect(findSecrets(stdout + stderr)).toEqual([])
  })
})
