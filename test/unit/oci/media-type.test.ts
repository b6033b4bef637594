import { describe, expect, test } from 'vitest'
import {
  dockerManifest,
  dockerManifestList,
  indexTypes,
  manifestAccept,
  ociIndex,
  ociManifest,
  readMediaType,
} from '../../../src/oci/media-type.ts'

describe('a Content-Type is read', () => {
  test.each([
    ['a type stays what it is', ociManifest, ociManifest],
    ['parameters do not count', `${ociIndex}; charset=utf-8`, ociIndex],
    ['capitals do not count', dockerManifest.toUpperCase(), dockerManifest],
    ['spaces around it do not count', ` ${ociManifest} ;q=1`, ociManifest],
    ['none says nothing', undefined, undefined],
    ['an empty one says nothing', '', undefined],
    ['JSON says nothing', 'application/json', undefined],
    ['JSON with a charset says nothing', 'application/json; charset=utf-8', undefined],
    ['text says nothing', 'text/plain', undefined],
    ['bytes say nothing', 'application/octet-stream', undefined],
    ['bytes as S3 calls them say nothing', 'binary/octet-stream', undefined],
  ])('%s', (_rule, header, expected) => {
    expect(readMediaType(header)).toBe(expected)
  })
})

test('upstreams are told of all types that clients pull, and not of schema 1', () => {
  const types = manifestAccept.split(', ')
  expect(types).toEqual(
    expect.arrayContaining([ociManifest, ociIndex, dockerManifest, dockerManifestList]),
  )
  expect(manifestAccept).not.toMatch(/prettyjws|distribution\.manifest\.v1/)
})

test('a list of manifests is an index, whoever named it', () => {
  expect([...indexTypes]).toEqual([ociIndex, dockerManifestList])
})
