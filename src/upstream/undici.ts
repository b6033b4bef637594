// undici's agents and its request, without the rest of it (fetch, WebSocket, caches, mocks): to load
// that as well would make whoever comes with the first miss wait for 75 ms more, with 10 MiB on top.
import type { Dispatcher } from 'undici'
import sendRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'

export { Agent, buildConnector }

type Options = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>

/** `onBytes` hears of all that comes of the body, whoever reads it and whether or not anybody does. */
export function request(
  dispatcher: Dispatcher,
  { origin, pathname, search }: URL,
  { onBytes, ...options }: Options & { readonly onBytes?: ((count: number) => void) | undefined },
): Promise<Dispatcher.ResponseData> {
  const sender = onBytes ? counting(dispatcher, onBytes) : dispatcher
  return sendRequest.call(sender, { ...options, origin, path: `${pathname}${search}` })
}

function counting(
  dispatcher: Dispatcher,
  onBytes: (count: number) => void,
): Pick<Dispatcher, 'dispatch'> {
  return {
    dispatch: (options, handler) => {
      const receive = handler.onResponseData?.bind(handler)
      handler.onResponseData = (controller, chunk) => {
        onBytes(chunk.length)
        receive?.(controller, chunk)
      }
      return dispatcher.dispatch(options, handler)
    },
  }
}
