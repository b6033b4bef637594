import type { BufferRoom } from './buffer-room.ts'
import type { Slots } from './slots.ts'

/**
 * What one blob takes of what all share: slots, of which it has one of its own anyway, and memory.
 * It takes only what is free at once, and nothing while another blob waits.
 */
export class LegPlaces {
  readonly #slots: Slots
  readonly #room: BufferRoom
  /** What gives back the slots beyond the blob's own. */
  readonly #extraSlots: (() => void)[] = []

  constructor(slots: Slots, room: BufferRoom) {
    this.#slots = slots
    this.#room = room
  }

  /**
   * A place for one more connection beside `connections`, and so many bytes of memory for what comes
   * on it, as what gives the memory back; undefined where there is none.
   */
  tryTake(connections: number, bytes: number): (() => void) | undefined {
    if (this.#slots.waiting > 0) return undefined
    const leaveRoom = this.#room.tryTake(bytes)
    if (!leaveRoom || this.#tryTakeSlot(connections)) return leaveRoom
    leaveRoom()
    return undefined
  }

  /** Gives back the slots that so many connections don't need. */
  keepFor(connections: number): void {
    while (this.#extraSlots.length > Math.max(0, connections - 1)) this.#extraSlots.pop()?.()
  }

  #tryTakeSlot(connections: number): boolean {
    if (connections <= this.#extraSlots.length) return true
    const leave = this.#slots.tryEnterAgain()
    if (leave) this.#extraSlots.push(leave)
    return leave !== undefined
  }
}
