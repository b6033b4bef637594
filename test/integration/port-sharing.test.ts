import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thisMachine } from '../support/lab/place.ts'
import { startEntrepot } from '../support/start-entrepot.ts'
import { makeFolder } from '../support/start-mirrored.ts'

/** A C library whose setsockopt doesn't know SO_REUSEPORT, as kernels before 3.9 and some sandboxes. */
const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>
typedef int (*real)(int, int, int, const void *, socklen_t);
int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
  if (level == SOL_SOCKET && name == SO_REUSEPORT) { errno = ENOPROTOOPT; return -1; }
  return ((real)dlsym(RTLD_NEXT, "setsockopt"))(fd, level, name, value, length);
}`

const compile = async (folder: string): Promise<string | undefined> => {
  await mkdir(folder, { recursive: true })
  const library = join(folder, 'no-reuseport.so')
  await writeFile(join(folder, 'library.c'), source)
  const flags = ['-shared', '-fPIC', '-o', library, join(folder, 'library.c'), '-ldl']
  try {
    execFileSync('cc', flags, { stdio: 'ignore' })
    return library
  } catch {
    return undefined
  }
}

test('where a port can not be shared, one thread serves, and the log says so', async ({ skip }) => {
  const folder = await makeFolder()
  const library = await compile(folder)
  if (library === undefined) return skip('there is no C compiler')
  const inside = (command: readonly string[]) => ['env', `LD_PRELOAD=${library}`, ...command]

  const started = await startEntrepot(folder, { threads: 3 }, { place: { ...thisMachine, inside } })
  await started.stop()

  const said = (await started.readLog()).map(({ msg }) => msg)
  expect(said).toContainEqual(expect.stringMatching(/one thread serves, not 3: .*ENOPROTOOPT/))
  expect(said).toContainEqual(expect.stringMatching(/^listening on .*, one thread$/))
})

test('the log says how many threads serve', async () => {
  const started = await startEntrepot(await makeFolder(), { threads: 2 })
  await started.stop()

  const said = (await started.readLog()).map(({ msg }) => msg)
  expect(said).toContainEqual(expect.stringMatching(/^listening on .*, 2 threads$/))
})
