import { readOperatorKey } from '../../src/access/operator-key.ts'

/** Whoever operates a server, as its API knows them. */
export interface Operator {
  /** Also good for ENTREPOT_TOKEN. */
  readonly key: string
  readonly headers: { readonly authorization: string }
}

/** By the key that a server has left in its data folder. */
export const findOperator = async (data: string): Promise<Operator> => {
  const key = await readOperatorKey(data)
  if (key === undefined) throw new Error(`no server has left a key in ${data}`)
  return { key, headers: { authorization: `Bearer ${key}` } }
}
