// undici's agents and its request, without the rest of it (fetch, WebSocket, caches, mocks): to load
// that as well would make whoever comes with the first miss wait for 75 ms more, with 10 MiB on top.
import type { Dispatcher } from 'undici'
import sendRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'

export { Agent, buildConnector }

export function request(
  dispatcher: Dispatcher,
  { origin, pathname, search }: URL,
  options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
): Promise<Dispatcher.ResponseData> {
  return sendRequest.call(dispatcher, { ...options, origin, path: `${pathname}${search}` })
}
