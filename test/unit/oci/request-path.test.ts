import { describe, expect, test } from 'vitest'
import { parseRequestPath } from '../../../src/oci/request-path.ts'

const digest = `sha256:${'a'.repeat(64)}`
const latest = { kind: 'manifest', name: 'a/b', reference: 'latest' }

describe('a path is read', () => {
  test.each([
    ['the base', '/v2/', { target: { kind: 'base' } }],
    ['the base without its slash', '/v2', { target: { kind: 'base' } }],
    ['the catalog', '/v2/_catalog', { target: { kind: 'catalog' } }],
    ['a manifest by tag', '/v2/a/b/manifests/latest', { target: latest }],
    [
      'a manifest by digest',
      `/v2/a/manifests/${digest}`,
      { target: { kind: 'manifest', name: 'a', reference: digest } },
    ],
    ['a blob', `/v2/a/b/blobs/${digest}`, { target: { kind: 'blob', name: 'a/b', digest } }],
    ['a list of tags', '/v2/a/b/tags/list', { target: { kind: 'tags', name: 'a/b' } }],
    [
      'a list of referrers',
      `/v2/a/referrers/${digest}`,
      { target: { kind: 'referrers', name: 'a', digest } },
    ],
    [
      'an upstream in the name stays there',
      '/v2/localhost:5000/a/manifests/1',
      { target: { kind: 'manifest', name: 'localhost:5000/a', reference: '1' } },
    ],
    ['a new upload', '/v2/a/b/blobs/uploads/', { target: { kind: 'upload', name: 'a/b', id: '' } }],
    [
      'an upload under way',
      '/v2/a/blobs/uploads/x',
      { target: { kind: 'upload', name: 'a', id: 'x' } },
    ],
    ['a view', '/ghcr.io/v2/a/b/manifests/latest', { view: 'ghcr.io', target: latest }],
    ['the base of a view', '/ghcr.io/v2/', { view: 'ghcr.io', target: { kind: 'base' } }],
    [
      'a view of a port, with its colon escaped',
      '/localhost%3A5000/v2/_catalog',
      { view: 'localhost:5000', target: { kind: 'catalog' } },
    ],
    [
      'a colon may be escaped in a digest',
      `/v2/a/blobs/${digest.replace(':', '%3a')}`,
      { target: { kind: 'blob', name: 'a', digest } },
    ],
    ['a slash may be escaped', '/v2/a%2Fb/manifests/latest', { target: latest }],
    [
      'a repository may be called like an endpoint',
      '/v2/manifests/tags/list/manifests/blobs',
      { target: { kind: 'manifest', name: 'manifests/tags/list', reference: 'blobs' } },
    ],
    ['a repository may be called v2', '/v2/v2/tags/list', { target: { kind: 'tags', name: 'v2' } }],
  ])('%s', (_rule, path, expected) => {
    expect(parseRequestPath(path)).toEqual(expected)
  })
})

describe('a path that is not the registry’s gives nothing', () => {
  test.each([
    ['the root', '/'],
    ['an empty path', ''],
    ['another version', '/v1/a/manifests/latest'],
    ['a view without an upstream', '//v2/a/manifests/latest'],
    ['a path before the view', '/x/ghcr.io/v2/a/manifests/latest'],
    ['an endpoint that does not exist', '/v2/a/layers/latest'],
    ['a manifest without a repository', '/v2/manifests/latest'],
    ['tags that are not listed', '/v2/a/tags/all'],
    ['a list with a slash behind it', '/v2/a/tags/list/'],
    ['an upload of nothing', '/v2/blobs/uploads/'],
    ['the version in capitals', '/V2/'],
  ])('%s', (_rule, path) => {
    expect(parseRequestPath(path)).toBeUndefined()
  })
})

describe('a path whose end is malformed is refused', () => {
  test.each([
    ['a blob needs a digest', '/v2/a/blobs/latest', 'DIGEST_INVALID'],
    ['referrers need a digest', '/v2/a/referrers/latest', 'DIGEST_INVALID'],
    ['a manifest needs a reference', '/v2/a/manifests/', 'MANIFEST_INVALID'],
    ['two dots are no tag', '/v2/a/manifests/..', 'MANIFEST_INVALID'],
    ['escaped dots are no tag either', '/v2/a/manifests/%2e%2e', 'MANIFEST_INVALID'],
    ['an escape is decoded once', '/v2/a/manifests/%256catest', 'MANIFEST_INVALID'],
    ['an escape is whole', '/v2/a/manifests/%zz', 'NAME_INVALID'],
    ['an escape is UTF-8', '/v2/%ff/manifests/latest', 'NAME_INVALID'],
  ])('%s', (_rule, path, code) => {
    expect(() => parseRequestPath(path)).toThrow(expect.objectContaining({ code, status: 400 }))
  })
})
