import type { CreatedTokenAnswer } from '../../answers/access.ts'
import { Code } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'

type Props = { readonly token: CreatedTokenAnswer; readonly onClose: () => void }

/** The one time that a token's secret is seen. */
export function ShownToken({ token: { name, token }, onClose }: Props) {
  const login = (program: string) =>
    `printf %s '${token}' |\n  ${program} login ${location.host} --username ${name} --password-stdin`
  return (
    <Dialog title={`The token ${name}`} onClose={onClose}>
      <p>
        <strong>It is shown only this once.</strong> Copy it now: nothing can show it again, and
        only its hash is kept.
      </p>
      <Code label="the token" text={token} />
      <p>To log in with it, on the machine that is to use it:</p>
      <Code label="the docker login command" caption="Docker" text={login('docker')} />
      <Code
        label="the podman login command"
        caption="Podman, Buildah, Skopeo"
        text={login('podman')}
      />
      <div class="dialog-actions">
        <button type="button" class="primary" onClick={onClose}>
          I have copied it
        </button>
      </div>
    </Dialog>
  )
}
