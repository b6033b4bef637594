import { createHash } from 'node:crypto'
import { unescape as unescapeText } from 'node:querystring'
import type { WebhookConfig } from '../config/config.ts'
import type { Event } from './any-events.ts'
import type { EventKind } from './event-data.ts'

/** One entry of `webhooks:`, as it is delivered to. */
export type Hook = {
  /** By which what waits for it is found again after a restart; a URL may hold secrets, and isn't kept. */
  readonly key: string
  /** For the log: nothing of the URL's path, query or login. */
  readonly name: string
  /** Without a login. */
  readonly url: string
  readonly authorization: string | undefined
  readonly secret: string | undefined
  readonly isFor: (event: Event) => boolean
}

/** Two entries with the same URL are two hooks. */
export function toHooks(webhooks: readonly WebhookConfig[]): readonly Hook[] {
  return webhooks.map(({ url, secret, events }, index) => {
    const namesakes = webhooks.slice(0, index).filter((other) => other.url === url).length
    const wanted = new Set<EventKind>(events)
    return {
      key: createHash('sha256').update(`${namesakes} ${url}`).digest('hex').slice(0, 32),
      name: `webhooks[${index}] (${new URL(url).origin})`,
      ...splitLogin(url),
      secret,
      isFor: ({ kind }) => wanted.has(kind),
    }
  })
}

/** fetch takes no URL with a login in it. */
function splitLogin(text: string): Pick<Hook, 'url' | 'authorization'> {
  const url = new URL(text)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (username === '' && password === '') return { url: url.href, authorization: undefined }
  const login = `${unescapeText(username)}:${unescapeText(password)}`
  return { url: url.href, authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}
