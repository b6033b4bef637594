import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkAllowed,
  type RequestedName,
  resolveSource,
  resolveUpstream,
} from '../../../src/mirror/resolve-source.ts'
import { parseRequestPath } from '../../../src/oci/request-path.ts'
import { formatSource } from '../../../src/oci/source.ts'
import { anyCharacter } from '../../support/any-character.ts'
import { checkYaml } from '../config/check-yaml.ts'

const named = checkYaml(
  'upstreams: {docker.io: {}, ghcr.io: {}, "registry.example:5000": {}, "localhost:5000": {}, inside: {url: "http://inside:80"}}',
)
const anyHost = checkYaml('upstreams: {docker.io: {}, "*": {}}')

function resolve(requested: RequestedName, rules = named): string {
  return formatSource(resolveSource(requested, rules))
}

describe('the five forms of a name', () => {
  test.each([
    ['ns= names the upstream', { name: 'a/b', ns: 'ghcr.io' }, 'ghcr.io/a/b'],
    ['the path names the upstream', { name: 'ghcr.io/a/b' }, 'ghcr.io/a/b'],
    [
      'both name it, and it is resolved once',
      { name: 'ghcr.io/a/b', ns: 'ghcr.io' },
      'ghcr.io/a/b',
    ],
    ['the path before /v2/ names the upstream', { name: 'a/b', view: 'ghcr.io' }, 'ghcr.io/a/b'],
    ['nothing names it: the default upstream', { name: 'a/b' }, 'docker.io/a/b'],
  ])('%s', (_rule, requested, expected) => {
    expect(resolve(requested)).toBe(expected)
  })
})

describe('a name is completed', () => {
  test.each([
    ['one part on Docker Hub is in library/', { name: 'alpine' }, 'docker.io/library/alpine'],
    ['with the upstream in front', { name: 'docker.io/alpine' }, 'docker.io/library/alpine'],
    ['with ns=', { name: 'alpine', ns: 'docker.io' }, 'docker.io/library/alpine'],
    ['in a view', { name: 'alpine', view: 'docker.io' }, 'docker.io/library/alpine'],
    ['doubled', { name: 'docker.io/alpine', ns: 'docker.io' }, 'docker.io/library/alpine'],
    ['library/ is not added twice', { name: 'library/alpine' }, 'docker.io/library/alpine'],
    ['two parts stay two', { name: 'grafana/loki' }, 'docker.io/grafana/loki'],
    ['elsewhere one part is enough', { name: 'pause', ns: 'ghcr.io' }, 'ghcr.io/pause'],
  ])('%s', (_rule, requested, expected) => {
    expect(resolve(requested)).toBe(expected)
  })
})

describe('an upstream is known by', () => {
  test.each([
    ['its index', { name: 'index.docker.io/a/b' }, 'docker.io/a/b'],
    ['its registry', { name: 'a/b', ns: 'registry-1.docker.io' }, 'docker.io/a/b'],
    ['capitals', { name: 'a/b', view: 'GHCR.IO' }, 'ghcr.io/a/b'],
    ['its port', { name: 'registry.example:5000/a' }, 'registry.example:5000/a'],
    [
      'its port behind an underscore',
      { name: 'registry.example_5000/a' },
      'registry.example:5000/a',
    ],
    [
      'both in one request',
      { name: 'registry.example_5000/a', ns: 'registry.example:5000' },
      'registry.example:5000/a',
    ],
    ['a view of a port', { name: 'a', view: 'registry.example_5000' }, 'registry.example:5000/a'],
    ['localhost and a port', { name: 'localhost_5000/a' }, 'localhost:5000/a'],
    ['a name without a dot, if it is configured', { name: 'inside/a' }, 'inside/a'],
    [
      'an alias that doubles another',
      { name: 'index.docker.io/a/b', ns: 'docker.io' },
      'docker.io/a/b',
    ],
    [
      'a view and ns= that agree',
      { name: 'a/b', view: 'docker.io', ns: 'index.docker.io' },
      'docker.io/a/b',
    ],
    ['a view alone where ns= is empty', { name: 'a', view: 'ghcr.io', ns: '' }, 'ghcr.io/a'],
  ])('%s', (_rule, requested, expected) => {
    expect(resolve(requested)).toBe(expected)
  })
})

describe('the first part is no upstream', () => {
  test.each([
    ['where it is a word', { name: 'outside/a' }, 'docker.io/outside/a'],
    ['where it ends in a number', { name: 'team_5000/a' }, 'docker.io/team_5000/a'],
    ['where it is the only part', { name: 'inside' }, 'docker.io/library/inside'],
    [
      'behind one that was named already',
      { name: 'ghcr.io/ghcr.io/a', ns: 'ghcr.io' },
      'ghcr.io/ghcr.io/a',
    ],
  ])('%s', (_rule, requested, expected) => {
    expect(resolve(requested)).toBe(expected)
  })

  test('and another default upstream takes the name as it is', () => {
    const rules = checkYaml('{defaultUpstream: ghcr.io, upstreams: {ghcr.io: {}}}')
    expect(resolve({ name: 'pause' }, rules)).toBe('ghcr.io/pause')
  })
})

describe('an upstream that is not configured is refused, with how to add it', () => {
  test.each([
    ['in the path', { name: 'quay.example/a/b' }, 'quay.example'],
    ['as ns=', { name: 'a/b', ns: 'quay.example' }, 'quay.example'],
    ['as a view', { name: 'a/b', view: 'quay.example' }, 'quay.example'],
    ['with a port', { name: 'ghcr.io:5000/a' }, 'ghcr.io:5000'],
    ['with a port behind an underscore', { name: 'localhost_6000/a' }, 'localhost:6000'],
    ['localhost', { name: 'localhost/a' }, 'localhost'],
  ])('%s', (_rule, requested, upstream) => {
    const message = `to mirror it, add "${upstream}: {}" under upstreams: in mirrors.yaml`
    expect(() => resolve(requested)).toThrow(message)
    expect(() => resolve(requested)).toThrow(
      expect.objectContaining({ code: 'NAME_UNKNOWN', status: 404 }),
    )
  })
})

describe('a malformed name is refused', () => {
  test.each([
    ['ns= is a host', { name: 'a', ns: '../x' }, 'is not a registry host'],
    ['ns= is no URL', { name: 'a', ns: 'https://ghcr.io' }, 'is not a registry host'],
    ['a view is a host', { name: 'a', view: '..' }, 'is not a registry host'],
    ['a first part with a dot is a host', { name: '../a' }, 'is not a registry host'],
    [
      'a view and ns= name one upstream',
      { name: 'a', view: 'ghcr.io', ns: 'docker.io' },
      'the request names ghcr.io and docker.io',
    ],
    [
      'the path and ns= name one upstream',
      { name: 'ghcr.io/a/b', ns: 'docker.io' },
      'the request names ghcr.io and docker.io',
    ],
    ['something comes after the upstream', { name: 'ghcr.io/' }, 'is not a repository name'],
    ['what comes after it is a repository', { name: 'ghcr.io/../b' }, 'is not a repository name'],
    ['a repository has no capitals', { name: 'a/B' }, 'is not a repository name'],
    ['library/ does not hide an empty name', { name: '' }, 'is not a repository name'],
    ['a name is at most 255 characters with library/', { name: 'a'.repeat(248) }, 'at most 255'],
  ])('%s', (_rule, requested, message) => {
    expect(() => resolve(requested)).toThrow(message)
    expect(() => resolve(requested)).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID', status: 400 }),
    )
  })
})

describe('"*" admits', () => {
  test.each([
    ['any host', { name: 'quay.example/a/b' }, 'quay.example/a/b'],
    ['a host with a port', { name: 'a', ns: 'quay.example:8443' }, 'quay.example:8443/a'],
    [
      'the aliases of Docker Hub as ever',
      { name: 'a', view: 'index.docker.io' },
      'docker.io/library/a',
    ],
    ['no word as an upstream', { name: 'quay/a' }, 'docker.io/quay/a'],
  ])('%s', (_rule, requested, expected) => {
    expect(resolve(requested, anyHost)).toBe(expected)
  })

  test.each([
    ['localhost', { name: 'localhost/a' }],
    ['localhost with a port', { name: 'localhost:5000/a' }],
    ['a host inside', { name: 'a', ns: 'inside' }],
    ['a host inside, in a view', { name: 'a', view: 'inside_5000' }],
  ])('but not %s', (_rule, requested) => {
    expect(() => resolve(requested, anyHost)).toThrow(
      expect.objectContaining({ code: 'NAME_UNKNOWN' }),
    )
  })
})

describe('allow and deny', () => {
  const rules = checkYaml(`upstreams:
  docker.io: {allow: ["library/*", "grafana/**"], deny: ["grafana/private-*", "library/busybox"]}
  ghcr.io: {allow: []}
  quay.io: {deny: ["**"]}
  "*": {allow: ["public/**"]}`)
  const check = (requested: RequestedName) => checkAllowed(resolveSource(requested, rules), rules)

  test('are not asked about a name that may be a hosted one', () => {
    expect(resolveSource({ name: 'bitnami/redis' }, rules).own).toBe('bitnami/redis')
  })

  test.each([
    ['a glob of one part', { name: 'alpine' }],
    ['a glob of many parts', { name: 'grafana/a/b/c' }],
    ['the rules of "*" for what has none', { name: 'public/a', ns: 'other.example' }],
  ])('admit %s', (_rule, requested) => {
    expect(() => check(requested)).not.toThrow()
  })

  test.each([
    ['what no glob names', { name: 'bitnami/redis' }, 'docker.io/bitnami/redis'],
    ['more parts than a glob has', { name: 'library/a/b' }, 'docker.io/library/a/b'],
    ['what is denied, though allowed', { name: 'busybox' }, 'docker.io/library/busybox'],
    ['a denied glob', { name: 'grafana/private-x' }, 'docker.io/grafana/private-x'],
    ['everything, where nothing is allowed', { name: 'ghcr.io/a/b' }, 'ghcr.io/a/b'],
    ['everything, where all is denied', { name: 'a/b', ns: 'quay.io' }, 'quay.io/a/b'],
    ['what "*" does not allow', { name: 'other.example/secret/a' }, 'other.example/secret/a'],
  ])('refuse %s', (_rule, requested, source) => {
    expect(() => check(requested)).toThrow(`${source} is not mirrored here`)
    expect(() => check(requested)).toThrow(expect.objectContaining({ code: 'DENIED', status: 403 }))
  })
})

describe('an upstream named by itself', () => {
  test.each([
    ['is the view', { view: 'ghcr.io' }, 'ghcr.io'],
    ['is ns=', { ns: 'index.docker.io' }, 'docker.io'],
    ['is none where neither is there', {}, undefined],
    ['is none where ns= is empty', { ns: '' }, undefined],
  ])('%s', (_rule, requested, expected) => {
    expect(resolveUpstream(requested, named)).toBe(expected)
  })
})

describe('no path leads out of the grammar', () => {
  /** As distribution-spec §Pulling manifests has it. */
  const specName = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
  const specDigest = /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
  const specTag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

  const part = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.constantFrom('a', 'library', 'ghcr.io', 'localhost_5000', 'a.b--c'),
    },
    fc.constantFrom('..', '.', '', 'v2', 'blobs', 'docker.io', 'A', '~', '*', 'a'.repeat(130)),
    fc.constantFrom('%2e%2e', '%2E.', '%2f', 'a%2Fb', '%252e%252e', '%5c', '%00', '%0a', '%', '\\'),
    fc.string({ unit: anyCharacter, maxLength: 4 }),
  )
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const last = fc.oneof(
    fc.constantFrom('sha256', 'sha512').chain((algorithm) => {
      const hex = fc.string({ unit: fc.constantFrom(...'0af'), minLength: 62, maxLength: 66 })
      const colon = fc.constantFrom(':', '%3A', '%253A')
      return fc
        .tuple(colon, hex)
        .map(([c, h]) => `${algorithm}${c}${h}${algorithm === 'sha512' ? h : ''}`)
    }),
    fc.constantFrom('latest', '..', '%2e%2e', 'a%2f..', 'list'),
    part,
  )
  const kind = fc.constantFrom('manifests', 'blobs', 'referrers', 'tags', '%6danifests')
  const host = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(undefined, 'ghcr.io', 'a.example') },
    part,
  )
  const request = fc.record({ view: host, ns: host, name, kind, last })

  test('with any upstream admitted', () => {
    let accepted = 0
    fc.assert(
      fc.property(request, ({ view, ns, ...path }) => {
        const rawPath = `${view === undefined ? '' : `/${view}`}/v2/${path.name}/${path.kind}/${path.last}`
        const found = read(rawPath, ns)
        if (!found) return
        accepted++
        const { source, target } = found
        expect(source.repository).toMatch(specName)
        expect(source.repository.length).toBeLessThanOrEqual(255)
        expect(source.repository.split('/')).not.toContain('')
        expect(source.repository).not.toContain('..')
        expect(source.upstream).toMatch(/^[a-z0-9.-]+(:[0-9]{1,5})?$/)
        expect(source.upstream).not.toContain('..')
        if ('digest' in target) expect(target.digest).toMatch(specDigest)
        if ('reference' in target && !specDigest.test(target.reference)) {
          expect(target.reference).toMatch(specTag)
        }
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  /** Undefined where it is refused, which only a RegistryError may do. */
  function read(rawPath: string, ns: string | undefined) {
    try {
      const path = parseRequestPath(rawPath)
      if (!path || !('name' in path.target)) return undefined
      const { view, target } = path
      return { target, source: resolveSource({ name: path.target.name, view, ns }, anyHost) }
    } catch (error) {
      expect(error).toMatchObject({ name: 'RegistryError' })
      return undefined
    }
  }
})
