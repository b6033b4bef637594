import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { eventKinds } from '../../../src/events/event-data.ts'
import { Events } from '../../../src/events/events.ts'
import { EventWriter } from '../../../src/http/event-writer.ts'

const long = 'x'.repeat(50_000)

/** A reader on the other side of a real connection; it reads when it is told to. */
const connect = async () => {
  const events = new Events(Date.now)
  const stream = await events.open({ client: 'me', kinds: eventKinds, after: undefined })
  const isIn = { is: true }
  const answered = Promise.withResolvers<ServerResponse>()
  const ended = Promise.withResolvers<void>()
  const server = createServer((_request, response) => {
    answered.resolve(response)
    const show = (event: object) => event
    const settings = { stream, show, isStillIn: async () => isIn.is, onBytes: () => {} }
    new EventWriter(response, settings).run().then(ended.resolve, ended.reject)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const asked = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const [incoming] = (await once(asked, 'response')) as [IncomingMessage]
  incoming.on('error', () => {})
  const emit = () =>
    events.emit({ kind: 'configuration-refused', data: { file: long, problems: [] } })
  return { emit, incoming, isIn, outgoing: await answered.promise, ended: ended.promise, stream }
}

const sleepTurn = () => new Promise((resolve) => setImmediate(resolve))

test('a reader that takes nothing is disconnected, and little waits for it', async () => {
  const { emit, outgoing, ended } = await connect()
  let most = 0
  let emitted = 0
  for (; !outgoing.writableEnded && emitted < 2_000; emitted++) {
    emit()
    most = Math.max(most, outgoing.writableLength)
    await sleepTurn()
  }
  expect(emitted).toBeLessThan(2_000)
  expect(most).toBeLessThan(256 * 1024)
  await ended
  expect(outgoing.destroyed).toBe(true)
})

test('a reader that is slow for a moment loses nothing', async () => {
  const { emit, incoming, outgoing } = await connect()
  // Until the connection takes no more, and three wait.
  while (!outgoing.writableNeedDrain) {
    emit()
    await sleepTurn()
  }
  for (let times = 0; times < 3; times++) emit()
  let text = ''
  incoming.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  emit()
  await vi.waitFor(() => {
    const ids = [...text.matchAll(/^id: \w+-(\d+)$/gm)].map(([, number]) => Number(number))
    expect(ids.length).toBeGreaterThan(4)
    expect(ids).toEqual(ids.map((_, index) => index + 1))
    expect(text.endsWith('\n\n')).toBe(true)
  }, 5_000)
})

test('a heart beats every 15 seconds, until whoever reads may not any more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { incoming, isIn, ended } = await connect()
  let text = ''
  incoming.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  vi.advanceTimersByTime(30_000)
  await vi.waitFor(() => expect(text).toBe('retry: 3000\n\n: still here\n\n: still here\n\n'))
  isIn.is = false
  vi.advanceTimersByTime(15_000)
  await ended
  await once(incoming, 'end')
})

test('nothing is left open of a reader that leaves', async () => {
  const { incoming, ended, stream } = await connect()
  incoming.destroy()
  await ended
  expect(await stream.next()).toBeUndefined()
})
