/** Of mirrors.yaml: what stands behind them is shown to nobody. */
export const secretKeys: ReadonlySet<PropertyKey> = new Set([
  'password',
  'secret',
  'secretAccessKey',
])

/** What a service gives as a webhook's URL is often a secret by itself, but for its host. */
export function isHookUrl(path: readonly PropertyKey[]): boolean {
  return path[0] === 'webhooks' && path.at(-1) === 'url'
}
