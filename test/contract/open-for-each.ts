import { afterEach, beforeEach } from 'vitest'

type Closable = { close(): Promise<void> }

/** Where a test keeps what it keeps, alone. */
export type RecordsPlace<Store extends Closable> = {
  /** Opens it; again, as a later run of the server does. */
  open(): Promise<Store>
  /** Takes it away with all it holds. */
  remove(): Promise<void>
}

export type OpenRecords<Store extends Closable> = {
  readonly store: Store
  close(): Promise<void>
  /** As a later run of the server finds it. */
  reopen(): Promise<void>
}

/** Opens a place of its own for each test of the describe it is called in, and closes it afterwards. */
export function openForEach<Store extends Closable>(
  makePlace: () => Promise<RecordsPlace<Store>>,
): OpenRecords<Store> {
  let opened: { readonly place: RecordsPlace<Store>; store: Store | undefined } | undefined
  const current = () => {
    if (opened?.store === undefined) throw new Error('it is open only while a test runs')
    return opened.store
  }

  beforeEach(async () => {
    const place = await makePlace()
    opened = { place, store: undefined }
    opened.store = await place.open()
  })
  afterEach(async () => {
    await opened?.store?.close()
    await opened?.place.remove()
    opened = undefined
  })

  const close = async () => {
    await current().close()
    if (opened) opened.store = undefined
  }

  return {
    get store() {
      return current()
    },
    close,
    reopen: async () => {
      await close()
      if (opened) opened.store = await opened.place.open()
    },
  }
}
