// undici's agents and its request, without the rest of it (fetch, WebSocket, caches, mocks): to load
// that as well would make whoever comes with the first miss wait for 75 ms more, with 10 MiB on top.
import type { Dispatcher } from 'undici'
import sendRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'

export { Agent, buildConnector }

type Options = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>

type Listeners = {
  /** Hears of all that comes of the body, whoever reads it and whether or not anybody does. */
  readonly onBytes?: ((count: number) => void) | undefined
  /** Hears why no more comes, before there was an answer or after. */
  readonly onBreak?: ((error: Error) => void) | undefined
}

export function request(
  dispatcher: Dispatcher,
  { origin, pathname, search }: URL,
  { onBytes, onBreak, ...options }: Options & Listeners,
): Promise<Dispatcher.ResponseData> {
  const sender = onBytes || onBreak ? listening(dispatcher, { onBytes, onBreak }) : dispatcher
  return sendRequest.call(sender, { ...options, origin, path: `${pathname}${search}` })
}

function listening(
  dispatcher: Dispatcher,
  { onBytes, onBreak }: Listeners,
): Pick<Dispatcher, 'dispatch'> {
  return {
    dispatch: (options, handler) => {
      const receive = handler.onResponseData?.bind(handler)
      handler.onResponseData = (controller, chunk) => {
        onBytes?.(chunk.length)
        receive?.(controller, chunk)
      }
      const end = handler.onResponseError?.bind(handler)
      handler.onResponseError = (controller, error) => {
        onBreak?.(error)
        end?.(controller, error)
      }
      return dispatcher.dispatch(options, handler)
    },
  }
}
