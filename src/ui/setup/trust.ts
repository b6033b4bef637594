import type { Step, Wanted } from './guide.ts'

/** A step that puts the CA's certificate there; none where the client trusts it already, or speaks plain HTTP. */
export function stepsForCa({ origin, trust, caPem }: Wanted, file: string): readonly Step[] {
  if (origin.scheme === 'http' || trust === 'system') return []
  const text = caPem?.trim() ?? '# the PEM file of the CA that signed the server’s certificate\n'
  return [{ title: 'Let it trust the server’s CA', file, text: `${text.trimEnd()}\n` }]
}

export function usesCa({ origin, trust }: Wanted): boolean {
  return origin.scheme === 'https' && trust === 'ca'
}

/** For clients to which nothing can be said about a path. */
export function warnOfPrefix({ origin }: Wanted, client: string): readonly string[] {
  if (origin.prefix === '') return []
  return [
    `${client} can’t use a registry below a path, and this server is reached at ${origin.prefix}: give it a host name or a port of its own.`,
  ]
}

/** Where the server lets nobody in without one. */
export function warnOfCertificate({ needsCertificate }: Wanted, where: string): readonly string[] {
  if (!needsCertificate) return []
  return [`The server wants a certificate of each client: put it, and its key, ${where}.`]
}

export const restart = (service: string): Step => {
  return { title: `Restart ${service}`, text: `sudo systemctl restart ${service}` }
}
