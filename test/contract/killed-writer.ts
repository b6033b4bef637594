import { writeSync } from 'node:fs'
import { parseDigest } from '../../src/oci/digest.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'

// A process of its own for a test to kill: resumes the digest, appends the text, says how much
// there is, and waits for its end.
const [folder = '', digest = '', text = ''] = process.argv.slice(2)
const store = await FileBlobStore.open(folder, () => {})
const writer = await store.resume(parseDigest(digest), { owner: 'docker.io' })
await writer.append([Buffer.from(text)])
writeSync(1, `${writer.writtenBytes}\n`)
setInterval(() => {}, 60_000)
