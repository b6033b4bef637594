import { describe, expect, test } from 'vitest'
import { Access, type Action } from '../../../src/access/access.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { ownSource, type Source } from '../../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import { checkYaml } from '../config/check-yaml.ts'

const quay = 'quay.io' as UpstreamName
const [app, other] = ['team/app', 'team/other'].map(parseRepository) as [never, never]
const sources: Readonly<Record<string, Source>> = {
  hosted: ownSource(app),
  mirrored: { upstream: dockerHub, repository: app },
  private: { upstream: quay, repository: app },
  elsewhere: { upstream: 'gone.example' as UpstreamName, repository: app },
}
const actions: readonly Action[] = ['pull', 'push', 'delete']

const makeAccess = (access: string) =>
  new Access(checkYaml(`{upstreams: {docker.io: {}, quay.io: {private: true}}, access: ${access}}`))

const allowed = (access: Access) =>
  Object.entries(sources).flatMap(([name, source]) =>
    actions
      .filter((action) => access.may('anonymous', action, source))
      .map((action) => `${action} ${name}`),
  )

test.each([
  { access: '{anonymous: none}', may: [] },
  { access: '{}', may: ['pull hosted', 'pull mirrored'] },
  {
    access: '{anonymous: push}',
    may: ['pull hosted', 'push hosted', 'delete hosted', 'pull mirrored'],
  },
  {
    access: '{rules: [{who: anonymous, repositories: "quay.io/**", may: pull}]}',
    may: ['pull hosted', 'pull mirrored', 'pull private'],
  },
  {
    access: '{anonymous: none, rules: [{who: anonymous, repositories: team/*, may: [push, pull]}]}',
    may: ['pull hosted', 'push hosted'],
  },
  {
    access:
      '{anonymous: none, rules: [{who: anonymous, repositories: docker.io/team/*, may: pull}]}',
    may: ['pull mirrored'],
  },
  { access: '{anonymous: none, rules: [{who: ci, repositories: "**", may: pull}]}', may: [] },
])('$access lets everybody $may', ({ access, may }) => {
  expect(allowed(makeAccess(access))).toEqual(may)
})

test('whoever operates the server may do everything', () => {
  const access = makeAccess('{anonymous: none}')
  for (const source of Object.values(sources))
    for (const action of actions) expect(access.may('operator', action, source)).toBe(true)
})

test('a changed configuration counts at once', () => {
  const access = makeAccess('{}')
  const source = ownSource(other)
  access.configure(checkYaml('access: {anonymous: none}'))
  expect(() => access.require('anonymous', 'pull', source)).toThrow(
    'nobody may pull team/other: in mirrors.yaml, access: {rules: [{who: anonymous, repositories: "team/other", may: [pull]}]} lets everyone pull only that',
  )
})

describe('a name that may be hosted or mirrored', () => {
  const requested: Source = { upstream: dockerHub, repository: app, own: app }
  test.each([
    { access: '{}', grants: { pullOwn: true, pushOwn: false, pullMirrored: true } },
    {
      access: '{anonymous: none, rules: [{who: anonymous, repositories: docker.io/**, may: pull}]}',
      grants: { pullOwn: false, pushOwn: false, pullMirrored: true },
    },
    {
      access: '{anonymous: none, rules: [{who: anonymous, repositories: team/**, may: push}]}',
      grants: { pullOwn: false, pushOwn: true, pullMirrored: false },
    },
  ])('is admitted with what may be done by $access', ({ access, grants }) => {
    expect(makeAccess(access).admit('anonymous', requested)).toEqual({ ...requested, grants })
  })

  test('is denied where neither may be pulled, nor pushed', () => {
    const access = makeAccess('{anonymous: none}')
    expect(() => access.admit('anonymous', requested)).toThrow('nobody may pull team/app')
  })
})
