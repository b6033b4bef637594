import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { WarmAnswer } from '../answers/actions.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseImageName } from '../oci/image-name.ts'
import { formatSource } from '../oci/source.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readFlag, readObject, readShort, readText } from './read-json.ts'

type Asked = { readonly mirror: AnyMirror; readonly access: Access }

const maxBodyBytes = 4096

/** What is fetched though no client waits for it: `/warm`. */
export function addWarming(api: Hono<Environment>, asked: Asked): void {
  api.post('/warm', async (c) => c.json(await warm(c, asked)))
}

/** `{"image": "docker.io/library/node:20", "platform": "linux/arm64"}`, of which the second may be missing. */
async function warm(c: RequestContext, { mirror, access }: Asked): Promise<WarmAnswer> {
  const caller = c.get('caller')
  // It takes room, and of what the upstream allows: that is for whoever runs the server to give.
  access.requireAdmin(caller)
  const fields = readObject(await readShort(c, maxBodyBytes), ['image', 'platform', 'dryRun'])
  const platform = fields.platform === undefined ? undefined : readText(fields, 'platform')
  const isDryRun = readFlag(fields, 'dryRun')
  const facts = c.get('facts')
  if (isDryRun) facts.dryRun = true
  const { name, reference } = parseImageName(readText(fields, 'image'))
  const source = access.admit(caller, mirror.resolve({ name }))
  Object.assign(facts, { repository: formatSource(source), reference })
  const { isUnderWay, ...warmed } = await mirror.warm(source, { reference, platform, isDryRun })
  facts.outcome = `${warmed.count} blobs, ${warmed.bytes} bytes`
  return { ...warmed, underWay: isUnderWay }
}
