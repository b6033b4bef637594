import { expect, test } from 'vitest'
import { isLoopback, readOrigin } from '../../../../src/ui/setup/origin.ts'

test.each([
  ['nas.lan:5000', { scheme: 'http', host: 'nas.lan:5000', prefix: '' }],
  [' https://Registry.example/ ', { scheme: 'https', host: 'registry.example', prefix: '' }],
  ['https://a.example/registry/', { scheme: 'https', host: 'a.example', prefix: '/registry' }],
  ['http://[2001:db8::1]:5000', { scheme: 'http', host: '[2001:db8::1]:5000', prefix: '' }],
  ['', undefined],
  ['ftp://a', undefined],
  ['http://user:secret@a', undefined],
  ['http://a/"quoted"', undefined],
  ["http://a/it's", undefined],
  ['http://a/../b?x=1', undefined],
  ['http://a"b', undefined],
  ['two words', undefined],
])('“%s”', (text, wanted) => {
  expect(readOrigin(text)).toEqual(wanted)
})

test('what only the machine itself can reach is known', () => {
  const found = ['localhost:5000', '127.0.0.1', '[::1]:5000', 'nas.lan', '10.0.0.2'].map((text) => {
    const origin = readOrigin(text)
    return origin && isLoopback(origin)
  })
  expect(found).toEqual([true, true, true, false, false])
})
