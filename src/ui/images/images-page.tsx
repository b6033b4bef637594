import './images.css'
import type { PageProps } from '../frame/pages.ts'
import { RepositoryList } from './repository-list.tsx'
import { RepositoryPage } from './repository-page.tsx'

/** All repositories; or one of them, with its tags. */
export function ImagesPage({ route }: PageProps) {
  return route.rest === '' ? (
    <RepositoryList route={route} />
  ) : (
    <RepositoryPage key={route.rest} route={route} />
  )
}
