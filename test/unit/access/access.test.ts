import { describe, expect, test } from 'vitest'
import { Access, type Action } from '../../../src/access/access.ts'
import { anonymous, type Caller, operator } from '../../../src/access/caller.ts'
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

const allowed = (access: Access, caller: Caller = anonymous) =>
  Object.entries(sources).flatMap(([name, source]) =>
    actions
      .filter((action) => access.may(caller, action, source))
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
    for (const action of actions) expect(access.may(operator, action, source)).toBe(true)
})

test('a changed configuration counts at once', () => {
  const access = makeAccess('{}')
  const source = ownSource(other)
  access.configure(checkYaml('access: {anonymous: none}'))
  expect(() => access.require(anonymous, 'pull', source)).toThrow(
    'nobody may pull team/other: run "entrepot user add NAME" on the server, then "docker login" with its name; to let everybody: access.rules: [{who: anonymous, repositories: "team/other", may: [pull]}] in mirrors.yaml',
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
    expect(makeAccess(access).admit(anonymous, requested)).toEqual({ ...requested, grants })
  })

  test('is denied where neither may be pulled, nor pushed', () => {
    const access = makeAccess('{anonymous: none}')
    expect(() => access.admit(anonymous, requested)).toThrow('nobody may pull team/app')
  })
})

const alice: Caller = { kind: 'user', name: 'alice' }
const everything = [
  ...['pull', 'push', 'delete'].map((action) => `${action} hosted`),
  ...['pull', 'push', 'delete'].map((action) => `${action} mirrored`),
]

describe('who is logged in', () => {
  test.each<{ caller: Caller; access: string; may: readonly string[] }>([
    { caller: alice, access: '{}', may: everything },
    { caller: alice, access: '{anonymous: none}', may: everything },
    {
      caller: alice,
      access: '{anonymous: none, rules: [{who: bob, repositories: "**", may: pull}]}',
      may: [],
    },
    {
      caller: alice,
      access: '{anonymous: none, rules: [{who: anonymous, repositories: "x/**", may: pull}]}',
      may: everything,
    },
    {
      caller: alice,
      access: '{anonymous: none, rules: [{who: alice, repositories: "team/*", may: push}]}',
      may: ['push hosted'],
    },
    {
      caller: alice,
      access: '{anonymous: none, rules: [{who: users, repositories: "quay.io/**", may: pull}]}',
      may: ['pull private'],
    },
    {
      caller: alice,
      access:
        '{anonymous: none, groups: {devs: [bob, alice]}, rules: [{who: devs, repositories: "team/*", may: delete}]}',
      may: ['delete hosted'],
    },
    {
      caller: { ...alice, token: 'laptop', limit: { may: ['pull'], repositories: ['team/**'] } },
      access: '{anonymous: none}',
      may: ['pull hosted'],
    },
    {
      caller: { ...alice, token: 'laptop', limit: { may: ['push'], repositories: ['**'] } },
      access: '{anonymous: none, rules: [{who: alice, repositories: "**", may: pull}]}',
      may: [],
    },
    { caller: { ...alice, isCertified: true }, access: '{anonymous: none}', may: [] },
    {
      caller: { ...alice, isCertified: true },
      access: '{anonymous: none, rules: [{who: users, repositories: "team/*", may: push}]}',
      may: ['push hosted'],
    },
    { caller: { kind: 'token', name: 'ci' }, access: '{anonymous: none}', may: [] },
    {
      caller: { kind: 'token', name: 'ci', grant: { may: ['push'], repositories: ['team/*'] } },
      access: '{anonymous: none, rules: [{who: ci, repositories: "quay.io/**", may: pull}]}',
      may: ['push hosted', 'pull private'],
    },
    {
      caller: { kind: 'token', name: 'ci' },
      access: '{anonymous: none, rules: [{who: users, repositories: "**", may: pull}]}',
      may: [],
    },
  ])('as $caller with $access may $may', ({ caller, access, may }) => {
    expect(allowed(makeAccess(access), caller)).toEqual(may)
  })

  const rule = (repositories: string) =>
    `{rules: [{who: alice, repositories: ${repositories}, may: admin}]}`
  test.each([
    { access: '{}', isAdmin: true },
    { access: rule('"**"'), isAdmin: true },
    { access: rule('[a, "**"]'), isAdmin: true },
    { access: rule('"*/**"'), isAdmin: false },
    { access: '{anonymous: push}', isAdmin: true },
    { access: '{rules: [{who: bob, repositories: "**", may: admin}]}', isAdmin: false },
  ])('is an admin by $access: $isAdmin', ({ access, isAdmin }) => {
    const { isAllowed } = makeAccess(access).decideEverything(alice, 'admin')
    expect(isAllowed).toBe(isAdmin)
  })

  test('is told what rule is missing, and nobody else who is asked to log in', () => {
    const access = makeAccess('{anonymous: none, rules: [{who: bob, repositories: a, may: pull}]}')
    expect(() => access.require(alice, 'pull', ownSource(app))).toThrow(
      expect.objectContaining({
        code: 'DENIED',
        message: expect.stringContaining('alice may not pull team/app: no rule'),
      }),
    )
    const asked: Caller = { kind: 'anonymous', canLogIn: true }
    expect(() => access.require(asked, 'pull', ownSource(app))).toThrow(
      expect.objectContaining({
        code: 'UNAUTHORIZED',
        message: expect.stringContaining('docker login'),
      }),
    )
    expect(() => access.require({ ...asked, scopes: [] }, 'pull', ownSource(app))).toThrow(
      expect.objectContaining({
        code: 'DENIED',
        message: expect.stringContaining('docker login'),
      }),
    )
  })
})

test('nobody becomes an admin by a rule for anonymous', () => {
  const access = '{rules: [{who: anonymous, repositories: "**", may: [admin]}]}'
  expect(() => makeAccess(access)).toThrow('admin for anonymous')
})
