import { expect, test } from 'vitest'
import { Conditions } from '../../../src/advice/conditions.ts'
import type { NewEvent } from '../../../src/events/any-events.ts'
import { Events } from '../../../src/events/events.ts'

const disk = { total: 100, used: 90, free: 10 }

const start = () => {
  let at = 1_000
  const events = new Events(() => at)
  const conditions = new Conditions()
  events.listen((event) => conditions.hear(event))
  const emit = (event: NewEvent) => {
    at += 1_000
    events.emit(event)
  }
  return { conditions, emit }
}

const refuse = (problems: readonly string[]): NewEvent => {
  return { kind: 'configuration-refused', data: { file: '/etc/mirrors.yaml', problems } }
}

test('a disk is too full until it is told that it is well', () => {
  const { conditions, emit } = start()
  emit({ kind: 'disk-high', data: { reason: 'r', ...disk } })
  emit({ kind: 'upstream-up', data: { upstream: 'docker.io' as never, url: 'u' } })
  expect(conditions.disk).toMatchObject({ at: 2_000, data: { reason: 'r' } })
  emit({ kind: 'disk-ok', data: disk })
  expect(conditions.disk).toBeUndefined()
})

test('a configuration is refused since it was wrong first, and for what is wrong now', () => {
  const { conditions, emit } = start()
  emit(refuse(['listen']))
  emit(refuse(['data']))
  expect(conditions.refused).toMatchObject({ at: 2_000, data: { problems: ['data'] } })
  emit({ kind: 'configuration-taken-up', data: { file: '/etc/mirrors.yaml', waiting: [] } })
  expect(conditions.refused).toBeUndefined()
})

test('when it was switched offline is known', () => {
  const { conditions, emit } = start()
  expect(conditions.offline).toBeUndefined()
  emit({ kind: 'offline', data: { offline: true } })
  expect(conditions.offline?.at).toBe(2_000)
})
