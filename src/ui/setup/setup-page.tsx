import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'

export function SetupPage(_: PageProps) {
  return <PageHead title="Set-up" />
}
