import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import type { Tab } from '../browser/tab.ts';
import { PageRun } from './page-run.ts';

/** Each runs `hostile()` if the page takes it for anything but text. */
const HOSTILE_TEXTS = [
  '<script>hostile()</script>',
  '<img src=x onerror=hostile()>',
  '"><svg/onload=hostile()>',
  `'"--></style></textarea><script>hostile()</script>`,
  '" autofocus onfocus=hostile() x="',
  '<iframe srcdoc="<script>parent.hostile()</script>"></iframe>',
  '<details open ontoggle=hostile()><summary>x',
  'javascript:hostile()',
  'JaVaScRiPt://example.com/%0Ahostile()',
  '[a link](javascript:hostile())',
  '<a href="javascript:hostile()">a link</a>',
  'data:text/html,<script>hostile()</script>',
  '<style>@import "https://example.com/hostile.css";</style>',
  '<base href="https://example.com/"><form action="//example.com">',
  `{{constructor.constructor('hostile()')()}}`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what must not be taken for a template
  '${hostile()}`;hostile();//',
  '&lt;script&gt;hostile()&lt;/script&gt;',
  '__proto__',
  '../../../../hostile.html',
];

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" onload="hostile()"><script>hostile()</script></svg>';
const HTML = '<!doctype html><script>hostile()</script>';

describe.skipIf(!hasBrowser)('hostile content on the page', () => {
  let run: PageRun;
  let tab: Tab;
  let page: BotPage;
  const executed: string[] = [];
  beforeAll(async () => {
    run = await PageRun.start(['-c', 'entry=test/bots/repeats-everywhere.ts']);
    tab = await run.open();
    await tab.page.context().exposeFunction('hostile', () => executed.push('hostile()'));
    tab.page.on('dialog', (dialog) => executed.push(dialog.message()));
    tab.page.on('popup', (popup) => executed.push(popup.url()));
    page = new BotPage(tab.page);
  });
  afterAll(() => run?.close());

  async function expectNothingExecuted(): Promise<void> {
    expect(executed).toEqual([]);
    tab.expectQuiet();
    expect(tab.page.url()).toBe(run.url);
    const elements = await tab.page.evaluate(`({
      scripts: [...document.scripts].map(({ src }) => src),
      foreign: document.querySelectorAll('iframe, object, embed, style, base, form[action]').length,
      handlers: [...document.querySelectorAll('*')].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith('on'))).length,
      schemes: [...new Set([...document.links].map(({ protocol }) => protocol))]
        .filter((scheme) => !['http:', 'https:', 'tg:', 'mailto:', 'tel:'].includes(scheme)),
    })`);
    const scripts = [new URL('main.js', run.url).href];
    expect(elements).toEqual({ scripts, foreign: 0, handlers: 0, schemes: [] });
  }

  it.each(HOSTILE_TEXTS)('stays text: %s', async (text) => {
    await page.say(text);
    const message = page
      .messages(text)
      .filter({ has: page.page.getByRole('button', { name: text }) });
    await message.last().getByRole('button', { name: text, exact: true }).click();
    await page.notice(text.slice(0, 60));
    const update = page.updates(text).last();
    await update.getByText(text.slice(0, 60)).first().waitFor();
    await expectNothingExecuted();
  });

  it.each(['<img src=x onerror=hostile()>', '"><script>hostile()</script>'])(
    'stays text as the name of a person and of a group: %s',
    async (name) => {
      await page.openPerson(name);
      await page.say('hello');
      await page.reads('hello');
      await page.openGroup(name, name);
      await page.say('hello');
      await page.reads('hello');
      await expectNothingExecuted();
    },
  );

  it.each([
    ['<img src=x onerror=hostile()>.svg', 'image/svg+xml', SVG],
    ['"><script>hostile()</script>.html', 'text/html', HTML],
    ['x.xhtml', 'application/xhtml+xml', HTML],
  ])('is saved instead of shown: %s', async (name, mimeType, content) => {
    await page.attach({ name, mimeType, buffer: Buffer.from(content) });
    const link = page.log.getByRole('link', { name }).last();
    const address = new URL((await link.getAttribute('href')) ?? '', run.url).href;
    const opened = await tab.page.context().newPage();
    const [download] = await Promise.all([
      opened.waitForEvent('download'),
      opened.goto(address).catch(() => {}), // The navigation ends as a download.
    ]);
    expect(download.url()).toBe(address);
    await opened.close();
    await expectNothingExecuted();
  });

  it('shows a script with the type of a picture as a broken picture', async () => {
    await page.attach(
      { name: 'x.png', mimeType: 'image/png', buffer: Buffer.from(SVG) },
      'document',
    );
    const link = page.log.getByRole('link', { name: 'x.png' });
    const address = new URL((await link.getAttribute('href')) ?? '', run.url).href;
    const opened = await tab.page.context().newPage();
    const response = await opened.goto(address);
    expect(response?.headers()).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
    });
    await opened.close();
    await expectNothingExecuted();
  });
});
