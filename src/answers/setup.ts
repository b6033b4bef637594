/** `GET /api/v1/setup`: what whoever points a client at this server has to know. Nothing of it is secret. */
export type SetupAnswer = SetupState & {
  /** By which this request came, in front of all trusted proxies. */
  readonly address: {
    readonly scheme: 'http' | 'https'
    /** With its port, where that isn't the scheme's own. */
    readonly host: string
    /** What stands before our paths: `/registry`, or empty. */
    readonly prefix: string
    /** Then the certificate that clients meet is the proxy's. */
    readonly isProxied: boolean
  }
  /** Whether anybody can log in: else nobody may push who isn't anonymous. */
  readonly canLogIn: boolean
}

export type SetupState = {
  /** Those that mirrors.yaml names. */
  readonly upstreams: readonly SetupUpstream[]
  /** Whether any public host is mirrored besides. */
  readonly anyUpstream: boolean
  readonly defaultUpstream: string
  /** Ports whose root is the read-only view of one upstream, for dockerd. */
  readonly views: readonly { readonly port: number; readonly upstream: string }[]
  /** Whether a pull wants a login, of whatever upstream. */
  readonly pullsNeedLogin: boolean
  readonly pushes: {
    /** Whether anybody may, without a login. */
    readonly areOpen: boolean
    /** Globs of the names that may be pushed. */
    readonly repositories: readonly string[]
  }
  /** Undefined where the server speaks plain HTTP. */
  readonly tls?: SetupTls | undefined
}

export type SetupUpstream = {
  readonly name: string
  /** Whether its images are only for those whom a rule names. */
  readonly isPrivate: boolean
}

export type SetupTls = {
  /** For which the certificate is. */
  readonly names: readonly string[]
  /** ISO 8601. */
  readonly validUntil: string
  readonly issuer: string
  /** Whether clients trust it as they are. */
  readonly isPublic: boolean
  /** The CA, where the certificate's file has it too. */
  readonly ca?: { readonly name: string; readonly pem: string } | undefined
  /** Whether clients need a certificate of their own. */
  readonly clientCertificates: 'none' | 'optional' | 'required'
}
