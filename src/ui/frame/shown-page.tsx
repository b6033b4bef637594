import type { ComponentType } from 'preact'
import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { focusPage } from './first-focus.ts'
import { PageHead } from './page-head.tsx'
import { findPage, type Page, type PageProps } from './pages.ts'
import { hrefOf, type Route } from './route.ts'

type Loaded = { readonly page: Page; readonly Shown: ComponentType<PageProps> }

/** A server that was started anew has its pages under other names, when it is another version. */
const notLoaded =
  'This page can’t be loaded: the server can’t be reached, or it is another version by now.'

/** The page that the address names. */
export function ShownPage({ route }: PageProps) {
  const page = findPage(route.page)
  const [loaded, setLoaded] = useState<Loaded>()
  const [fault, setFault] = useState<unknown>()
  useEffect(() => {
    let isCurrent = true
    setFault(undefined)
    page?.load().then(
      // Kept in an object: a state that is a function would be called.
      (Shown) => isCurrent && setLoaded({ page, Shown }),
      (error: unknown) => isCurrent && setFault(new Error(notLoaded, { cause: error })),
    )
    return () => {
      isCurrent = false
    }
  }, [page])
  const title = (page && route.rest) || (page?.title ?? 'Not found')
  useEffect(() => {
    document.title = `${title} – Entrepot`
  }, [title])
  if (!page) return <NotFound route={route} />
  if (fault) return <Fault error={fault} retry={() => location.reload()} />
  if (loaded?.page !== page) return <Waiting what="the page" />
  return <Guarded key={page.name} loaded={loaded} route={route} />
}

/** A page that fails says so, and leaves the others usable. */
function Guarded({ loaded: { Shown }, route }: { readonly loaded: Loaded; readonly route: Route }) {
  const [error, reset] = useErrorBoundary()
  // A row that leads from a list to one of its repositories stays on the page, and goes all the same.
  useEffect(focusPage, [route.rest])
  if (error) return <Fault error={error} retry={reset} />
  return <Shown route={route} />
}

function NotFound({ route }: PageProps) {
  return (
    <>
      <PageHead title="Not found" />
      <Empty title={`There is no page “${route.page}”.`}>
        <a href={hrefOf('')}>Go to the overview</a>
      </Empty>
    </>
  )
}
