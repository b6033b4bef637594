import { expect } from 'vitest'
import { errorOf, type Reply } from './raw-client.ts'

/** An error in the registry's form that tells a client nothing about the server's inside. */
export const expectRegistryError = (
  reply: Reply,
  status: number,
  code: string,
  mostLength = 400,
): void => {
  const text = reply.body.toString()
  expect(reply.status, text).toBe(status)
  expect(reply.headers['content-type']).toMatch(/^application\/json/)
  expect(reply.headers['content-length']).toBe(String(reply.body.length))
  expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0')
  expect(reply.headers).toHaveProperty('x-entrepot-cache')
  expect(errorOf(reply).code).toBe(code)
  expect(errorOf(reply).message).not.toBe('')
  expect(text.length).toBeLessThan(mostLength)
  expect(text).not.toMatch(/\.ts\b|node_modules|\bat .*:\d+|\/tmp\/|[A-Z][a-z]+Error/)
}
