import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { ask } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'
import {
  addUsers,
  basic,
  bearer,
  passwords,
  rules,
  tokenFor,
  withRecords,
} from '../access/callers.ts'

// What is known of attacks on JWTs (RFC 8725 §2): each makes a token that would let alice push.

type Part = Readonly<Record<string, unknown>>

const scope = 'repository:team/app:pull,push'
const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (part = ''): Part => JSON.parse(Buffer.from(part, 'base64url').toString())
const now = () => Math.floor(systemClock.now() / 1_000)
const mine = Buffer.alloc(32, 'mine')

let directory: TemporaryDirectory
let server: StartedServer
let token: string
let head: Part
let claims: Part
let secret: Buffer
/** What was fetched from where a token said that its key is. */
let fetched: string[]
let keyServer: ReturnType<typeof createServer>
let rsa: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }
  const access = { anonymous: 'none', rules }
  server = await startServer(directory.path, { access, upstreams, offline: true })
  await addUsers(server)
  token = await tokenFor(server, scope, basic('alice', passwords.alice))
  const [first, second] = token.split('.')
  head = decode(first)
  claims = decode(second)
  const [key] = await withRecords(server, (records) => records.listSigningKeys())
  secret = Buffer.from(key?.secret ?? '', 'base64url')
  rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  fetched = []
  keyServer = createServer(({ url = '' }, response) => {
    fetched.push(url)
    const keys = [{ kty: 'oct', alg: 'HS256', kid: head.kid, k: mine.toString('base64url') }]
    response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  keyServer.closeAllConnections()
  await keyServer[Symbol.asyncDispose]()
  await server.stop()
  await directory.remove()
})

const sign = (header: unknown, payload: unknown, key = secret, hash = 'sha256'): string => {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}

const signWithRsa = (header: unknown): string => {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${createSign('sha256').update(text).sign(rsa.privateKey, 'base64url')}`
}

const withHead = (changed: Part, key?: Buffer) => sign({ ...head, ...changed }, claims, key)
const withClaims = (changed: Part) => sign(head, { ...claims, ...changed })
const without = (part: Part, name: string): Part =>
  Object.fromEntries(Object.entries(part).filter(([other]) => other !== name))

const push = async (text: string): Promise<number> => {
  const asked = { method: 'POST', headers: bearer(text) }
  return (await ask(server, '/v2/team/app/blobs/uploads/', asked)).status
}

test('what is signed here as the server signs it is taken: the others fail by their trick alone', async () => {
  expect(head).toMatchObject({ alg: 'HS256', typ: 'JWT' })
  expect(await push(token)).toBe(202)
  expect(await push(sign(head, claims))).toBe(202)
})

const keyUrl = () => `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`
const publicPem = () => rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const publicDer = () => rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const signatureOf = (text: string) => text.split('.')[2] ?? ''
const unsigned = (alg: string) => `${encode({ ...head, alg })}.${encode(claims)}`

type Tricks = readonly (readonly [name: string, forge: () => string])[]

const ofAlgorithms: Tricks = [
  ['no signature, by alg none', () => `${unsigned('none')}.`],
  ['no signature, by alg None', () => `${unsigned('None')}.`],
  ['no signature, by alg nOnE, and two parts alone', () => unsigned('nOnE')],
  ["alg none, and another token's signature", () => `${unsigned('none')}.${signatureOf(token)}`],
  ['no alg', () => sign(without(head, 'alg'), claims)],
  ['an empty alg', () => withHead({ alg: '' })],
  ['a list for an alg', () => withHead({ alg: ['HS256'] })],
  ['RS256 with a key of its own', () => signWithRsa({ ...head, alg: 'RS256' })],
  ['RS256, signed with the secret', () => withHead({ alg: 'RS256' })],
  ['HS256, signed by a public key', () => withHead({}, Buffer.from(publicPem()))],
  ['HS256, with an RSA signature', () => signWithRsa(head)],
  ['HS512 with the right secret', () => sign({ ...head, alg: 'HS512' }, claims, secret, 'sha512')],
  ['HS256, signed as HS512 is', () => sign(head, claims, secret, 'sha512')],
  ['an empty secret', () => withHead({}, Buffer.alloc(0))],
]

const ofKeys: Tricks = [
  ['another key of the same id', () => withHead({}, mine)],
  ['a kid that is a path to an empty file', () => withHead({ kid: '/dev/null' }, Buffer.alloc(0))],
  ['a kid that leads up', () => withHead({ kid: '../../../../dev/null' }, Buffer.alloc(0))],
  ['a kid that is SQL', () => withHead({ kid: `x' UNION SELECT '${mine}' --` }, mine)],
  ['a kid that is SQL, and the right secret', () => withHead({ kid: "' OR '1'='1" })],
  ['an empty kid', () => withHead({ kid: '' })],
  ['a number for a kid', () => withHead({ kid: 0 })],
  ['a list for a kid', () => withHead({ kid: [head.kid] })],
  ['null for a kid', () => withHead({ kid: null })],
  ['no kid', () => sign(without(head, 'kid'), claims)],
  ["a kid that is a property of every object's", () => withHead({ kid: '__proto__' }, mine)],
  ['the kid in capitals', () => withHead({ kid: `${head.kid}`.toUpperCase().padEnd(13, 'A') })],
  [
    'a jwk of its own',
    () => withHead({ jwk: { kty: 'oct', k: mine.toString('base64url'), kid: head.kid } }, mine),
  ],
  [
    'an RSA jwk of its own',
    () => signWithRsa({ ...head, alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) }),
  ],
  ['a jku', () => withHead({ jku: keyUrl() }, mine)],
  ['a jku, and a kid that only it has', () => withHead({ jku: keyUrl(), kid: 'mine' }, mine)],
  ['an x5u', () => signWithRsa({ ...head, alg: 'RS256', x5u: keyUrl() })],
  ['an x5c', () => signWithRsa({ ...head, alg: 'RS256', x5c: [publicDer()] })],
]

const ofHeaders: Tricks = [
  ['crit with something unknown', () => withHead({ crit: ['own'], own: true })],
  ['crit with exp', () => withHead({ crit: ['exp'], exp: 1 })],
  ['an empty crit', () => withHead({ crit: [] })],
  ['b64: false', () => withHead({ b64: false, crit: ['b64'] })],
  ['another typ', () => withHead({ typ: 'at+jwt' })],
  ['no typ', () => sign(without(head, 'typ'), claims)],
  ['zip', () => withHead({ zip: 'DEF', crit: ['zip'] })],
]

const ofSignatures: Tricks = [
  ['a signature of one byte', () => token.replace(/[^.]+$/, 'AA')],
  ['an empty signature', () => token.replace(/[^.]+$/, '')],
  ['a signature cut short by a byte', () => token.slice(0, -2)],
  ['a signature that goes on', () => `${token}AAAA`],
  ['a signature of zeros', () => token.replace(/[^.]+$/, 'A'.repeat(43))],
  ['a fourth part', () => `${token}.AAAA`],
  ['five parts, as encrypted ones have', () => `${token}.AAAA.AAAA`],
  [
    'other claims under the same signature',
    () => [encode(head), encode({ ...claims, sub: 'operator' }), signatureOf(token)].join('.'),
  ],
]

const ofClaims: Tricks = [
  ['an end that has passed', () => withClaims({ exp: now() - 60 })],
  ['no end', () => sign(head, without(claims, 'exp'))],
  ['a text for an end', () => withClaims({ exp: '9999999999' })],
  ['an end, and made long ago', () => withClaims({ iat: now() - 2 * 3600, exp: now() + 3600 })],
  ['made in the future', () => withClaims({ iat: now() + 3600, exp: now() + 7200 })],
  ['good only later', () => withClaims({ nbf: now() + 3600 })],
  ['no time when it was made', () => sign(head, without(claims, 'iat'))],
  ['another audience', () => withClaims({ aud: 'registry.docker.io' })],
  ['no audience', () => sign(head, without(claims, 'aud'))],
  ['another issuer', () => withClaims({ iss: 'https://auth.docker.io' })],
  ['no issuer', () => sign(head, without(claims, 'iss'))],
  ['nobody', () => sign(head, without(claims, 'sub'))],
  ['a user that was never there', () => withClaims({ sub: 'user:0000000000000000:alice' })],
  ['a token that was never made', () => withClaims({ sub: 'token:000000000000' })],
  ['somebody of a kind that is none', () => withClaims({ sub: 'admin' })],
  ['an operator of another key', () => withClaims({ sub: 'operator:0000000000000000' })],
  ['the operator without a key', () => withClaims({ sub: 'operator' })],
]

const ofSizes: Tricks = [
  ['12 KiB', () => withClaims({ filling: 'x'.repeat(9_000) })],
  ['deep nesting', () => sign(head, `${'['.repeat(2_000)}${']'.repeat(2_000)}`)],
  ['dots alone', () => '.'.repeat(4_000)],
]

describe.each([
  ['algorithm', ofAlgorithms],
  ['key', ofKeys],
  ['header', ofHeaders],
  ['signature', ofSignatures],
  ['claims', ofClaims],
  ['size', ofSizes],
] as const)('a token is refused for its %s:', (_, tricks) => {
  test.each(tricks)('%s', async (_, forge) => {
    expect(await push(forge())).toBe(401)
  })
})

test('nothing was fetched from where a token said that its key is, and nothing failed', () => {
  expect(fetched).toEqual([])
  expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
