import {
  Activity,
  ChartBar,
  HardDrive,
  KeyRound,
  Layers,
  LayoutDashboard,
  Wrench,
} from 'lucide-preact'
import type { ComponentType } from 'preact'
import type { Route } from './route.ts'

/** What each page is given. */
export type PageProps = { readonly route: Route }

export type Page = {
  /** In the address; the start's is empty. */
  readonly name: string
  readonly title: string
  /** Loaded when it is first opened. */
  readonly load: () => Promise<ComponentType<PageProps>>
}

/** One that the rail leads to. `key`, after `g`, opens it. */
export type RailPage = Page & { readonly key: string; readonly icon: typeof Layers }

export const railPages: readonly RailPage[] = [
  {
    name: '',
    title: 'Overview',
    key: 'o',
    icon: LayoutDashboard,
    load: async () => (await import('../overview/overview-page.tsx')).OverviewPage,
  },
  {
    name: 'images',
    title: 'Images',
    key: 'i',
    icon: Layers,
    load: async () => (await import('../images/images-page.tsx')).ImagesPage,
  },
  {
    name: 'traffic',
    title: 'Traffic',
    key: 't',
    icon: ChartBar,
    load: async () => (await import('../traffic/traffic-page.tsx')).TrafficPage,
  },
  {
    name: 'space',
    title: 'Space',
    key: 's',
    icon: HardDrive,
    load: async () => (await import('../space/space-page.tsx')).SpacePage,
  },
  {
    name: 'upstreams',
    title: 'Upstreams',
    key: 'u',
    icon: Activity,
    load: async () => (await import('../upstreams/upstreams-page.tsx')).UpstreamsPage,
  },
  {
    name: 'setup',
    title: 'Set-up',
    key: 'e',
    icon: Wrench,
    load: async () => (await import('../setup/setup-page.tsx')).SetupPage,
  },
  {
    name: 'access',
    title: 'Access',
    key: 'a',
    icon: KeyRound,
    load: async () => (await import('../access/access-page.tsx')).AccessPage,
  },
]

const otherPages: readonly Page[] = [
  {
    name: 'image',
    title: 'Image',
    load: async () => (await import('../image/image-page.tsx')).ImagePage,
  },
  {
    name: 'compare',
    title: 'Compare',
    load: async () => (await import('../compare/compare-page.tsx')).ComparePage,
  },
]

export function findPage(name: string): Page | undefined {
  return [...railPages, ...otherPages].find((page) => page.name === name)
}
