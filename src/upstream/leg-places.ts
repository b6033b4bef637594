import type { BufferRoom } from './buffer-room.ts'
import type { Slots } from './slots.ts'
import type { Wants } from './wants.ts'

/**
 * What one blob takes of what all share: slots, of which it has one of its own anyway, and memory.
 * It takes only what is free at once, when it is its turn, and nothing while another blob waits for
 * its first slot.
 */
export class LegPlaces {
  readonly #slots: Slots
  readonly #room: BufferRoom
  readonly #wants: Wants
  /** What gives back the slots beyond the blob's own. */
  readonly #extraSlots: (() => void)[] = []

  constructor(slots: Slots, room: BufferRoom, wants: Wants) {
    this.#slots = slots
    this.#room = room
    this.#wants = wants
  }

  /**
   * A place for one more connection beside `connections`, and so many bytes of memory for what comes
   * on it, as what gives the memory back; undefined where there is none.
   */
  tryTake(connections: number, bytes: number): (() => void) | undefined {
    const leave = this.#isItsTurn(connections) ? this.#tryTakeBoth(connections, bytes) : undefined
    if (!leave) this.#wants.note(this, connections)
    return leave
  }

  /** Whether other blobs couldn't have one more. */
  get areOthersInWant(): boolean {
    return this.#wants.areOthers(this)
  }

  /** It is in want of nothing, until it takes in vain again. */
  wantNothing(): void {
    this.#wants.forget(this)
  }

  /** Gives back the slots that so many connections don't need. */
  keepFor(connections: number): void {
    while (this.#extraSlots.length > Math.max(0, connections - 1)) this.#extraSlots.pop()?.()
  }

  #isItsTurn(connections: number): boolean {
    const { waiting, areAllTaken } = this.#slots
    if (waiting > 0 || (areAllTaken && this.#needsSlot(connections))) return false
    return this.#wants.isTurnOf(this, connections)
  }

  #needsSlot(connections: number): boolean {
    return connections > this.#extraSlots.length
  }

  #tryTakeBoth(connections: number, bytes: number): (() => void) | undefined {
    const leaveRoom = this.#room.tryTake(bytes)
    if (!leaveRoom || this.#tryTakeSlot(connections)) return leaveRoom
    leaveRoom()
    return undefined
  }

  #tryTakeSlot(connections: number): boolean {
    if (!this.#needsSlot(connections)) return true
    const leave = this.#slots.tryEnterAgain()
    if (leave) this.#extraSlots.push(leave)
    return leave !== undefined
  }
}
