import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { findOperator } from '../../support/operator.ts'
import { ask, post } from '../../support/raw-client.ts'
import { startMirrored } from '../../support/start-mirrored.ts'
import { addUsers, basic, passwords } from './callers.ts'

test('nobody learns a private name by its digest or its pin without a rule, a user neither', async () => {
  const { upstream, server } = await startMirrored({ private: true })
  const { bytes } = await upstream.repository('team/secret').addImage('1', smallImage('a'))
  const { headers: operator } = await findOperator(server.data)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const image = 'docker.io/team/secret:1'
  await ask(server, '/v2/docker.io/team/secret/manifests/1', { headers: operator })
  await post(server, '/api/v1/pin', { image }, operator)
  await addUsers(server)

  const alice = basic('alice', passwords.alice)
  for (const path of [`/api/v1/why?name=${digest}`, '/api/v1/pins']) {
    for (const headers of [{}, alice]) {
      const { status, body } = await ask(server, path, { headers })
      expect(status).toBe(403)
      expect(body.toString()).not.toContain('secret')
    }
    const { status, body } = await ask(server, path, { headers: operator })
    expect(status).toBe(200)
    expect(body.toString()).toContain(image)
  }
})
