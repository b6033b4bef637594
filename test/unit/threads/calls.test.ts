import { readFile } from 'node:fs/promises'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RegistryError } from '../../../src/oci/registry-error.ts'
import { Calls } from '../../../src/threads/calls.ts'

type Theirs = {
  add(one: number, other: number): Promise<number>
  fail(kind: 'registry' | 'other' | 'system'): Promise<void>
  note(text: string): void
  never(): Promise<void>
  measure(bytes: Uint8Array): Promise<number>
}

let channel: MessageChannel
let noted: string[]
let calls: Calls<Theirs>

beforeEach(() => {
  channel = new MessageChannel()
  noted = []
  new Calls<Record<string, never>>(channel.port2, {
    add: async (one: number, other: number) => one + other,
    fail: async (kind: string) => {
      if (kind === 'other') throw new TypeError('own fault')
      if (kind === 'system') await readFile('/not/there')
      const cause = new Error('upstream said so')
      throw new RegistryError('TOOMANYREQUESTS', 'wait', { retryAfterSeconds: 7, cause })
    },
    note: (text: string) => void noted.push(text),
    never: () => new Promise<void>(() => {}),
    measure: async (bytes: Uint8Array) => bytes.length,
  })
  calls = new Calls<Theirs>(channel.port1, {})
})

afterEach(() => channel.port1.close())

test('calls are answered, each with its own result, and in order', async () => {
  calls.tell('note', 'first')
  calls.tell('note', 'second')
  const sums = await Promise.all([1, 2, 3].map((value) => calls.call('add', value, 10)))
  expect(sums).toEqual([11, 12, 13])
  expect(noted).toEqual(['first', 'second'])
})

test('memory that is moved arrives, and is gone here', async () => {
  const bytes = new Uint8Array(1000)
  expect(await calls.callMoving([bytes.buffer], 'measure', bytes)).toBe(1000)
  expect(bytes).toHaveLength(0)
})

test('an error for a client keeps its meaning', async () => {
  const error = await calls.call('fail', 'registry').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(RegistryError)
  expect(error).toMatchObject({
    code: 'TOOMANYREQUESTS',
    status: 429,
    message: 'wait',
    retryAfterSeconds: 7,
    cause: expect.stringContaining('upstream said so'),
  })
})

test('any other error keeps its name, its text and where it came from', async () => {
  const error = await calls.call('fail', 'other').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'TypeError', message: 'own fault' })
  expect((error as Error).stack).toContain('calls.test.ts')
})

test('an error of the system keeps its code', async () => {
  const error = await calls.call('fail', 'system').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ENOENT', message: expect.stringContaining('/not/there') })
})

test('whoever waits when the other side ends is told so, and whoever comes later', async () => {
  const waiting = calls.call('never')
  calls.end(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  await expect(calls.call('add', 1, 2)).rejects.toThrow('gone')
  expect(() => calls.tell('note', 'late')).not.toThrow()
})
