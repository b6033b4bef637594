import type { ComponentChildren } from 'preact'
import type { SetupAnswer } from '../../answers/setup.ts'
import { changeQuery } from '../frame/route.ts'
import { Choice } from '../parts/choice.tsx'
import { type Choices, everyRegistry } from './choices.ts'
import { setupClients } from './clients.ts'
import type { Form } from './guide.ts'
import { isLoopback } from './origin.ts'

type Props = { readonly setup: SetupAnswer; readonly choices: Choices }

const clients = setupClients.map(({ name, title }) => [name, title] as const)
const formWords: Readonly<Record<Form, string>> = {
  root: 'The server’s root',
  path: 'The registry in the path',
  port: 'A port of its own',
}
const trusts = [
  ['system', 'It trusts the certificate as it is'],
  ['ca', 'It gets the CA’s file'],
] as const
const change = (changes: Record<string, string | undefined>) =>
  changeQuery(changes, { replace: true })

/** What is to be set up; the link keeps it. */
export function SetupForm({ setup, choices }: Props) {
  const { client, wanted } = choices
  const forms = client.forms.map((form) => [form, formWords[form]] as const)
  const clearForm = { form: undefined, registries: undefined }
  return (
    <form class="setup-form" onSubmit={(event) => event.preventDefault()}>
      <Row title="What pulls there">
        <Choice
          label="Client"
          values={clients}
          chosen={client.name}
          onChoose={(name) => change({ client: name, ...clearForm })}
        />
      </Row>
      <AddressField choices={choices} />
      <RegistryField setup={setup} choices={choices} />
      {forms.length > 1 && !wanted.isEvery && (
        <Row title="How the mirror is named">
          <Choice
            label="Form of the address"
            values={forms}
            chosen={wanted.form}
            onChoose={(form) => change({ form })}
          />
        </Row>
      )}
      {wanted.origin.scheme === 'https' && (
        <Row title="How the client trusts it">
          <Choice
            label="Trust"
            values={trusts}
            chosen={wanted.trust}
            onChoose={(trust) => change({ trust })}
          />
        </Row>
      )}
    </form>
  )
}

function Row({
  title,
  children,
}: {
  readonly title: string
  readonly children: ComponentChildren
}) {
  return (
    <div class="setup-row">
      <span class="setup-title" aria-hidden="true">
        {title}
      </span>
      {children}
    </div>
  )
}

function AddressField({ choices }: Pick<Props, 'choices'>) {
  const { address, isAddressWrong, wanted } = choices
  const isNear = !isAddressWrong && isLoopback(wanted.origin)
  return (
    <div class="setup-row">
      <label class="setup-field" for="setup-address">
        <span class="setup-title">Address of this server, as clients reach it</span>
      </label>
      <input
        id="setup-address"
        type="text"
        spellcheck={false}
        autocomplete="off"
        value={address}
        aria-invalid={isAddressWrong}
        aria-describedby="setup-address-note"
        onChange={(event) => change({ address: event.currentTarget.value })}
      />
      <p id="setup-address-note" class={isAddressWrong || isNear ? 'note-warning' : 'muted'}>
        {isAddressWrong && 'This is no address: wanted something like http://nas.lan:5000.'}
        {isNear &&
          'Only programs on the server’s own machine reach it so: put its name or address here.'}
        {!isAddressWrong && !isNear && 'By this address you look at this page.'}
      </p>
    </div>
  )
}

function RegistryField({ setup, choices }: Props) {
  const { client, wanted } = choices
  const chosen = new Set(wanted.registries)
  const choose = (name: string, isChosen: boolean) => {
    const names = setup.upstreams.map((upstream) => upstream.name)
    const next = names.filter((each) => (each === name ? isChosen : chosen.has(each)))
    change({ registries: next.join(',') || names[0] })
  }
  return (
    <fieldset class="setup-row">
      <legend class="setup-title">Registries</legend>
      {client.canTakeEvery && (
        <label>
          <input
            type="checkbox"
            checked={wanted.isEvery}
            onChange={(event) =>
              change({
                registries: event.currentTarget.checked
                  ? everyRegistry
                  : wanted.registries.join(','),
                form: undefined,
              })
            }
          />
          Every registry
        </label>
      )}
      <div class="setup-registries">
        {setup.upstreams.map(({ name, isPrivate }) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={wanted.isEvery || chosen.has(name)}
              disabled={wanted.isEvery}
              onChange={(event) => choose(name, event.currentTarget.checked)}
            />
            {name}
            {isPrivate && <span class="muted">(private)</span>}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
