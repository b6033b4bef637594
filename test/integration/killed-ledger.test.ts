import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openStores } from '../../src/store/open-stores.ts'
import { smallImage } from '../support/image-builder.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { type Entrepot, startEntrepot } from '../support/start-entrepot.ts'
import { makeFolder } from '../support/start-mirrored.ts'

const clientCount = 8
const loadMs = 7_000
/** What a kill may lose. */
const lostMs = 5_000
const path = '/v2/docker.io/library/alpine/manifests/1'

test('a kill under load loses at most the last five seconds, and nothing is counted twice', async () => {
  const folder = await makeFolder()
  const upstream = await ScriptedUpstream.start()
  onTestFinished(() => upstream.stop())
  const image = await upstream.repository('library/alpine').addImage('1', smallImage('ledger'))
  const config = { upstreams: { 'docker.io': { url: upstream.url } }, threads: 2 }

  let server = await startEntrepot(folder, config)
  onTestFinished(() => server.stop())
  const { answeredAt, killedAt, begun } = await loadAndKill(server)
  server = await startEntrepot(folder, config, { port: server.port })
  // Stopped and started once more: what was recovered isn't counted again either.
  await server.stop()

  const { requests, pulls, servedBytes } = await readTotals(server.data)
  const due = answeredAt.filter((at) => at <= killedAt - lostMs).length
  expect(due).toBeGreaterThan(100)
  expect(requests).toBeGreaterThanOrEqual(due)
  expect(requests).toBeLessThanOrEqual(begun)
  expect(pulls).toBe(requests)
  expect(servedBytes).toBe(pulls * image.bytes.length)
})

const loadAndKill = async (server: Entrepot) => {
  const answeredAt: number[] = []
  let begun = 0
  let isOver = false
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isOver) {
      begun++
      if (!(await pull(server, agent))) return
      answeredAt.push(performance.now())
    }
  }
  const clients = Array.from({ length: clientCount }, client)
  await delay(loadMs)
  const killedAt = performance.now()
  await server.kill()
  isOver = true
  await Promise.all(clients)
  return { answeredAt, killedAt, begun }
}

/** Whether it was answered; false once nobody is there. */
const pull = async ({ port }: Entrepot, agent: Agent): Promise<boolean> => {
  try {
    const [answer] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    return true
  } catch {
    return false
  }
}

const readTotals = async (data: string) => {
  const stores = await openStores(data, { onError() {}, onFault() {}, onRecovered() {} })
  try {
    const { sums } = await stores.ledger.sumTraffic({
      since: Date.now() - 3_600_000,
      until: Date.now() + 3_600_000,
      by: [],
      where: {},
    })
    const [{ counters } = { counters: undefined }] = sums
    return {
      requests: counters?.tagRequests ?? 0,
      pulls: counters?.pulls ?? 0,
      servedBytes: counters?.servedBytes ?? 0,
    }
  } finally {
    await stores.close()
  }
}
