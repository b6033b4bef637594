import { beforeEach, expect, test } from 'vitest'
import { BufferRoom, pageBytes } from '../../../src/upstream/buffer-room.ts'
import { GatheredBytes, PiecePages } from '../../../src/upstream/piece-pages.ts'
import { makeBytes } from '../../support/image-builder.ts'

const start = 1_000
const piece = makeBytes('piece', 2 * pageBytes + 12_345)

let pages: PiecePages
/** Taken and not given back. */
let taken: Set<ArrayBuffer>
let gathered: GatheredBytes

class WatchedRoom extends BufferRoom {
  override takePage() {
    const page = super.takePage()
    taken.add(page.buffer)
    return page
  }

  override givePage(page: Buffer<ArrayBuffer>) {
    expect(taken.delete(page.buffer)).toBe(true)
    super.givePage(page)
  }
}

beforeEach(() => {
  taken = new Set()
  const room = new WatchedRoom(8 * pageBytes)
  room.tryTake(1)
  pages = new PiecePages(room)
  gathered = new GatheredBytes(pages, start)
})

function add(from: number, to: number, chunkBytes = 65_536): void {
  for (let at = from; at < to; at += chunkBytes) {
    gathered.add(piece.subarray(at, Math.min(to, at + chunkBytes)))
  }
}

function readAll(): Buffer[] {
  const chunks: Buffer[] = []
  for (let bytes = gathered.read(); bytes; bytes = gathered.read()) chunks.push(Buffer.from(bytes))
  return chunks
}

test.each([1_000, 65_536, piece.length])('what comes by %i bytes is read page by page', (bytes) => {
  add(0, piece.length, bytes)
  const chunks = readAll()
  expect(chunks.map(({ length }) => length)).toEqual([pageBytes, pageBytes, 12_345])
  expect(Buffer.concat(chunks).equals(piece)).toBe(true)
})

test('what is read as it comes is read once', () => {
  const chunks = [0, 1, 2, 3].flatMap((part) => {
    add(part * 300_000, Math.min(piece.length, (part + 1) * 300_000))
    return readAll()
  })
  expect(readAll()).toEqual([])
  expect(Buffer.concat(chunks).equals(piece)).toBe(true)
})

test('a page is given back when its reader has released all of it, and not before', () => {
  add(0, piece.length)
  readAll()
  gathered.leave()
  expect(taken.size).toBe(3)
  pages.release(start + pageBytes - 1)
  expect(taken.size).toBe(3)
  pages.release(start + pageBytes)
  expect(taken.size).toBe(2)
  pages.release(start + piece.length - 1)
  expect(taken.size).toBe(1)
  pages.release(start + piece.length)
  expect(taken.size).toBe(0)
})

test('what is left unread is given back at once, except where the reader has a part of it', () => {
  add(0, 10)
  const [first] = readAll()
  add(10, piece.length)
  gathered.leave()
  expect(first).toHaveLength(10)
  expect(taken.size).toBe(1)
  pages.release(start + 10)
  expect(taken.size).toBe(0)
})

test('a page that its reader needs no more as it is left goes back at once', () => {
  add(0, 10)
  readAll()
  pages.release(start + 10)
  expect(taken.size).toBe(1)
  gathered.leave()
  expect(taken.size).toBe(0)
})

test('nothing is read after it was left', () => {
  add(0, 10)
  gathered.leave()
  expect(gathered.read()).toBeUndefined()
})
