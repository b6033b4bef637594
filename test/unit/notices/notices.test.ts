import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { NewEvent } from '../../../src/events/any-events.ts'
import { tellOfPushes } from '../../../src/notices/contents.ts'
import { tellOfDamage } from '../../../src/notices/damage.ts'
import { tellOfOutages } from '../../../src/notices/outages.ts'
import { tellOfSpace } from '../../../src/notices/space.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { UpstreamError } from '../../../src/upstream/upstream-error.ts'

const digest = digestOf(Buffer.from('a'))
const repository = parseRepository('team/app')
const source = { upstream: dockerHub, repository }

/** What the log and the events say. */
const listen = () => {
  const lines: string[] = []
  const told: NewEvent[] = []
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line).msg) })
  return { logger, lines, told, events: { emit: (event: NewEvent) => void told.push(event) } }
}

test('what is damaged is in the log and told, with what became of it', () => {
  const { logger, lines, told, events } = listen()
  const owners = { images: [{ source, digest, tag: '1' as Tag }] } as never
  const finding = { kind: 'no-file', digest } as const
  const outcome = { kind: 'fetched', from: source } as const
  tellOfDamage(logger, events).onHealed({ finding, outcome, owners })
  const became = 'fetched again from docker.io/team/app'
  expect(lines).toEqual([`${digest}: a row in the database without a file; ${became}`])
  const data = {
    what: digest,
    finding: 'a row in the database without a file',
    outcome: became,
    healed: true,
    images: ['docker.io/team/app:1'],
  }
  expect(told).toEqual([{ kind: 'verification-failed', data }])
})

test('an outage is in the log and told, from its beginning to its end', () => {
  const { logger, lines, told, events } = listen()
  const { onOutage, onOutageEnd } = tellOfOutages(logger, events)
  const error = new UpstreamError(dockerHub, 'limited', 'is busy')
  const url = new URL('https://registry-1.docker.io/v2/')
  onOutage(dockerHub, url, { error, since: 0, until: 6_500 })
  onOutageEnd(dockerHub, url, { error, since: 0, until: 6_500 })
  expect(lines).toEqual([
    "docker.io is busy: it isn't asked for 7 s",
    'docker.io may be asked again',
  ])
  const where = { upstream: 'docker.io', url: 'https://registry-1.docker.io' }
  expect(told).toEqual([
    { kind: 'upstream-down', data: { ...where, reason: 'docker.io is busy', seconds: 7 } },
    { kind: 'upstream-up', data: where },
  ])
})

test('of what is evicted or deleted at once a hundred are told, and how many there are', () => {
  const { logger, lines, told, events } = listen()
  const tags = Array.from({ length: 101 }, (_, index) => `v${index}` as Tag)
  const victim = { source, digest, tags, lastPulledAt: 0, freedBytes: 10 }
  const victims = Array.from({ length: 101 }, () => victim)
  const sums = { orphans: 0, freedBytes: 1_010, isEnough: true, sharedBytes: 0 }
  tellOfSpace(logger, events).onEviction({ victims, ...sums }, 'the disk was full')
  tellOfPushes(events).onRemoved(repository, { tags, digests: [digest] })
  expect(lines).toEqual([expect.stringMatching(/^evicted 101 images, .*: the disk was full$/)])
  const [evicted, removed] = told
  expect(evicted).toMatchObject({ kind: 'evict', data: { count: 101, freed: 1_010 } })
  const images = evicted?.kind === 'evict' ? evicted.data.images : []
  expect(images).toHaveLength(100)
  expect(images[0]?.tags).toEqual(tags.slice(0, 10))
  expect(removed?.kind === 'delete' && removed.data.tags).toHaveLength(100)
})

test('a disk that is too full is told of, and when it is not any more', () => {
  const { logger, told, events } = listen()
  const { onHigh, onOk } = tellOfSpace(logger, events)
  const use = { totalBytes: 3, usedBytes: 2, freeBytes: 1 }
  onHigh('other data fills the disk', use)
  onOk(use)
  const disk = { total: 3, used: 2, free: 1 }
  expect(told).toEqual([
    { kind: 'disk-high', data: { reason: 'other data fills the disk', ...disk } },
    { kind: 'disk-ok', data: disk },
  ])
})
