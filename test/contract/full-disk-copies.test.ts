import { join } from 'node:path'
import { test } from 'vitest'
import { expectToPassOn } from '../support/small-disk-run.ts'

test(
  'a snapshot and a backup for which there is no room leave nothing half written',
  {
    timeout: 60_000,
  },
  ({ skip }) =>
    expectToPassOn({ mebibytes: 4, skip }, join(import.meta.dirname, 'full-disk-copies-run.ts')),
)
