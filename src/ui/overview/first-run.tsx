import { useState } from 'preact/hooks'
import type { SetupAnswer } from '../../answers/setup.ts'
import { useAnswer } from '../api/use-answer.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Fault } from '../parts/fault.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { type ClientName, findClient, guideFor } from '../setup/clients.ts'
import { GuideSteps } from '../setup/guide-steps.tsx'
import { FirstPull } from '../setup/live-check.tsx'
import { isLoopback } from '../setup/origin.ts'
import { wantedFrom } from '../setup/wanted.ts'

const offered = [
  ['docker', 'Docker'],
  ['containerd', 'containerd'],
  ['k3s', 'k3s'],
  ['podman', 'Podman'],
] as const satisfies readonly (readonly [ClientName, string])[]

/** Nothing was pulled yet: what to do, with this server's address in it, and a tick once it was done. */
export function FirstRun({ onDone }: { readonly onDone: () => void }) {
  const { data: setup, error, retry } = useAnswer<SetupAnswer>('setup')
  const [name, setName] = useState<(typeof offered)[number][0]>('docker')
  if (error && !setup) return <Fault error={error} retry={retry} />
  if (!setup) return <Waiting what="this server’s address" />
  const client = findClient(name)
  // Docker mirrors one registry; of the others the Set-up page tells.
  const alone = name === 'docker' && { registries: [setup.defaultUpstream] }
  const wanted = wantedFrom(setup, { isEvery: client.canTakeEvery, ...alone })
  const guide = guideFor(client, wanted)
  return (
    <Card title="Nothing has been pulled through this server yet" class="first-run">
      <p>Three steps, on the machine that pulls:</p>
      <ol class="first-steps">
        <li>
          <h3>Choose what pulls there</h3>
          <Choice label="Client" values={offered} chosen={name} onChoose={setName} />{' '}
          <a href={hrefOf('setup', '', { client: name })}>Others, and all options</a>
        </li>
        <li>
          <h3>Point it at this server</h3>
          {isLoopback(wanted.origin) && <LoopbackNote name={name} host={wanted.origin.host} />}
          <GuideSteps steps={guide.steps} />
        </li>
        <li>
          <h3>Pull something</h3>
          <GuideSteps steps={[{ title: 'For example', text: guide.check }]} />
        </li>
      </ol>
      <FirstPull onDone={onDone} />
    </Card>
  )
}

function LoopbackNote({ name, host }: { readonly name: ClientName; readonly host: string }) {
  return (
    <p class="note-warning">
      {host} means the server’s own machine alone. For others open this page by its name or address,
      or <a href={hrefOf('setup', '', { client: name })}>type it on the Set-up page</a>.
    </p>
  )
}
