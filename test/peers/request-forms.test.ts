import { beforeAll, expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const forms = {
  'names the upstream in ns': (path: string) => `/v2/team/forms/${path}?ns=docker.io`,
  'names it in the path': (path: string) => `/v2/docker.io/team/forms/${path}`,
  'names it in both': (path: string) => `/v2/docker.io/team/forms/${path}?ns=docker.io`,
  'names it before /v2/': (path: string) => `/docker.io/v2/team/forms/${path}`,
  'names no upstream': (path: string) => `/v2/team/forms/${path}`,
}

const ofThisConnection = ['date', 'connection', 'keep-alive']

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

describePeers('a request for an image of docker.io', [], (lab) => {
  let mirror: Entrepot
  let paths: readonly string[]
  let expected: readonly Answer[]

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    const target = { url: upstream.url, repository: 'team/forms' }
    const { descriptor, layers } = await pushImage(target, '1', smallImage('forms'))
    mirror = await startMirror(lab, { url: upstream.url })
    const blobs = layers.map(({ digest }) => `blobs/${digest}`)
    paths = ['manifests/1', `manifests/${descriptor.digest}`, ...blobs]
    // The first time they are fetched, so that later all answers are hits, soon after: a client
    // has the last bytes of a blob a moment before it is kept.
    expected = await vi.waitFor(async () => {
      const answers = await askAll('GET', forms['names it in the path'])
      for (const { headers } of answers)
        expect(headers).toMatchObject({ 'x-entrepot-cache': 'hit' })
      return answers
    })
  })

  const askAll = async (method: string, form: (path: string) => string) => {
    const answers: Answer[] = []
    for (const path of paths) answers.push(await ask(method, `${mirror.url}${form(path)}`))
    return answers
  }

  for (const [title, form] of Object.entries(forms)) {
    test(`that ${title} gets the same bytes and headers`, async () => {
      expect(await askAll('GET', form)).toEqual(expected)
    })

    test(`that ${title} gets the same headers and no bytes for HEAD`, async () => {
      const bare = expected.map((answer) => ({ ...answer, body: Buffer.alloc(0) }))
      expect(await askAll('HEAD', form)).toEqual(bare)
    })
  }

  test('is answered with success', () => {
    expect(expected.map(({ status }) => status)).toEqual(paths.map(() => 200))
  })
})

const ask = async (method: string, url: string): Promise<Answer> => {
  const answer = await fetch(url, { method })
  const headers = Object.fromEntries(answer.headers)
  for (const name of ofThisConnection) delete headers[name]
  return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) }
}
