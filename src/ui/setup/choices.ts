import type { SetupAnswer } from '../../answers/setup.ts'
import { findClient, type SetupClient } from './clients.ts'
import type { Form, Trust, Wanted } from './guide.ts'
import { readOrigin } from './origin.ts'
import { registriesOf, wantedFrom } from './wanted.ts'

/** Stands in a link for every registry. */
export const everyRegistry = '*'

/** What the form says, as a link keeps it. */
export type Choices = {
  readonly client: SetupClient
  readonly wanted: Wanted
  /** As it was typed; it may be no address. */
  readonly address: string
  readonly isAddressWrong: boolean
}

/** What a link says, as far as it makes sense here; what it leaves out fits this server. */
export function readChoices(query: URLSearchParams, setup: SetupAnswer): Choices {
  const client = findClient(query.get('client'))
  const usual = wantedFrom(setup)
  const typed = query.get('address')
  const origin = typed === null ? usual.origin : readOrigin(typed)
  const named = query.get('registries')
  const isEvery = named === null ? client.canTakeEvery : named === everyRegistry
  const registries = named === null || isEvery ? registriesOf(setup) : known(named, setup)
  const wanted: Wanted = {
    ...usual,
    origin: origin ?? usual.origin,
    registries,
    isEvery: isEvery && client.canTakeEvery,
    form: readForm(query.get('form'), client),
    trust: readTrust(query.get('trust')) ?? usual.trust,
  }
  const { scheme, host, prefix } = usual.origin
  const address = typed ?? `${scheme}://${host}${prefix}`
  return { client, wanted, address, isAddressWrong: origin === undefined }
}

function known(named: string, { upstreams }: SetupAnswer): readonly string[] {
  const wanted = new Set(named.split(','))
  return upstreams.map(({ name }) => name).filter((name) => wanted.has(name))
}

function readForm(text: string | null, { forms }: SetupClient): Form {
  return forms.find((form) => form === text) ?? forms[0] ?? 'root'
}

function readTrust(text: string | null): Trust | undefined {
  return text === 'system' || text === 'ca' ? text : undefined
}
