import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { Tab } from './tab.ts';

const executablePath = findChromium();

const MISSING =
  'No Chromium and no Chrome was found. Install one (Debian: apt-get install chromium), or set CHROMIUM_PATH.';

/** Whether the tests that need a browser can run. In CI they have to, so that they are never skipped unnoticed. */
export const hasBrowser = executablePath !== undefined;
if (!hasBrowser && process.env.CI) throw new Error(MISSING);
if (!hasBrowser) console.warn(`THE TESTS OF THE PAGE ARE SKIPPED. ${MISSING}`);

/** A name that leads to this machine, as a page can make its own name do. */
export const REBOUND_HOST = 'rebound.example';

/** This machine is the only one that can be reached, whatever a page asks for. */
const FLAGS = [
  `--host-resolver-rules=MAP ${REBOUND_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
  '--no-proxy-server',
];

/** Starts a headless browser without a profile. */
export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(MISSING);
  const options = { executablePath, args: FLAGS };
  if (process.geteuid?.() !== 0) {
    try {
      return await chromium.launch({ ...options, chromiumSandbox: true });
    } catch {
      // Many containers have no user namespaces, which its sandbox needs.
    }
  }
  return chromium.launch({ ...options, chromiumSandbox: false });
}

/** Opens a page in a context of its own: nothing is shared with another tab. */
export async function openTab(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const tab = new Tab(await context.newPage(), new URL(url).origin);
  await tab.page.goto(url);
  return tab;
}
