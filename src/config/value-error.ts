import { holdsPem } from './certificates.ts'

const maxShownLength = 80
/** Of a longer one nothing is shown: to look for a login in it would take too long. */
const maxReadLength = 1000

/** One value that can't be used: what was found and what is wanted. Where it stands is added later. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
  readonly found: string
  readonly wanted: string

  constructor(value: unknown, wanted: string) {
    const found = describeFound(value)
    super(`found ${found}, wanted ${wanted}`)
    this.found = found
    this.wanted = wanted
  }
}

/** What kind of value it is, where a whole section is wanted and its text could hold anything. */
export function describeKind(value: unknown): string {
  return typeof value === 'string' && value !== '' ? 'a text' : describeFound(value)
}

/** A value as a problem shows it: short, on one line, without the login part of a URL or a private key. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (value === '') return 'an empty text'
  if (typeof value === 'string' && holdsPem(value)) return 'the text of a PEM file (not shown)'
  if (typeof value === 'string' && value.length > maxReadLength)
    return `a text of ${value.length} characters`
  if (typeof value === 'string') return shorten(escapeControls(hideLogin(value)))
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return String(value)
}

/** The same for a secret: only what kind of value stands there. */
export function describeHidden(value: unknown): string {
  if (typeof value === 'string' && value !== '') return 'a text (not shown)'
  if (typeof value === 'number') return 'a number (not shown)'
  return describeFound(value)
}

// Greedy up to the last @, since a password that nobody escaped may hold an @ or a / itself.
function hideLogin(text: string): string {
  return text
    .replace(/^([a-z0-9+]+:\/\/)?.*:.*@/is, '$1***@')
    .replace(/(password|secret|token)=[^&\s]*/gi, '$1=***')
}

function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
}

function shorten(text: string): string {
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}...` : text
}
