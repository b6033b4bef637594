import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestAlgorithms, isDigest } from '../../oci/digest.ts'
import type { ForeignName, NamesPage } from '../blob-store.ts'

/** Of names, so that a million of them are never in memory at once. */
const pageSize = 500

/** Everything in the folder of finished content, the folders of its algorithms excepted. */
export async function* listNames(folder: string): AsyncIterable<NamesPage> {
  const strangers = await Array.fromAsync(await opendir(folder))
  const foreign = strangers.filter(({ name }) => !digestAlgorithms.some((known) => known === name))
  if (foreign.length > 0)
    yield { digests: [], foreign: foreign.map(({ name }) => ({ foreign: name })) }
  for (const algorithm of digestAlgorithms) {
    let digests: Digest[] = []
    let others: ForeignName[] = []
    for await (const { name } of await opendir(join(folder, algorithm), { bufferSize: pageSize })) {
      const digest = `${algorithm}:${name}`
      if (isDigest(digest)) digests.push(digest)
      else others.push({ foreign: join(algorithm, name) })
      if (digests.length + others.length < pageSize) continue
      yield { digests, foreign: others }
      digests = []
      others = []
    }
    if (digests.length + others.length > 0) yield { digests, foreign: others }
  }
}
