import { connect, type Socket } from 'node:net'
import { FaultLane, type Faults } from './fault-lane.ts'

/**
 * A client's connection and the one behind it that belongs to it. As with most HTTP servers, a
 * client that hangs up is gone: what it was still to get is dropped.
 */
export class FaultConnection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #toServer: FaultLane
  readonly #toClient: FaultLane
  #cutBy: Faults['cutBy']

  constructor(
    client: Socket,
    { port, faults, onSent }: { port: number; faults: Faults; onSent: (bytes: number) => void },
  ) {
    const server = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.#client = client
    this.#server = server
    const onCut = () => this.#cut()
    const unheard = { onSent: () => {}, onCut: () => {} }
    this.#toServer = new FaultLane({ from: client, to: server }, delayOf(faults), unheard)
    this.#toClient = new FaultLane({ from: server, to: client }, faults, { onSent, onCut })
    this.#cutBy = faults.cutBy
    client.on('close', (hadError) => this.#followClient(hadError))
    // What the server had sent before is lost, as it may be on any way. An end without an error is
    // passed on by the lane, in its own time.
    server.on('error', () => client.resetAndDestroy())
  }

  change(faults: Faults): void {
    this.#cutBy = faults.cutBy
    this.#toServer.change(delayOf(faults))
    this.#toClient.change(faults)
  }

  close(): void {
    this.#toServer.close()
    this.#toClient.close()
    this.#client.destroy()
    this.#server.destroy()
  }

  #followClient(hadError: boolean): void {
    this.#toServer.close()
    this.#toClient.close()
    if (hadError) this.#server.resetAndDestroy()
    else this.#server.destroySoon()
  }

  #cut(): void {
    this.#server.destroy()
    if (this.#cutBy === 'fin') this.#client.end()
    else this.#client.resetAndDestroy()
  }
}

/** The client's bytes are only ever late: a request that is wrong is no fault of the network. */
const delayOf = ({ delayMs = 0 }: Faults): Faults => ({ delayMs })
