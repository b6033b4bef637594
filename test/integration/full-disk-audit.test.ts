import { join } from 'node:path'
import { test } from 'vitest'
import { expectToPassOn } from '../support/small-disk-run.ts'

test(
  'what a full disk has no room for is recorded once there is room again',
  { timeout: 60_000 },
  ({ skip }) =>
    expectToPassOn({ mebibytes: 12, skip }, join(import.meta.dirname, 'full-disk-audit-run.ts')),
)
