import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Lab } from '../lab/lab.ts'

/** Debian's own. */
const executablePath = '/usr/bin/chromium'
/** What hasn't come by then doesn't. */
const waitMs = 10_000

export interface PageOptions {
  readonly theme?: 'light' | 'dark'
  /** In CSS pixels. */
  readonly width?: number
  readonly height?: number
  /** Who looks at it, logged in already. */
  readonly login?: { readonly user: string; readonly password: string }
}

/** A page of the UI, and all that went wrong in it. */
export interface UiPage {
  readonly page: Page
  /** Requests to others than the server, breaches of its policy, errors that nobody caught. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

/** Chromium without a screen, until the lab is closed. */
export const startBrowser = async (lab: Lab): Promise<Browser> => {
  const browser = await chromium.launch({
    executablePath,
    // Tests run as root, where its sandbox doesn't start.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  lab.onClose(() => browser.close())
  return browser
}

/** Opens `path`, as `#/images`, of the server at `url`, as somebody who has never been there. */
export const openUi = async (
  browser: Browser,
  url: string,
  path = '',
  options: PageOptions = {},
): Promise<UiPage> => {
  const { theme = 'light', width = 1440, height = 900, login } = options
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'UTC',
    ignoreHTTPSErrors: true,
  })
  context.setDefaultTimeout(waitMs)
  if (login) await logIn(context, url, login)
  const page = await context.newPage()
  const faults = watch(context, page, url)
  await page.goto(`${url}/ui/${path}`)
  return { page, faults, close: () => context.close() }
}

const logIn = async (context: BrowserContext, url: string, login: object): Promise<void> => {
  const headers = { origin: new URL(url).origin }
  const answer = await context.request.post(`${url}/api/v1/session`, { data: login, headers })
  if (!answer.ok()) throw new Error(`login: ${answer.status()} ${await answer.text()}`)
}

/** A refused request is shown in the console too; pages show it themselves, and it is no fault of theirs. */
const refused = /Failed to load resource: the server responded with a status of 4/

const watch = (context: BrowserContext, page: Page, url: string): readonly string[] => {
  const faults: string[] = []
  context.on('request', (request) => {
    const isOwn = request.url().startsWith(`${url}/`) || /^(data|blob):/.test(request.url())
    if (!isOwn) faults.push(`asked ${request.url()}`)
  })
  page.on('pageerror', (error) => faults.push(`threw ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    // Breaches of the policy come here as well.
    if (message.type() === 'error' && !refused.test(text)) faults.push(`said ${text}`)
  })
  return faults
}
