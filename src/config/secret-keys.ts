/** Of mirrors.yaml: what stands behind them is shown to nobody. */
export const secretKeys: ReadonlySet<PropertyKey> = new Set([
  'password',
  'secret',
  'secretAccessKey',
])
