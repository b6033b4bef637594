import { expect, test } from 'vitest'
import { fixedTags } from '../../../src/hosted/fixed-tags.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'

test.each([
  [['v*'], 'team/app', 'v1.2', true],
  [['v*'], 'team/app', 'latest', false],
  [['team/**:v*'], 'team/a/b', 'v1', true],
  [['team/**:v*'], 'team/a/b', 'latest', false],
  [['team/**:v*'], 'other/a', 'v1', false],
  [['team/*:*'], 'team/app', '.hidden', true],
  [['v*', 'team/**:*'], 'team/app', 'latest', true],
  [[], 'team/app', 'v1', false],
])('%j and %s:%s: %s', (globs, repository, tag, expected) => {
  expect(fixedTags(globs)(parseRepository(repository), tag as Tag)).toBe(expected)
})
