import { formatDuration } from '../parts/format.ts'
import type { UrlState } from './upstream-health.ts'

/** How it knows us, in a few words. */
export function LoginWords({ login }: Pick<UrlState, 'login'>) {
  const { configured, username, refused } = login
  const who = configured ? (username ?? 'with a login') : 'no login'
  return (
    <>
      <span class={configured ? '' : 'muted'}>{who}</span>
      {refused && (
        <span class="wrong" title={refused.reason}>
          <span aria-hidden="true">▲ </span>refused {formatAgoSeconds(refused.agoSeconds)}
        </span>
      )}
    </>
  )
}

/** The same, in full. */
export function TokenState({ login }: Pick<UrlState, 'login'>) {
  const { configured, username, scheme, tokens, tokenSeconds, refused } = login
  return (
    <ul>
      <li>
        {configured
          ? `Asked with the login of mirrors.yaml${username ? `, as ${username}` : ''}.`
          : 'Asked without a login. To give one, set username and password in mirrors.yaml.'}
      </li>
      <li>{schemeWords(scheme)}</li>
      {scheme === 'bearer' && (
        <li>
          {tokens === 0
            ? 'No token is held: the next request fetches one.'
            : `${tokens} ${tokens === 1 ? 'token is' : 'tokens are'} held, good for up to ${formatDuration((tokenSeconds ?? 0) * 1000)}.`}
        </li>
      )}
      {refused && (
        <li class="wrong">
          <span aria-hidden="true">▲ </span>It refused us {formatAgoSeconds(refused.agoSeconds)}: it{' '}
          {refused.reason}.
        </li>
      )}
    </ul>
  )
}

function schemeWords(scheme: UrlState['login']['scheme']): string {
  if (scheme === undefined) return 'It wasn’t asked yet since the server started.'
  if (scheme === 'none') return 'It wants neither login nor token.'
  return scheme === 'basic' ? 'It wants a login with each request.' : 'It wants tokens.'
}

function formatAgoSeconds(seconds: number): string {
  return seconds < 10 ? 'just now' : `${formatDuration(seconds * 1000)} ago`
}
