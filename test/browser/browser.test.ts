import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hasBrowser, launchBrowser, openTab } from './browser.ts';
import { findChromium } from './find-chromium.ts';

/** Creates an executable file. @returns its path */
function executable(...path: string[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'browsers-')), ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

describe('the search for a browser', () => {
  it('takes CHROMIUM_PATH, and nothing else if that is set', () => {
    const mine = executable('mine');
    const folder = join(executable('chromium'), '..');
    expect(findChromium({ CHROMIUM_PATH: mine, PATH: folder }, 'linux')).toBe(mine);
    expect(findChromium({ CHROMIUM_PATH: `${mine}-not`, PATH: folder }, 'linux')).toBeUndefined();
  });

  it('prefers Chrome to Chromium wherever on the path they are', () => {
    const chrome = executable('google-chrome');
    const chromium = executable('chromium');
    const PATH = [chromium, chrome].map((file) => join(file, '..')).join(delimiter);
    expect(findChromium({ PATH }, 'linux')).toBe(chrome);
  });

  it.skipIf(process.platform === 'win32')("finds a user's own applications on macOS", () => {
    const file = executable('Applications/Chromium.app/Contents/MacOS/Chromium');
    const HOME = file.slice(0, file.indexOf('/Applications'));
    // The machine of this test may have a browser in its own /Applications.
    const found = findChromium({ HOME }, 'darwin');
    expect(found?.startsWith('/Applications') ? file : found).toBe(file);
  });

  it('finds nothing where there is nothing', () => {
    expect(findChromium({}, 'win32')).toBeUndefined();
    expect(findChromium({ PATH: '' }, 'linux')).toBeUndefined();
  });
});

describe.skipIf(!hasBrowser)('a tab', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function open(body: string) {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-security-policy', "script-src 'none'; img-src *");
      response.end(`<!doctype html><html lang="en"><title>Test</title><main>${body}</main>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tab = await openTab(browser, `http://127.0.0.1:${port}/`);
    onTestFinished(async () => {
      await tab.close();
      server.closeAllConnections();
      server.close();
    });
    return tab;
  }

  it('approves of a page without faults', async () => {
    const tab = await open('<h1>Test</h1><a href="/">Again</a>');
    tab.expectQuiet();
    await tab.expectAccessible();
    await tab.expectNoHorizontalScroll();
  });

  it('notices a script that the policy forbids', async () => {
    const tab = await open('<script>1</script>');
    expect(() => tab.expectQuiet()).toThrow(/Content Security Policy/);
  });

  it.each(['https://example.com/pixel', 'http://192.0.2.1/pixel', 'http://127.0.0.1:1/pixel'])(
    'notices a request to %s',
    async (url) => {
      const tab = await open(`<img alt="" src="${url}">`);
      expect(tab.foreignRequests).toEqual([url]);
      expect(() => tab.expectQuiet()).toThrow(url);
    },
  );

  it('notices an error that nothing catches', async () => {
    const tab = await open('<h1>Test</h1>');
    const thrown = tab.page.waitForEvent('pageerror');
    await tab.page.evaluate("setTimeout(() => { throw new Error('Not caught') })");
    await thrown;
    expect(() => tab.expectQuiet()).toThrow('Not caught');
  });

  it('notices what a screen reader cannot name', async () => {
    const tab = await open('<h1>Test</h1><button></button>');
    await expect(tab.expectAccessible()).rejects.toThrow('button-name');
  });

  it('notices what is wider than the window', async () => {
    const tab = await open('<h1 style="width: 2000px">Test</h1>');
    await expect(tab.expectNoHorizontalScroll()).rejects.toThrow('pixels wide');
  });
});
