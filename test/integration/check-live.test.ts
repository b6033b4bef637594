import { describe, expect, test } from 'vitest'
import { runCommand, writeMirrors } from '../support/run-command.ts'
import { basicLogin, requireBasic, requireBearer } from '../support/scripted-auth.ts'
import {
  fail,
  hangUp,
  limitedFor,
  rateLimitHeaders,
  swallow,
} from '../support/scripted-behaviour.ts'
import type { Behaviour, ScriptedUpstream } from '../support/scripted-upstream.ts'
import { startUpstream } from '../support/start-mirrored.ts'
import type { Settings } from '../support/start-server.ts'

const login = { username: 'robot', password: 'top-secret' }
const budget = { limit: 100, remaining: 42, windowSeconds: 21_600, source: '192.0.2.7' }

const checkLive = async (upstreams: Settings, ...args: readonly string[]) => {
  const [defaultUpstream] = Object.keys(upstreams)
  const config = await writeMirrors({ defaultUpstream, upstreams })
  return runCommand('check', '--live', '--config', config, ...args)
}

/** Docker Hub, as far as it tells what is left of its limit. */
const startHub = async (): Promise<ScriptedUpstream> => {
  const hub = await startUpstream()
  hub.script(/ratelimitpreview/, (usual) => ({ ...usual, status: 200 }))
  hub.script(/ratelimitpreview/, rateLimitHeaders(budget))
  return hub
}

const startIll = async (behaviour: Behaviour): Promise<ScriptedUpstream> => {
  const upstream = await startUpstream()
  upstream.script(/./, behaviour)
  return upstream
}

const answersFirst = /^\S+ +\S+ +answers in \d+ ms, /

test('a line for each URL says how it does, and all well ends with 0', async () => {
  const [hub, other, spare] = [await startHub(), await startUpstream(), await startUpstream()]
  const { code, stdout, stderr } = await checkLive({
    'docker.io': { url: hub.url },
    'registry.example': { url: [other.url, spare.url] },
  })

  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(line).toMatch(answersFirst)
  expect(lines[0]).toContain(`docker.io         ${hub.url}`)
  expect(lines[0]).toMatch(/asked without a login, 42 of 100 pulls left \(in 6 h\)$/)
  expect(lines[1]).toContain(`registry.example  ${other.url}`)
  expect(lines[2]).toContain(`registry.example  ${spare.url}`)
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

test('JSON says the same, for programs', async () => {
  const hub = await startHub()
  const { code, stdout } = await checkLive({ 'docker.io': { url: hub.url } }, '--json')

  expect(JSON.parse(stdout)).toEqual({
    offline: false,
    upstreams: [
      {
        upstream: 'docker.io',
        urls: [
          {
            url: hub.url,
            milliseconds: expect.any(Number),
            login: 'anonymous',
            budget: { ...budget, ageSeconds: 0 },
          },
        ],
      },
    ],
  })
  expect(code).toBe(0)
})

test('it costs no pull: nothing but HEAD is asked of any image', async () => {
  const hub = await startHub()
  requireBearer(hub)
  const { code, stdout } = await checkLive({ 'docker.io': { url: hub.url } })

  expect(code).toBe(0)
  expect(stdout).toContain('asked without a login')
  expect(hub.count(/^GET .*(manifests|blobs)/)).toBe(0)
  expect(hub.count(/^HEAD .*manifests/)).toBeGreaterThan(0)
})

test('a registry in the place of Docker Hub has no budget to tell, and does well', async () => {
  const registry = await startUpstream()
  const { code, stdout } = await checkLive({ 'docker.io': { url: registry.url } })

  expect(stdout).toMatch(answersFirst)
  expect(stdout).not.toContain('pulls left')
  expect(code).toBe(0)
})

describe('a login', () => {
  test.each([
    {
      scheme: 'a token',
      guard: (upstream: ScriptedUpstream) =>
        void requireBearer(upstream, { login: basicLogin('robot', 'top-secret') }),
    },
    {
      scheme: 'Basic',
      guard: (upstream: ScriptedUpstream) =>
        requireBasic(upstream, basicLogin('robot', 'top-secret')),
    },
  ])('for $scheme is accepted or refused', async ({ guard }) => {
    const upstream = await startUpstream()
    guard(upstream)
    const { url } = upstream
    const { code, stdout } = await checkLive({
      'right.example': { url, ...login },
      'wrong.example': { url, ...login, password: 'wrong' },
    })

    const [right, wrong] = stdout.split('\n')
    expect(right).toMatch(/^right\.example .* login accepted$/)
    expect(wrong).toMatch(/^wrong\.example .* FAILS: wrong\.example (refuses|denies)/)
    expect(code).toBe(1)
  })
})

describe('an upstream that does not do well', () => {
  test('ends it with 1, and takes nothing from one that does', async () => {
    const ill = [
      { name: 'fails.example', behaviour: fail(500), says: 'answered 500' },
      { name: 'limits.example', behaviour: limitedFor(60), says: 'limits our requests' },
      { name: 'breaks.example', behaviour: hangUp, says: 'closed the connection' },
      { name: 'silent.example', behaviour: swallow, says: '' },
    ]
    const well = await startUpstream()
    const upstreams: Record<string, object> = { 'well.example': { url: well.url } }
    for (const { name, behaviour } of ill) {
      const { url } = await startIll(behaviour)
      upstreams[name] = { url, connectTimeout: '500ms', idleTimeout: '500ms' }
    }
    const { code, stdout } = await checkLive(upstreams)

    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(answersFirst)
    for (const [position, { name, says }] of ill.entries()) {
      expect(lines[position + 1]).toContain(`FAILS: ${name}`)
      expect(lines[position + 1]).toContain(says)
    }
    expect(code).toBe(1)
  })

  test('is named in JSON too', async () => {
    const upstream = await startUpstream()
    await upstream.stop()
    const { code, stdout } = await checkLive({ 'a.example': { url: upstream.url } }, '--json')

    const [{ urls }] = JSON.parse(stdout).upstreams
    expect(urls[0]).toEqual({ url: upstream.url, problem: expect.stringContaining('refuses') })
    expect(code).toBe(1)
  })
})

describe('offline', () => {
  test.each([
    { args: [], says: 'offline: true: no upstream is asked' },
    { args: ['--json'], says: '{"offline":true,"upstreams":[]}' },
  ])('nobody is asked, and that is well: $args', async ({ args, says }) => {
    const upstream = await startUpstream()
    const settings = { offline: true, upstreams: { 'docker.io': { url: upstream.url } } }
    const config = await writeMirrors(settings)
    const { code, stdout } = await runCommand('check', '--live', '--config', config, ...args)

    expect(stdout).toContain(says)
    expect(code).toBe(0)
    expect(upstream.requests).toEqual([])
  })
})

test('a configuration that is wrong ends with 1, and nobody is asked', async () => {
  const upstream = await startUpstream()
  const config = await writeMirrors({
    upstreams: { 'docker.io': { url: upstream.url, tagTtl: 5 } },
  })
  const { code, stdout, stderr } = await runCommand('check', '--live', '--config', config)

  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('tagTtl')
  expect(upstream.requests).toEqual([])
})
