import { open } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { describeFault, isLackOfRoom, StoreFaultError } from '../../../src/store/store-fault.ts'

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: /srv/secret/path`), { code })
}

describe('a fault is said in words', () => {
  test.each([
    ['ENOSPC', 'the disk is full (ENOSPC)'],
    ['SQLITE_FULL', 'the disk is full (SQLITE_FULL)'],
    ['SQLITE_IOERR_SHMSIZE', 'the disk is full (SQLITE_IOERR_SHMSIZE)'],
    ['EDQUOT', 'the disk quota is used up (EDQUOT)'],
    ['EFBIG', 'a file may not be so large there (EFBIG)'],
    ['ENOENT', 'the data folder is gone (ENOENT)'],
    ['ENOTDIR', 'the data folder is gone (ENOTDIR)'],
    ['SQLITE_READONLY_DBMOVED', 'the data folder is gone (SQLITE_READONLY_DBMOVED)'],
    ['EROFS', 'the data folder is read-only (EROFS)'],
    ['SQLITE_READONLY', 'the data folder is read-only (SQLITE_READONLY)'],
    ['SQLITE_READONLY_DIRECTORY', 'the data folder is read-only (SQLITE_READONLY_DIRECTORY)'],
    ['EACCES', 'access to the data folder is denied (EACCES)'],
    ['EIO', 'the disk fails (EIO)'],
    ['SQLITE_IOERR', 'the disk fails (SQLITE_IOERR)'],
    ['SQLITE_IOERR_WRITE', 'the disk fails (SQLITE_IOERR_WRITE)'],
    ['SQLITE_CORRUPT', 'the database is damaged (SQLITE_CORRUPT)'],
    ['SQLITE_NOTADB', 'the database is damaged (SQLITE_NOTADB)'],
    ['SQLITE_BUSY', 'another process holds the database (SQLITE_BUSY)'],
    ['EMFILE', 'too many files are open (EMFILE)'],
    ['SQLITE_CANTOPEN', "the data folder can't be used (SQLITE_CANTOPEN)"],
    ['EBADF', "the data folder can't be used (EBADF)"],
  ])('%s', (code, expected) => {
    expect(describeFault(errorOf(code))).toBe(expected)
    expect(new StoreFaultError(errorOf(code)).message).toBe(expected)
  })

  test.each([
    ['an error without a code', new Error('/srv/secret/path')],
    ['an error whose code is no text', Object.assign(new Error('x'), { code: 5 })],
    ['what is no error', '/srv/secret/path'],
  ])('as far as they go: %s', (_what, thrown) => {
    expect(describeFault(thrown)).toBe("the data folder can't be used")
  })

  test('which a real error has too', async () => {
    const error = await open('/nowhere/at/all').catch((caught: unknown) => caught)
    expect(describeFault(error)).toBe('the data folder is gone (ENOENT)')
  })
})

test('a fault that is passed on keeps its words and its cause', () => {
  const cause = errorOf('ENOSPC')
  const fault = new StoreFaultError(cause)
  expect(fault.cause).toBe(cause)
  expect(describeFault(fault)).toBe('the disk is full (ENOSPC)')
})

test.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL'])('%s is lack of room', (code) => {
  expect(isLackOfRoom(errorOf(code))).toBe(true)
})

test.each(['EIO', 'EROFS', 'ENOENT', 'SQLITE_BUSY', 'XENOSPC'])('%s is not', (code) => {
  expect(isLackOfRoom(errorOf(code))).toBe(false)
})
