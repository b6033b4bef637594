import { useSession } from '../api/session.ts'
import { changeQuery } from '../frame/route.ts'
import { Code } from '../parts/code.tsx'
import { Empty } from '../parts/empty.tsx'
import { type Filters, noFilters } from './list-query.ts'
import { referenceTo } from './reference.ts'

type Props = { readonly filters: Filters; readonly isFiltered: boolean }

/** In place of the list: why it is empty, and what to do. */
export function NoRepositories({ filters, isFiltered }: Props) {
  return isFiltered ? <NoMatch filters={filters} /> : <NoImages />
}

function NoMatch({ filters: { search } }: { readonly filters: Filters }) {
  const clear = () => changeQuery({ ...noFilters }, { replace: true })
  return (
    <Empty title={search ? `Nothing matches “${search}”.` : 'Nothing matches these filters.'}>
      <p class="muted">Only what is kept here is searched, and of that what you may pull.</p>
      <button type="button" onClick={clear}>
        Clear all filters
      </button>
    </Empty>
  )
}

function NoImages() {
  const { data: session } = useSession()
  const isStranger = session?.canLogIn && session.kind === 'anonymous'
  return (
    <Empty title="No images yet, or none that you may pull.">
      {isStranger && <p>Sign in, and those that you may pull are listed.</p>}
      <p>Pull one through this mirror, or push your own:</p>
      <div class="first-commands">
        <Code
          label="the command that pulls"
          text={`docker pull ${referenceTo('docker.io/library/alpine', 'latest')}`}
        />
        <Code
          label="the commands that push"
          text={`docker tag my-app ${referenceTo('team/my-app', '1')}\ndocker push ${referenceTo('team/my-app', '1')}`}
        />
      </div>
      <p>
        <a href="#/setup">Set up your client</a>
      </p>
    </Empty>
  )
}
