import { quote, RegistryError } from '../oci/registry-error.ts'
import type { RequestContext } from './environment.ts'

const longestSearch = 200
const mostDigits = 15

/** A query's value that must be there. */
export function readQuery(c: RequestContext, name: string, example: string): string {
  const text = c.req.query(name)
  if (text) return text
  throw new RegistryError('NAME_INVALID', `wanted ?${name}=, for example ?${name}=${example}`)
}

type Bounds<Usual> = { readonly usual: Usual; readonly least: number; readonly most: number }

/** A whole number, or `usual` where there is none. */
export function readNumber<Usual extends number | undefined>(
  c: RequestContext,
  name: string,
  { usual, least, most }: Bounds<Usual>,
): number | Usual {
  const text = c.req.query(name)
  if (text === undefined) return usual
  const isNumber = /^\d+$/.test(text) && text.length <= mostDigits
  const value = isNumber ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  const what = `${name}=${quote(text, 20)} can't be taken: wanted a whole number from ${least} to ${most}`
  throw new RegistryError('PAGINATION_NUMBER_INVALID', what)
}

/** What is searched for; empty where nothing is. */
export function readSearch(c: RequestContext): string {
  const text = c.req.query('search') ?? ''
  if (text.length <= longestSearch) return text
  const what = `search= has ${text.length} characters: wanted at most ${longestSearch}`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}

type Sort<Order> = { readonly order: Order; readonly isDescending: boolean }

/** `pulled`, or `-pulled` for the other way; undefined where there is none. */
export function readSort<Order extends string>(
  c: RequestContext,
  orders: readonly Order[],
): Sort<Order> | undefined {
  const text = c.req.query('sort')
  if (text === undefined) return undefined
  const isDescending = text.startsWith('-')
  const order = orders.find((each) => each === (isDescending ? text.slice(1) : text))
  if (order !== undefined) return { order, isDescending }
  const what = `sort=${quote(text, 20)} is no order: wanted ${orders.join(', ')}, each perhaps with "-" in front`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}
