// How a fault begins: on the line, or in what the registry answers.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from '../../support/fault-proxy.ts'
import { openReply } from '../../support/raw-client.ts'
import { holdAfter, makeGate } from '../../support/scripted-behaviour.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import type { Pull, Step } from './fault-table.ts'
import { half } from './subjects.ts'

/** Timeouts short enough to wait for in a test. */
export const impatient = {
  settings: { connectTimeout: '300ms', idleTimeout: '300ms' },
  isAlone: true,
}

export const answers =
  (match: RegExp) =>
  (...behaviours: readonly Behaviour[]): Step =>
  (lab) =>
    lab.script(match, ...behaviours)

export const blobs = answers(/ \/v2\/.*\/blobs\//)
/** GET and HEAD, by tag and by digest. */
export const manifests = answers(/ \/v2\/.*\/manifests\//)
export const everything = answers(/./)

export const line =
  (fault: (proxy: FaultProxy) => Promise<void>): Step =>
  ({ proxy }) =>
    fault(proxy)

/** Resolves when half of a large blob has left the upstream. */
export const untilTheMiddle: Step = async ({ server, upstream }, { path }) => {
  while (upstream.bytesSent(`GET ${path}`) < half) await sleep(10)
  // What was sent may be lost on its way yet, if the connection is reset.
  while ((await sizeOfPartials(server.data)) < half) await sleep(10)
}

const sizeOfPartials = async (data: string): Promise<number> => {
  const folder = join(data, 'partial')
  const files = (await readdir(folder)).map((name) => stat(join(folder, name)))
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0)
}

/** A client that hangs up once it has received so much. */
export const leaveAfter =
  (bytes: number): Pull =>
  async (server, path) => {
    const reply = await openReply(server, path)
    await reply.read(bytes)
    reply.leave()
    return reply.finish()
  }

/** Only to requests for a part, as they follow a broken connection. */
export const toRanges =
  (behaviour: Behaviour): Behaviour =>
  (usual, request) =>
    request.headers.range ? behaviour(usual, request) : usual

/** An earlier client left in the middle, our server has restarted since, and now blobs are lied about. */
export const leaveAPart =
  (...lies: readonly Behaviour[]): Step =>
  async (lab, wanted) => {
    const { path } = wanted
    const mend = lab.upstream.script(`GET ${path}`, holdAfter(half, makeGate()))
    await leaveAfter(100_000)(lab.server, path)
    await lab.restartServer()
    mend()
    await blobs(...lies)(lab, wanted)
  }
