import { expect, test } from 'vitest'
import { parseImageName } from '../../../src/oci/image-name.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each([
  ['alpine', 'alpine', 'latest'],
  ['team/app:1', 'team/app', '1'],
  ['host:5000/app', 'host:5000/app', 'latest'],
  ['host:5000/app:1.2', 'host:5000/app', '1.2'],
  [`team/app@${digest}`, 'team/app', digest],
  [`host:5000/team/app:1@${digest}`, 'host:5000/team/app', digest],
])('%s is %s at %s', (text, name, reference) => {
  expect(parseImageName(text)).toEqual({ name, reference })
})

test.each([
  ['app:', 'MANIFEST_INVALID'],
  ['app:-', 'MANIFEST_INVALID'],
  ['app:1:2', 'DIGEST_INVALID'],
  ['app@', 'DIGEST_INVALID'],
  ['app@latest', 'DIGEST_INVALID'],
  [`app@${digest}@${digest}`, 'DIGEST_INVALID'],
])('%s is refused', (text, code) => {
  expect(() => parseImageName(text)).toThrow(expect.objectContaining({ code }))
})
