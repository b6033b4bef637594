import { join } from 'node:path'
import { test } from 'vitest'
import { expectToPassOn } from '../support/small-disk-run.ts'

test.for([1, 2])(
  'what a full disk has no room for is refused and leaves nothing, with %i threads',
  { timeout: 60_000 },
  (threads, { skip }) =>
    expectToPassOn(
      { mebibytes: 24, args: [`${threads}`], skip },
      join(import.meta.dirname, 'full-disk-pushes-run.ts'),
    ),
)
