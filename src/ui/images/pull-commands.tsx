import { useState } from 'preact/hooks'
import { type Client, clients, commandFor } from '../image/pull-commands.tsx'
import { Choice } from '../parts/choice.tsx'
import { Code } from '../parts/code.tsx'
import { referenceTo } from './reference.ts'

type Props = {
  readonly name: string
  /** Undefined until one is known. */
  readonly tag: string | undefined
}

/** The command that pulls it through this server, for the client of one's choice. */
export function PullCommands({ name, tag }: Props) {
  const [client, setClient] = useState<Client>('docker')
  return (
    <>
      <Choice
        label="Client"
        values={clients.map((each) => [each, each] as const)}
        chosen={client}
        onChoose={setClient}
      />
      <Code text={commandFor(client, referenceTo(name, tag))} label="the command that pulls" />
    </>
  )
}
