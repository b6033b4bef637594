import { expect, test } from 'vitest'
import { Access } from '../../../src/access/access.ts'
import { anonymous, type Caller, operator } from '../../../src/access/caller.ts'
import type { NewEvent } from '../../../src/events/any-events.ts'
import { showEvent } from '../../../src/http/visible-event.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import { checkYaml } from '../config/check-yaml.ts'

const quay = 'quay.io' as UpstreamName
const digest = digestOf(Buffer.from('a'))
const app = parseRepository('team/app')
const who = { client: '10.0.0.1', user: 'alice' }
const disk = { total: 3, used: 2, free: 1 }
const hidden = { upstream: quay, repository: app }
const open = { upstream: dockerHub, repository: app }
const freed = { digest, tags: [], freed: 1 }

const pullOf = (of: object): NewEvent => {
  const pull = { image: 'a', repository: app, outcome: 'hit', pulls: 1, bytes: 2, ...who }
  return { kind: 'pull', data: { ...pull, ...of } }
}

const fetched = { state: 'begun', received: 0, waiting: 1, digest } as const
const evicted = { reason: 'why', count: 2, freed: 2 }
const damaged = {
  what: 'a',
  finding: 'b',
  outcome: 'c',
  healed: false,
  images: ['quay.io/team/app'],
}

const told: Readonly<Record<string, NewEvent>> = {
  'pull of docker.io': pullOf({ upstream: dockerHub }),
  'pull of quay.io': pullOf({ upstream: quay }),
  'pull of ours': pullOf({}),
  'fetch from docker.io': { kind: 'fetch', data: { ...fetched, ...open } },
  'fetch from quay.io': { kind: 'fetch', data: { ...fetched, ...hidden } },
  push: { kind: 'push', data: { repository: app, tags: [], digest } },
  delete: { kind: 'delete', data: { repository: app, tags: [], digests: [] } },
  'evict of quay.io': { kind: 'evict', data: { ...evicted, images: [{ ...freed, ...hidden }] } },
  'evict of both': {
    kind: 'evict',
    data: { ...evicted, images: [open, hidden].map((of) => ({ ...freed, ...of })) },
  },
  'upstream-down': { kind: 'upstream-down', data: { upstream: quay, url: 'u', reason: 'r' } },
  'disk-high': { kind: 'disk-high', data: { ...disk, reason: 'r' } },
  'disk-ok': { kind: 'disk-ok', data: disk },
  'verification-failed': { kind: 'verification-failed', data: damaged },
  'configuration-refused': { kind: 'configuration-refused', data: { file: 'f', problems: [] } },
  'configuration-taken-up': { kind: 'configuration-taken-up', data: { file: 'f', waiting: [] } },
  offline: { kind: 'offline', data: { offline: true } },
}

const access = new Access(
  checkYaml(`{upstreams: {docker.io: {}, quay.io: {private: true}}, access: {rules: [
    {who: alice, repositories: "team/**", may: pull},
    {who: root, repositories: "**", may: [pull, admin]}]}}`),
)
const ofPublic = [
  'pull of docker.io',
  'pull of ours',
  'fetch from docker.io',
  'push',
  'delete',
  'evict of both',
  'upstream-down',
  'offline',
]
const ofServer = [
  'evict of quay.io',
  'disk-high',
  'disk-ok',
  'verification-failed',
  'configuration-refused',
  'configuration-taken-up',
]

const show = (name: string, caller: Caller, canLogIn: boolean) => {
  const event = { ...told[name], id: '1', source: 's', at: 0, isPassing: false } as never
  return showEvent(event, { caller, access, canLogIn }) as
    | { data: Record<string, unknown> }
    | undefined
}

test.each<[string, Caller, boolean, readonly string[]]>([
  ['nobody, where others can log in', anonymous, true, ofPublic],
  ['nobody, where nobody can log in', anonymous, false, [...ofPublic, ...ofServer]],
  ['a user', { kind: 'user', name: 'alice' }, true, ofPublic],
  ['an administrator', { kind: 'user', name: 'root' }, true, Object.keys(told)],
  ['the operator', operator, true, Object.keys(told)],
])('%s sees what is for him', (_who, caller, canLogIn, wanted) => {
  const seen = Object.keys(told).filter((name) => show(name, caller, canLogIn) !== undefined)
  expect(seen.toSorted()).toEqual([...wanted].toSorted())
})

test('who pulled is shown to who has logged in, and where nobody can', () => {
  const dataFor = (...viewer: [Caller, boolean]) => show('pull of ours', ...viewer)?.data
  expect(dataFor({ kind: 'user', name: 'alice' }, true)).toMatchObject(who)
  expect(dataFor(anonymous, false)).toMatchObject(who)
  expect(Object.keys(dataFor(anonymous, true) ?? {})).toEqual([
    'image',
    'repository',
    'outcome',
    'pulls',
    'bytes',
  ])
})

test('of an eviction only what may be pulled is shown, and no sums of the rest', () => {
  expect(show('evict of both', anonymous, true)?.data).toEqual({
    reason: 'why',
    images: [{ ...freed, ...open }],
  })
  expect(show('evict of both', operator, true)?.data).toMatchObject(evicted)
})
