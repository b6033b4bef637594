import { execFileSync } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { holdAfter, makeGate, sendInstead } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const path = '/v2/team/app/manifests/1'
const large = makeBytes('large', 2_000_000)

/** An image that is kept, and blobs that aren't. */
const startWithKeptImage = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const keptPath = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  await ask(mirrored.server, path)
  await pullUntilKept(mirrored.server, keptPath)
  const largePath = `/v2/team/app/blobs/${repository.addBlob(large)}`
  const inside = (...names: string[]) => join(mirrored.server.data, ...names)
  return { ...mirrored, repository, image, keptPath, largePath, inside }
}

type Started = Awaited<ReturnType<typeof startWithKeptImage>>

const cacheOf = async (server: StartedServer, what: string) =>
  (await ask(server, what)).headers['x-entrepot-cache']

const loudLines = ({ log }: StartedServer) =>
  log.filter(({ level, msg }) => Number(level) >= 50 && /NOTHING CAN BE KEPT/.test(String(msg)))

const isUnchangeable = (folder: string): boolean => {
  try {
    execFileSync('chattr', ['+i', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const mend = (folder: string): void => {
  execFileSync('chattr', ['-i', folder], { stdio: 'ignore' })
}

/** What can happen to a data folder; each gives what takes it back, undefined where it can't be arranged. */
const faults: {
  fault: string
  reason: string
  breakIt: (started: Started) => Promise<(() => Promise<void>) | undefined>
}[] = [
  {
    fault: 'partial/ is a file',
    reason: 'the data folder is gone (ENOTDIR)',
    breakIt: async ({ inside }) => {
      await rename(inside('partial'), inside('aside'))
      await writeFile(inside('partial'), '')
      return async () => {
        await rm(inside('partial'))
        await rename(inside('aside'), inside('partial'))
      }
    },
  },
  {
    fault: 'partial/ is gone',
    reason: 'the data folder is gone (ENOENT)',
    breakIt: async ({ inside }) => {
      await rm(inside('partial'), { recursive: true })
      return async () => void (await mkdir(inside('partial')))
    },
  },
  {
    fault: 'all of it is gone',
    reason: 'the data folder is gone (ENOENT)',
    breakIt: async ({ server }) => {
      await rename(server.data, `${server.data}.aside`)
      return () => rename(`${server.data}.aside`, server.data)
    },
  },
  {
    fault: 'partial/ takes no files',
    reason: 'access to the data folder is denied (EPERM)',
    breakIt: async ({ inside }) => {
      if (!isUnchangeable(inside('partial'))) return undefined
      // A folder that can't be changed can't be removed after the test either.
      onTestFinished(() => mend(inside('partial')))
      return async () => mend(inside('partial'))
    },
  },
]

describe.each(faults)('where $fault', ({ reason, breakIt }) => {
  test('pulls go on unkept, it is said once and loudly, and keeping resumes', async (context) => {
    const started = await startWithKeptImage()
    const { upstream, server, repository, largePath } = started
    const mended = await breakIt(started)
    if (!mended) return context.skip()
    const other = await repository.addImage('2', smallImage('b'))
    const otherPath = `/v2/team/app/blobs/${other.layers[0]?.digest}`

    for (const _ of [1, 2]) {
      const manifest = await ask(server, '/v2/team/app/manifests/2')
      expect(manifest.body).toEqual(other.bytes)
      expect(manifest.headers['x-entrepot-cache']).toBe('pass')
      for (const what of [largePath, otherPath]) {
        const blob = await ask(server, what)
        expect(blob.isComplete).toBe(true)
        expect(blob.body.equals(repository.blobs.get(what.split('/').at(-1) ?? '') ?? large)).toBe(
          true,
        )
        expect(blob.headers['x-entrepot-cache']).toBe('pass')
        expect((await ask(server, what, { method: 'HEAD' })).status).toBe(200)
      }
    }
    const ready = await ask(server, '/readyz')
    expect(ready.status).toBe(503)
    expect(ready.body.toString()).toBe(`not ready: ${reason}\n`)
    expect((await ask(server, '/healthz')).status).toBe(200)
    expect(loudLines(server)).toHaveLength(1)
    expect(loudLines(server)[0]?.msg).toContain(reason)

    await mended()
    expect(await cacheOf(server, '/v2/team/app/manifests/2')).toBe('miss')
    for (const what of [largePath, otherPath]) {
      expect(await cacheOf(server, what)).toBe('miss')
      await pullUntilKept(server, what)
    }
    const before = upstream.requests.length
    for (const what of [path, started.keptPath, largePath, otherPath]) {
      expect(await cacheOf(server, what)).toBe('hit')
    }
    expect(upstream.requests).toHaveLength(before)
    expect(loudLines(server)).toHaveLength(1)
  })
})

test('once the disk is well, /readyz and the log say so, once', async () => {
  const started = await startWithKeptImage()
  const { server, inside, largePath } = started
  await rename(inside('partial'), inside('aside'))
  await ask(server, largePath)
  expect((await ask(server, '/readyz')).status).toBe(503)
  await rename(inside('aside'), inside('partial'))

  await vi.waitFor(async () => expect((await ask(server, '/readyz')).status).toBe(200), 10_000)

  const told = server.log.filter(({ msg }) => /takes writes again/.test(String(msg)))
  expect(told).toHaveLength(1)
})

describe('in the middle of a pull', () => {
  const startInTheMiddle = async () => {
    const started = await startWithKeptImage()
    const gate = makeGate()
    const letGo = started.upstream.script(`GET ${started.largePath}`, holdAfter(1_000_000, gate))
    const begun = await openReply(started.server, started.largePath)
    await begun.read(500_000)
    return { ...started, gate, letGo, begun }
  }

  test('a data folder that goes away costs its client nothing', async () => {
    const { server, gate, letGo, begun, largePath } = await startInTheMiddle()
    await rename(server.data, `${server.data}.aside`)
    gate.open()
    letGo()

    expect((await begun.finish()).body.equals(large)).toBe(true)
    await vi.waitFor(async () => expect(await cacheOf(server, largePath)).toBe('pass'))
    expect(loudLines(server)).toHaveLength(1)

    await rename(`${server.data}.aside`, server.data)
    expect((await pullUntilKept(server, largePath)).body.equals(large)).toBe(true)
  })

  test('a folder of finished blobs that goes away costs its client nothing', async () => {
    const { server, inside, gate, begun, largePath } = await startInTheMiddle()
    await rename(inside('blobs', 'sha256'), inside('aside'))
    gate.open()

    expect((await begun.finish()).body.equals(large)).toBe(true)
    await vi.waitFor(async () => expect(await server.listPartials()).toEqual([]))
    expect((await ask(server, '/readyz')).status).toBe(503)

    await rename(inside('aside'), inside('blobs', 'sha256'))
    expect((await pullUntilKept(server, largePath)).body.equals(large)).toBe(true)
  })
})

test('what is passed through is checked all the same', async () => {
  const { upstream, server, repository, inside, largePath } = await startWithKeptImage()
  await rename(inside('partial'), inside('aside'))
  const small = Buffer.from('a small blob')
  const smallPath = `/v2/team/app/blobs/${repository.addBlob(small)}`
  upstream.script(`GET ${smallPath}`, sendInstead(Buffer.from('a wrong blob')))
  upstream.script(`GET ${largePath}`, sendInstead(Buffer.alloc(large.length, 'wrong')))

  for (const what of [smallPath, largePath]) {
    const { status, isComplete } = await ask(server, what)
    expect(isComplete && status === 200).toBe(false)
  }
})
