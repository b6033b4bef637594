import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { AnyAdvice } from '../advice/any-advice.ts'
import type { AttentionAnswer } from '../answers/attention.ts'
import type { SetupAnswer } from '../answers/setup.ts'
import type { Authentication } from './authentication.ts'
import type { Environment, RequestContext } from './environment.ts'
import { mayHearOf } from './visible-event.ts'

type Asked = {
  readonly advice: AnyAdvice
  readonly access: Access
  readonly authentication: Authentication
}

/** What needs a person, and how clients are pointed here: `/attention` and `/setup`. */
export function addAdvice(api: Hono<Environment>, asked: Asked): void {
  const { access } = asked
  api.get('/attention', async (c) => {
    access.requireReader(c.get('caller'))
    return c.json(await listAttention(c, asked))
  })
  api.get('/setup', async (c) => {
    access.requireReader(c.get('caller'))
    return c.json(await describeSetup(c, asked))
  })
}

/** The same as events are told to whoever asks. */
async function listAttention(
  c: RequestContext,
  { advice, access, authentication }: Asked,
): Promise<AttentionAnswer> {
  const viewer = { caller: c.get('caller'), access, canLogIn: authentication.logins.exist }
  // Found in the store, perhaps on another machine: not for everybody who reads.
  const withDamage = mayHearOf('verification-failed', viewer)
  const attention = await advice.listAttention({ withDamage })
  return { attention: attention.filter(({ kind }) => mayHearOf(kind, viewer)) }
}

async function describeSetup(
  c: RequestContext,
  { advice, authentication }: Asked,
): Promise<SetupAnswer> {
  const { scheme, host, prefix, isProxied } = c.get('outside')
  const setup = await advice.describeSetup()
  return {
    ...setup,
    address: { scheme, host, prefix, isProxied },
    canLogIn: authentication.logins.exist,
  }
}
