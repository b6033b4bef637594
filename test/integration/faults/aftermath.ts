import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { digestOf } from '../../support/image-builder.ts'
import { ask, type Reply } from '../../support/raw-client.ts'
import type { ReceivedRequest } from '../../support/scripted-exchange.ts'
import type { ScriptedUpstream } from '../../support/scripted-upstream.ts'
import type { StartedServer } from '../../support/start-server.ts'
import type { FaultLab } from './fault-lab.ts'
import type { Wanted } from './subjects.ts'

/**
 * What is kept of what upstream has: all, and the next pull asks nobody; a part, and the next pull
 * asks for the rest; or nothing, and the next pull begins anew.
 */
export type Kept = 'all' | 'a part' | 'nothing'

export const expectKept = async (
  { server }: FaultLab,
  { content, isFile }: Wanted,
  kept: Kept,
): Promise<void> => {
  // The last byte reaches the client before the file has its name.
  await vi.waitFor(async () => {
    expect(await server.listPartials()).toHaveLength(kept === 'a part' ? 1 : 0)
    const isThere = (await server.listBlobs()).includes(hexOf(content))
    expect(isThere).toBe(kept === 'all' && isFile)
  }, 5_000)
  await expectAllRight(server)
}

/** Requests in order, as in `HEAD, GET by digest, GET rest, GET token`. */
export const expectAsked = (
  upstream: ScriptedUpstream,
  { path }: Wanted,
  asked: string | RegExp,
): void => {
  const requests = upstream.requests.map((request) => describeRequest(request, path))
  // The root doesn't count: how often it is probed depends on the time.
  const described = requests.filter((words) => words !== 'GET v2').join(', ')
  if (typeof asked === 'string') expect(described).toBe(asked)
  else expect(described).toMatch(asked)
}

/** The client gets what upstream has, without a Warning, at no more cost than is needed. */
export const expectMended = async (lab: FaultLab, wanted: Wanted, kept: Kept): Promise<void> => {
  lab.forgetRequests()
  const reply = await vi.waitFor(() => pullConfirmed(lab, wanted, kept), 10_000)
  expect(digestOf(reply.body)).toBe(digestOf(wanted.content))
  const requests = lab.registries.flatMap((registry) => registry.requests)
  const asked = requests.filter(({ url }) => url.includes('/team/app/'))
  const ranges = asked.map(({ headers }) => headers.range !== undefined)
  if (kept === 'all') expect(ranges).toEqual([])
  else if (kept === 'a part') expect([...new Set(ranges)]).toEqual([true])
  // A question that was under way when the fault ended may have had its answer before.
  else expect(ranges).not.toContain(true)
  await expectKept(lab, wanted, 'all')
}

/** Throws while upstream isn't trusted yet, or the file is there and isn't noted yet. */
const pullConfirmed = async (
  { server }: FaultLab,
  { path }: Wanted,
  kept: Kept,
): Promise<Reply> => {
  const reply = await ask(server, path)
  const cache = reply.headers['x-entrepot-cache']
  const isExpected = kept === 'all' ? cache === 'hit' : reply.headers.warning === undefined
  if (reply.status !== 200 || !isExpected) throw new Error(`still ${reply.status}, ${cache}`)
  return reply
}

const describeRequest = ({ method, url, headers }: ReceivedRequest, path: string): string => {
  const { pathname } = new URL(url, 'http://upstream')
  const last = pathname.split('/').findLast((segment) => segment !== '') ?? ''
  const name = last.startsWith('sha256:') ? 'by digest' : last
  const where = pathname === path ? [] : [name]
  return [method, ...where, ...(headers.range ? ['rest'] : [])].join(' ')
}

/** Nothing wrong under a right name, ever. */
const expectAllRight = async (server: StartedServer): Promise<void> => {
  for (const name of await server.listBlobs()) {
    const bytes = await readFile(join(server.data, 'blobs', 'sha256', name))
    expect(hexOf(bytes)).toBe(name)
  }
}

const hexOf = (bytes: Buffer): string => digestOf(bytes).slice('sha256:'.length)
