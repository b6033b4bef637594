import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import { anonymous } from '../access/caller.ts'
import { explainAccess, parseAction } from '../access/explain-access.ts'
import type { AuditAnswer, AuditAnswerRecord, RulesAnswer, TryAnswer } from '../answers/access.ts'
import type { ConfigurationAnswer, SettingAnswer } from '../answers/configuration.ts'
import { readAuditQuestion } from '../audit/audit-question.ts'
import type { SettingInForce } from '../config/any-configuration.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { AuditRecord } from '../store/audit-records.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toTime } from './inspection-json.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly administration: AnyAdministration
  readonly access: Access
  readonly now: () => number
}

/** Who did what, who may what, and what the server goes by: `/audit`, `/access` and `/configuration`, for admins. */
export function addAdministration(api: Hono<Environment>, asked: Asked): void {
  const { access } = asked
  const get = (path: string, answer: (c: RequestContext, asked: Asked) => Promise<object>) => {
    api.get(path, async (c) => {
      access.requireAdmin(c.get('caller'))
      return c.json(await answer(c, asked))
    })
  }
  get('/audit', listAudit)
  get('/access', async (): Promise<RulesAnswer> => {
    const { groups, ...rules } = access.describeRules()
    return { ...rules, groups: Object.fromEntries(groups), unruled: access.isUnruled }
  })
  get('/access/try', tryAccess)
  get('/configuration', describeConfiguration)
}

async function listAudit(c: RequestContext, { administration, now }: Asked): Promise<AuditAnswer> {
  const { query, page } = readAuditQuestion(new URL(c.req.url).searchParams, now())
  const records = await administration.history.listNewestAudit(query, page)
  const next = records.length === page.limit ? records.at(-1)?.id : undefined
  return { records: records.map(toAuditAnswer), next }
}

/** `?user=ci&action=push&repository=team/app`; `anonymous` is everybody, and `**` all there is. */
async function tryAccess(
  c: RequestContext,
  { mirror, administration, access }: Asked,
): Promise<TryAnswer> {
  const user = readQuery(c, 'user')
  const action = parseAction(readQuery(c, 'action'))
  const repository = readQuery(c, 'repository')
  const { caller, note } =
    user === 'anonymous' ? { caller: anonymous } : await administration.accounts.findCaller(user)
  const answers = explainAccess(access, { caller, action, repository }, (name) =>
    mirror.resolve({ name }),
  )
  return { user, action, answers, note }
}

function readQuery(c: RequestContext, name: string): string {
  const value = c.req.query(name) ?? ''
  if (value !== '' && value.length <= 300) return value
  const what = 'wanted ?user=ci&action=push&repository=team/app, each of at most 300 characters'
  throw new RegistryError('NAME_INVALID', what)
}

async function describeConfiguration(
  _c: RequestContext,
  { administration }: Asked,
): Promise<ConfigurationAnswer> {
  const { refused, settings, ...others } =
    await administration.configuration.describeConfiguration()
  return {
    ...others,
    settings: settings.map(toSettingAnswer),
    refused: refused && { at: new Date(refused.at).toISOString(), problems: refused.problems },
  }
}

function toSettingAnswer({ origin, isSecret, ...setting }: SettingInForce): SettingAnswer {
  const { kind, ...where } = origin
  return { ...setting, secret: isSecret, origin: kind, ...where }
}

function toAuditAnswer({ at, lastAt, ...record }: AuditRecord): AuditAnswerRecord {
  const until = lastAt > at ? toTime(lastAt) : undefined
  return { ...record, at: new Date(at).toISOString(), until }
}
