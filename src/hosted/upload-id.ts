import { createHash, randomUUID } from 'node:crypto'
import type { Repository } from '../oci/repository.ts'

const bindingCharacters = 16
const pattern = /^[0-9a-f-]{36}-[0-9a-f]{16}$/

/**
 * An upload's id holds what repository it belongs to: nothing need be remembered of it, and whoever
 * may push to one repository can't go on with what is pushed to another.
 */
export function newUploadId(repository: Repository): string {
  return `${randomUUID()}-${bindingOf(repository)}`
}

export function isUploadOf(repository: Repository, id: string): boolean {
  return pattern.test(id) && id.endsWith(`-${bindingOf(repository)}`)
}

function bindingOf(repository: Repository): string {
  return createHash('sha256').update(repository).digest('hex').slice(0, bindingCharacters)
}
