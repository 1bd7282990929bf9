import { once } from 'node:events';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser, openTab } from '../browser/browser.ts';
import type { Tab } from '../browser/tab.ts';
import { leftIn, spawnStart, temporaryDirectory } from './start-run.ts';

const ADDRESS = /^See your bot: (http:\S+)$/m;

/** `npm start` with a browser. */
export class PageRun {
  /** The page's address, with its token. */
  readonly url: string;
  readonly browser: Browser;
  private readonly directory: string;
  private readonly child: ReturnType<typeof spawnStart>;
  private readonly tabs: Tab[] = [];

  private constructor(
    url: string,
    browser: Browser,
    directory: string,
    child: ReturnType<typeof spawnStart>,
  ) {
    this.url = url;
    this.browser = browser;
    this.directory = directory;
    this.child = child;
  }

  /** @param project is the directory of the kit, or of a copy */
  static async start(args: readonly string[] = [], project?: string): Promise<PageRun> {
    const directory = temporaryDirectory();
    const child = spawnStart(directory, args, project);
    try {
      const [url, browser] = await Promise.all([addressFrom(child), launchBrowser()]);
      return new PageRun(url, browser, directory, child);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Opens the page. `open()` of the browser's other contexts shares nothing with it. */
  async open(options?: BrowserContextOptions): Promise<Tab> {
    const tab = await openTab(this.browser, this.url, options);
    this.tabs.push(tab);
    return tab;
  }

  /** Ends `npm start`, as a script does whose input is over. @returns its exit code, and which files remain */
  async end(): Promise<{ exitCode: number | null; left: readonly string[] }> {
    const exited = this.child.exitCode === null ? once(this.child, 'exit') : undefined;
    this.child.stdin.end();
    await exited;
    return { exitCode: this.child.exitCode, left: leftIn(this.directory) };
  }

  /** Ends everything. @returns as `end` @throws if a tab was not quiet */
  async close(): ReturnType<PageRun['end']> {
    await this.browser.close();
    const ended = await this.end();
    for (const tab of this.tabs) tab.expectQuiet();
    return ended;
  }
}

/** Waits for the page's address. @throws with everything printed if the process ends before */
async function addressFrom(child: ReturnType<typeof spawnStart>): Promise<string> {
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [, url] = ADDRESS.exec(printed) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`No page was opened:\n${printed}`)));
  });
}
