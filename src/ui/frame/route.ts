import { useEffect, useState } from 'preact/hooks'

/** What the address says is shown: `#/images/team/app?sort=-size`. */
export type Route = {
  /** `images`; empty for the start. */
  readonly page: string
  /** `team/app`: what follows it, decoded. */
  readonly rest: string
  readonly query: URLSearchParams
}

type Changes = Readonly<Record<string, string | undefined>>

const changed = new Set<() => void>()
addEventListener('hashchange', () => tell())

/** The route that a link's `#…` stands for. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?')
  const [page = '', rest = ''] = split(path, '/')
  return { page, rest: decode(rest), query: new URLSearchParams(query) }
}

/** For a link: `#/images/team/app?sort=-size`. What is undefined or empty in the query is left out. */
export function hrefOf(page: string, rest = '', query: Changes = {}): string {
  const path =
    rest === '' ? page : `${page}/${encodeURI(rest).replace(/[?#]/g, encodeURIComponent)}`
  const search = new URLSearchParams(entriesOf(query)).toString()
  return `#/${path}${search && `?${search}`}`
}

/** Goes there; with `replace`, so that going back doesn't lead to where one was. */
export function go(href: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = href
    return
  }
  history.replaceState(history.state, '', href)
  tell()
}

/** Changes what the link says of what is shown; what is undefined or empty goes. */
export function changeQuery(changes: Changes, options: { readonly replace?: boolean } = {}): void {
  const { page, rest, query } = parseRoute(location.hash)
  go(hrefOf(page, rest, { ...Object.fromEntries(query), ...changes }), options)
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const update = () => setHash(location.hash)
    changed.add(update)
    return () => changed.delete(update)
  }, [])
  return parseRoute(hash)
}

function tell(): void {
  for (const listener of changed) listener()
}

function split(text: string, by: string): readonly string[] {
  const at = text.indexOf(by)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** What somebody typed may be no encoding of anything. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function entriesOf(query: Changes): string[][] {
  return Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
}
