import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { BackupsAnswer } from '../answers/backups.ts'
import type { VerifyAnswer } from '../answers/verify.ts'
import type { BackupsState } from '../backup/any-backups.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { VerifyState } from '../space/any-verification.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readFlag, readObject, readShort, readText } from './read-json.ts'

type Asked = { readonly space: AnySpace; readonly access: Access }

const maxBodyBytes = 4096

/**
 * What whoever runs the server does to be sure of what is kept: `/verify` and `/backups`, each to be begun, watched and
 * stopped. Only for who administers it: findings and names of backups are nobody else's.
 */
export function addCare(api: Hono<Environment>, asked: Asked): void {
  const { space } = asked
  const on = (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    act: (c: RequestContext) => Promise<object>,
  ) => {
    api.on(method, path, async (c) => {
      asked.access.requireAdmin(c.get('caller'))
      return c.json(await act(c))
    })
  }
  const describeVerification = async () => toJsonVerify(await space.verification.describe())
  const describeBackups = async () => toJsonBackups(await space.backups.describe())
  on('GET', '/verify', describeVerification)
  on('POST', '/verify', async (c) => {
    const isRepair = readFlag(readObject(await readShort(c, maxBodyBytes), ['repair']), 'repair')
    c.get('facts').subject = isRepair ? 'all that is kept, with repair' : 'all that is kept'
    await space.verification.start({ isRepair })
    return describeVerification()
  })
  on('DELETE', '/verify', async (c) => {
    c.get('facts').subject = 'stopped'
    if (!(await space.verification.stop())) throw nothingToStop('verification')
    return describeVerification()
  })
  on('GET', '/backups', describeBackups)
  on('POST', '/backups', async (c) => {
    const name = readText(readObject(await readShort(c, maxBodyBytes), ['name']), 'name')
    c.get('facts').subject = name.slice(0, 64)
    await space.backups.start(name)
    return describeBackups()
  })
  on('DELETE', '/backups', async (c) => {
    c.get('facts').subject = 'stopped'
    if (!(await space.backups.stop())) throw nothingToStop('backup')
    return describeBackups()
  })
}

function nothingToStop(what: string): RegistryError {
  return new RegistryError('UNSUPPORTED', `no ${what} is under way`, { status: 409 })
}

function toJsonVerify({ running, runs, findings }: VerifyState): VerifyAnswer {
  return {
    running: running && toJsonRun(running),
    runs: runs.map(({ endedAt, state, error, ...run }) => {
      return { ...toJsonRun(run), endedAt: toIso(endedAt), state, error }
    }),
    findings: findings.map(({ at, isByHand, isHealed, ...found }) => {
      const by = isByHand ? 'verify' : 'background'
      return { at: toIso(at), by, healed: isHealed, ...found }
    }),
  }
}

function toJsonRun({ startedAt, isRepair, ...counts }: NonNullable<VerifyState['running']>) {
  return { startedAt: toIso(startedAt), repair: isRepair, ...counts }
}

function toJsonBackups({ running, last, ...state }: BackupsState): BackupsAnswer {
  return {
    ...state,
    running: running && {
      name: running.name,
      startedAt: toIso(running.startedAt),
      step: running.progress?.step,
      blobs: running.progress?.blobs ?? 0,
      problems: running.problems,
    },
    last: last && {
      name: last.name,
      startedAt: toIso(last.startedAt),
      endedAt: toIso(last.endedAt),
      state: last.state,
      error: last.error,
      blobs: last.summary?.blobs,
      bytes: last.summary?.bytes,
      newBytes: last.summary?.newBytes,
      problems: last.problems,
    },
  }
}

function toIso(at: number): string {
  return new Date(at).toISOString()
}
