import { expect, test } from 'vitest'
import { parseSearch } from '../../../src/catalog/repository-search.ts'

test.each([
  { typed: '', name: '', holding: undefined },
  { typed: '  Alpine ', name: 'alpine', holding: undefined },
  { typed: 'alpine:', name: 'alpine', holding: undefined },
  { typed: 'alpine:3.20-RC', name: 'alpine', holding: { tag: '3.20-RC' } },
  { typed: ':3', name: '', holding: { tag: '3' } },
  { typed: 'localhost:5000/team', name: 'localhost', holding: undefined },
  { typed: 'localhost:5000/team:1', name: 'localhost:5000/team', holding: { tag: '1' } },
  { typed: 'sha256:4F', name: '', holding: { digest: 'sha256:4f' } },
  { typed: 'app@sha256:', name: 'app', holding: { digest: 'sha256:' } },
  { typed: '%_[]\'"', name: '%_[]\'"', holding: undefined },
])('$typed searches for $name and $holding', ({ typed, name, holding }) => {
  expect(parseSearch(typed)).toEqual({ text: typed.trim().toLowerCase(), name, holding })
})
