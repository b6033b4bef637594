import { join } from 'node:path'
import { test } from 'vitest'
import { expectToPassOn } from '../support/small-disk-run.ts'

test(
  'a full disk loses nothing that was kept, and is well again once it has room',
  {
    timeout: 60_000,
  },
  ({ skip }) =>
    expectToPassOn({ mebibytes: 3, skip }, join(import.meta.dirname, 'full-disk-run.ts')),
)
