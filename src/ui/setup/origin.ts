import type { Origin } from './guide.ts'

const prefixPattern = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/
/** URLs may have quotes and more in a host; files that are made of it shall not. */
const hostPattern = /^(?:\[[\da-f:.]{2,45}\]|[a-z\d_][\w.-]{0,252})(?::\d{1,5})?$/i
const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** What somebody typed as the server's address; undefined where it is none. */
export function readOrigin(text: string): Origin | undefined {
  const trimmed = text.trim()
  const full = /^https?:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  if (trimmed === '' || !URL.canParse(full)) return undefined
  const { protocol, host, pathname, username, search, hash } = new URL(full)
  const prefix = pathname.replace(/\/$/, '')
  if (!hostPattern.test(host) || username || search || hash || !prefixPattern.test(prefix))
    return undefined
  return { scheme: protocol === 'https:' ? 'https' : 'http', host, prefix }
}

/** Whether only programs on the server's own machine reach it so. */
export function isLoopback({ host }: Origin): boolean {
  return loopback.test(host.replace(/:\d+$/, ''))
}
