import { expect, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { describedRoutes, listPaths } from '../../../src/http/described-routes.ts'
import { describeApi } from '../../../src/http/openapi.ts'

test('every route of the API is described, and no other', () => {
  const routes = createApp({} as never).routes.filter(
    ({ method, path }) => method !== 'ALL' && /^\/api\/v1\/[^*]+$/.test(path),
  )
  const found = routes.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`)
  expect(Object.keys(describedRoutes).sort()).toEqual([...new Set(found)].sort())
})

test('a description has what programs need to call it', () => {
  const { openapi, paths } = describeApi() as Record<string, Record<string, unknown>>
  expect(openapi).toBe('3.1.0')
  expect(paths?.['/access/try']).toMatchObject({
    get: { parameters: [{ name: 'user', in: 'query', required: true }, {}, {}] },
  })
  const schema = {
    required: ['user', 'password'],
    properties: { oldPassword: { type: 'string' } },
  }
  expect(paths?.['/users/password']).toMatchObject({
    post: { requestBody: { content: { 'application/json': { schema } } } },
  })
  expect(paths?.['/session']).toMatchObject({ get: {}, post: {}, delete: {} })
})

test('a path that is not there is told of those that are', () => {
  expect(listPaths()).toMatch(/^\/access, .*\/audit, .* and \/why$/)
  expect(listPaths().match(/\/users/g)).toHaveLength(1)
})
