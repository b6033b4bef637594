import type { ConfigurationAnswer } from '../../answers/configuration.ts'
import { Badge } from '../parts/badge.tsx'
import { When } from '../parts/when.tsx'

type Props = { readonly configuration: ConfigurationAnswer }

/** Whether the file is right, and what of it waits for a restart. */
export function ConfigurationNews({ configuration: { file, waiting, refused } }: Props) {
  return (
    <div class="news">
      <p>
        Read from <code class="wrapped">{file ?? 'no file'}</code>; changes there count within
        seconds. Secrets are never shown.
      </p>
      {waiting.length > 0 && (
        <p>
          <Badge kind="warning">waits for a restart</Badge> {waiting.join(', ')}
        </p>
      )}
      {refused && (
        <section class="fault" aria-label="The file is refused">
          <p>
            <span aria-hidden="true">⬣ </span>
            <strong>The file is wrong, and what was in force before stays</strong> (since{' '}
            <When at={refused.at} />)
          </p>
          <ul>
            {refused.problems.map(({ path, found, wanted }) => (
              <li key={path}>
                <code>{path}</code>: found {found}, wanted {wanted}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
