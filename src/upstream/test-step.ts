/** In the order in which they are taken; what comes after one that failed is left out. */
export type TestStepName = 'dns' | 'connect' | 'tls' | 'auth' | 'registry'

export type TestStep = {
  readonly step: TestStepName
  readonly result: 'ok' | 'failed'
  readonly milliseconds: number
  /** One sentence: what was found, or what is wrong. */
  readonly detail: string
}

export type UrlTest = { readonly url: string; readonly steps: readonly TestStep[] }
