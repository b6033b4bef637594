import { type Cause, causedBy, currentCause } from '../traffic/cause.ts'
import { type PlainError, toError, toPlainError } from './plain-error.ts'

/** A MessagePort, or the Worker at its other end. */
type Port = {
  /** What `moved` names goes over as it is, and is gone here. */
  postMessage(message: Message, moved: ArrayBuffer[]): void
  on(event: 'message', listener: (message: Message) => void): unknown
}

/** Functions of the other thread, by name. What they take and give is copied, so it is plain data. */
type Functions = { readonly [name: string]: (...values: never[]) => unknown }

type Message =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly name: string
      readonly values: unknown[]
      /** On whose behalf it is called. */
      readonly cause: Cause
    }
  | { readonly kind: 'tell'; readonly name: string; readonly values: unknown[] }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PlainError }

type Waiting = {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** A result that is made in the very moment in which it is posted: what is posted before counts in it. */
export class AtPosting<Result> {
  readonly make: () => Result

  constructor(make: () => Result) {
    this.make = make
  }
}

/**
 * Calls between two threads, in both directions over one port: `Theirs` are the functions that the
 * other side offers, `ours` what it may call here. Messages arrive in the order they were sent in.
 */
export class Calls<Theirs extends Functions> {
  readonly #port: Port
  readonly #ours: Functions
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #end: Error | undefined

  constructor(port: Port, ours: Functions) {
    this.#port = port
    this.#ours = ours
    port.on('message', (message: Message) => this.#receive(message))
  }

  /** Rejects with what the function throws, or because the other side has ended. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    ...values: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return this.callMoving([], name, ...values)
  }

  /** The same; the memory that `moved` names goes over as it is, and is gone here. */
  callMoving<Name extends keyof Theirs & string>(
    moved: ArrayBuffer[],
    name: Name,
    ...values: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#end) return Promise.reject(this.#end)
    const id = ++this.#lastId
    const { client, who } = currentCause()
    this.#post({ kind: 'call', id, name, values, cause: { client, who } }, moved)
    this.#waiting.set(id, { resolve, reject })
    return promise as Promise<Awaited<ReturnType<Theirs[Name]>>>
  }

  /** For what nobody waits for. The function must not throw. */
  tell<Name extends keyof Theirs & string>(name: Name, ...values: Parameters<Theirs[Name]>): void {
    if (!this.#end) this.#post({ kind: 'tell', name, values })
  }

  /** The other side is gone: whoever waits for it is told so. */
  end(error: Error): void {
    this.#end = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  #post(message: Message, moved: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, moved)
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case 'call':
        return void this.#answer(message.id, () =>
          causedBy(message.cause, () => this.#invoke(message)),
        )
      case 'tell':
        return void this.#invoke(message)
      case 'result':
        return void this.#take(message.id)?.resolve(message.result)
      case 'failure':
        return void this.#take(message.id)?.reject(toError(message.error))
    }
  }

  #invoke({ name, values }: { readonly name: string; readonly values: unknown[] }): unknown {
    const own = this.#ours[name]
    if (!own) throw new Error(`the other thread calls ${name}, which isn't there`)
    return own(...(values as never[]))
  }

  async #answer(id: number, invoke: () => unknown): Promise<void> {
    try {
      const result = await invoke()
      this.#post({
        kind: 'result',
        id,
        result: result instanceof AtPosting ? result.make() : result,
      })
    } catch (error) {
      this.#post({ kind: 'failure', id, error: toPlainError(error) })
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}
