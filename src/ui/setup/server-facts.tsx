import type { SetupAnswer, SetupTls } from '../../answers/setup.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { Code } from '../parts/code.tsx'
import { When } from '../parts/when.tsx'
import { type Origin, urlOf } from './guide.ts'

type Props = { readonly setup: SetupAnswer; readonly origin: Origin }

/** The certificate, and how one pushes: what clients need besides a mirror. */
export function ServerFacts({ setup, origin }: Props) {
  return (
    <div class="cards">
      <Certificate setup={setup} />
      <Pushing setup={setup} origin={origin} />
    </div>
  )
}

function Certificate({ setup }: Pick<Props, 'setup'>) {
  const { address, tls } = setup
  return (
    <Card title="Certificate">
      {address.isProxied && address.scheme === 'https' && (
        <p>
          A proxy in front of this server speaks TLS: the certificate that clients meet is its own.
        </p>
      )}
      {!tls && !address.isProxied && (
        <p>
          This server speaks plain HTTP: whoever is on the way can read what is pulled, and logins.
          <code> tls: </code> in mirrors.yaml gives it a certificate.
        </p>
      )}
      {tls && <TlsFacts tls={tls} />}
    </Card>
  )
}

function TlsFacts({ tls }: { readonly tls: SetupTls }) {
  return (
    <>
      <dl class="facts">
        <dt>For</dt>
        <dd>{tls.names.join(', ') || 'no name: clients refuse it'}</dd>
        <dt>Expires</dt>
        <dd>
          <When at={tls.validUntil} />
        </dd>
        <dt>Signed by</dt>
        <dd>
          {tls.issuer}
          {tls.isPublic ? ', which clients trust as they are' : ''}
        </dd>
        {tls.clientCertificates !== 'none' && (
          <>
            <dt>Certificates of clients</dt>
            <dd>{tls.clientCertificates}</dd>
          </>
        )}
      </dl>
      {tls.ca && (
        <Code text={tls.ca.pem} label="the CA’s certificate" caption={`The CA: ${tls.ca.name}`} />
      )}
    </>
  )
}

function Pushing({ setup, origin }: Props) {
  const { canLogIn, pushes } = setup
  const mayNobody = !canLogIn && !pushes.areOpen
  const image = `${origin.host}/team/app:1`
  const login = pushes.areOpen ? '' : `docker login ${origin.host}\n`
  return (
    <Card title="Your own images">
      <p>
        {mayNobody &&
          'Nobody may push yet: make a user first, on the server’s machine, and log in as that one.'}
        {!mayNobody && pushes.areOpen && 'Everybody may push here, without a login.'}
        {!mayNobody && !pushes.areOpen && 'Who is logged in may push, as far as the rules go: '}
        {!mayNobody && !pushes.areOpen && <a href={hrefOf('access')}>Access</a>}
      </p>
      <Code
        label="the commands for a push"
        text={`${mayNobody ? 'entrepot user add alice\n' : ''}${login}docker tag my-app ${image}\ndocker push ${image}`}
      />
      {origin.scheme === 'http' && (
        <p class="muted">
          Over plain HTTP docker wants <code>insecure-registries</code> for it, as in Docker’s steps
          above. The registry’s own address is <code>{urlOf(origin)}/v2/</code>.
        </p>
      )}
    </Card>
  )
}
