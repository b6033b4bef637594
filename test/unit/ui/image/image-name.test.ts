import { expect, test } from 'vitest'
import { joinImage, splitImage, withoutUpstream } from '../../../../src/ui/image/image-name.ts'

const digest = `sha256:${'0'.repeat(64)}`

test.each([
  ['team/app:1', 'team/app', '1'],
  ['team/app', 'team/app', 'latest'],
  ['team/app:', 'team/app', 'latest'],
  ['localhost:5000/app', 'localhost:5000/app', 'latest'],
  ['localhost:5000/app:1', 'localhost:5000/app', '1'],
  [`team/app@${digest}`, 'team/app', digest],
  [`team/app:1@${digest}`, 'team/app', digest],
])('%s is %s and %s', (text, name, reference) => {
  expect(splitImage(text)).toEqual({ name, reference, isDigest: reference === digest })
  expect(splitImage(joinImage(name, reference))).toMatchObject({ name, reference })
})

test.each([
  ['docker.io/library/node', 'node'],
  ['ghcr.io/team/app', 'team/app'],
  ['localhost:5000/app', 'app'],
  ['team/app', 'team/app'],
])('%s is copied as %s', (name, own) => {
  expect(withoutUpstream(name)).toBe(own)
})
