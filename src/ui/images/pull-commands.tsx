import { useState } from 'preact/hooks'
import { Choice } from '../parts/choice.tsx'
import { Code } from '../parts/code.tsx'
import { referenceTo } from './reference.ts'

const commands = {
  docker: 'docker pull',
  podman: 'podman pull',
  ctr: 'ctr images pull',
  crane: 'crane pull',
} as const

type Client = keyof typeof commands

const clients = Object.keys(commands).map((client) => [client as Client, client] as const)

type Props = {
  readonly name: string
  /** Undefined until one is known. */
  readonly tag: string | undefined
}

/** The command that pulls it through this server, for the client of one's choice. */
export function PullCommands({ name, tag }: Props) {
  const [client, setClient] = useState<Client>('docker')
  const further = client === 'crane' ? ' image.tar' : ''
  return (
    <>
      <Choice label="Client" values={clients} chosen={client} onChoose={setClient} />
      <Code
        label="the command that pulls"
        text={`${commands[client]} ${referenceTo(name, tag)}${further}`}
      />
    </>
  )
}
