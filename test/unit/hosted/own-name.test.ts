import { describe, expect, test } from 'vitest'
import { defaultConfig } from '../../../src/config/check-config.ts'
import { resolveOwn } from '../../../src/hosted/own-name.ts'

const config = defaultConfig('/')

const refusing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('a push goes', () => {
  test.each(['app', 'team/app', 'team/sub/app', 'librarian/app', 'bitnami/redis'])(
    'to %s',
    (name) => {
      expect(resolveOwn({ name }, config)).toBe(name)
      expect(resolveOwn({ name, ns: '' }, config)).toBe(name)
    },
  )
})

describe('a push is refused', () => {
  test.each([
    ['docker.io/team/app', 'the upstream "docker.io"'],
    ['ghcr.io/team/app', 'the upstream "ghcr.io"'],
    ['index.docker.io/app', 'the upstream "index.docker.io"'],
    // Not among the upstreams, but it can be nothing else.
    ['registry.example.com/app', 'the upstream "registry.example.com"'],
    ['localhost/app', 'the upstream "localhost"'],
    ['library/node', "Docker Hub's images"],
  ])('to %s', (name, why) => {
    expect(() => resolveOwn({ name }, config)).toThrow(refusing('DENIED', why))
  })

  test('with an upstream in the query', () => {
    const named = refusing('DENIED', 'the upstream "docker.io"')
    expect(() => resolveOwn({ name: 'team/app', ns: 'docker.io' }, config)).toThrow(named)
  })

  test('to what is no name', () => {
    expect(() => resolveOwn({ name: 'Team/App' }, config)).toThrow(refusing('NAME_INVALID', 'Team'))
    expect(() => resolveOwn({ name: '../app' }, config)).toThrow(refusing('NAME_INVALID', '../app'))
  })

  test('to a name that the configuration does not admit', () => {
    const hosted = { ...config.hosted, repositories: ['team/**'] }
    expect(resolveOwn({ name: 'team/a/b' }, { ...config, hosted })).toBe('team/a/b')
    const why = refusing('DENIED', 'hosted.repositories')
    expect(() => resolveOwn({ name: 'other/app' }, { ...config, hosted })).toThrow(why)
    const none = { ...hosted, repositories: [] }
    expect(() => resolveOwn({ name: 'team/app' }, { ...config, hosted: none })).toThrow(why)
  })
})
