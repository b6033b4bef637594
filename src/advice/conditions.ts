import type { Event } from '../events/any-events.ts'

type Of<Kind extends Event['kind']> = Extract<Event, { kind: Kind }>

/** What events said that needs a person, until they say that it is over. */
export class Conditions {
  #disk: Of<'disk-high'> | undefined
  #refused: Of<'configuration-refused'> | undefined
  #offline: Of<'offline'> | undefined

  get disk(): Of<'disk-high'> | undefined {
    return this.#disk
  }

  get refused(): Of<'configuration-refused'> | undefined {
    return this.#refused
  }

  /** The last time that it was switched, either way. */
  get offline(): Of<'offline'> | undefined {
    return this.#offline
  }

  hear(event: Event): void {
    switch (event.kind) {
      case 'disk-high':
        this.#disk = event
        return
      case 'disk-ok':
        this.#disk = undefined
        return
      case 'configuration-refused':
        // Wrong in another way now, it has been since it was wrong first.
        this.#refused = { ...event, at: this.#refused?.at ?? event.at }
        return
      case 'configuration-taken-up':
        this.#refused = undefined
        return
      case 'offline':
        this.#offline = event
        return
    }
  }
}
