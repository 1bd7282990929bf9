import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import { PATIENCE_MS } from '../browser/tab.ts';
import { PageRun } from './page-run.ts';

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe.skipIf(!hasBrowser)('a chat on the page', () => {
  let run: PageRun;
  let page: BotPage;
  beforeAll(async () => {
    run = await PageRun.start(['-c', 'entry=test/bots/shows-everything.ts']);
    page = new BotPage((await run.open()).page);
  });
  afterAll(async () => {
    expect(await run?.close()).toEqual({ exitCode: 0, left: [] });
  });

  it('sends what is typed, and shows the answer', async () => {
    await page.say('hello');
    await page.reads('You said: hello');
  });

  it('shows formatting, and leads out of the page only by links that say so', async () => {
    await page.say('/format');
    const message = await page.reads('bold');
    expect(await message.locator('strong, b').textContent()).toBe('bold');
    expect(await message.locator('em, i').textContent()).toBe('italic');
    expect(await message.locator('u').textContent()).toBe('underlined');
    expect(await message.locator('s, del').textContent()).toBe('struck');
    expect(await message.locator('blockquote').textContent()).toBe('quoted');
    expect(await message.locator('pre').textContent()).toContain('const one = 1;');
    const link = message.getByRole('link', { name: 'a link' });
    expect(await link.getAttribute('href')).toBe('https://example.com/');
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  it('offers the commands of the bot', async () => {
    await page.say('/start');
    await page.reads('Hello, You!');
    await page.page.getByRole('button', { name: 'Commands', exact: true }).click();
    await page.page.getByRole('button', { name: 'Counts with a button' }).click();
    await page.reads('Counted to 0');
  });

  it('presses an inline button, whose message changes in place', async () => {
    const message = await page.reads('Counted to 0');
    await message.getByRole('button', { name: 'Count' }).click();
    await page.reads('Counted to 1');
    await page.notice('Counted');
    expect(await page.messages('Counted to 0').count()).toBe(0);
    await (await page.reads('Counted to 1')).getByRole('button', { name: 'Count' }).click();
    await page.reads('Counted to 2');
    expect(await page.messages('Counted to').count()).toBe(1);
  });

  it("presses a button of the bot's keyboard", async () => {
    await page.say('/keyboard');
    await page.keyboard.getByRole('button', { name: 'Tea' }).click();
    await page.reads('You said: Tea');
  });

  it('uploads a photo, and shows it', async () => {
    await page.attach({ name: 'dot.png', mimeType: 'image/png', buffer: PNG });
    await page.reads(`A photo of ${PNG.length} bytes`);
    const image = page.log.getByRole('img').last();
    expect(await image.getAttribute('alt')).toBeTruthy();
    await expect
      .poll(() => image.evaluate(({ naturalWidth }) => naturalWidth), { timeout: PATIENCE_MS })
      .toBe(1);
  });

  it('uploads a document, which can be downloaded again', async () => {
    const content = 'one\ntwo\n';
    const buffer = Buffer.from(content);
    await page.attach({ name: 'lines.txt', mimeType: 'text/plain', buffer });
    await page.reads(`lines.txt has ${content.length} bytes`);
    const link = page.log.getByRole('link', { name: 'lines.txt' });
    const [download] = await Promise.all([page.page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe('lines.txt');
  });

  it("edits a person's own message", async () => {
    await page.say('tpyo');
    await page.edit(/^tpyo/, 'typo');
    await page.reads('You changed it to: typo');
    expect(await page.messages(/^tpyo/).count()).toBe(0);
  });

  it('lets a second person talk to the bot, in a chat of her own', async () => {
    await page.openPerson('Ada');
    expect(await page.messages('typo').count()).toBe(0);
    await page.say('/start');
    await page.reads('Hello, Ada!');
    await page.goTo('You');
    await page.reads('You changed it to: typo');
    expect(await page.messages('Hello, Ada!').count()).toBe(0);
  });

  it('has groups, in which both people read each other', async () => {
    await page.openGroup('Tea party', 'You');
    await page.say('/count');
    await page.reads('Counted to 0');
    await page.openGroup('Tea party', 'Ada');
    await page.reads('Counted to 0');
    await page.say('hello everybody');
    await page.say('/start');
    await page.reads('Hello, Ada!');
    await page.goTo('Tea party (as You)');
    await page.reads('Hello, Ada!');
    // In a group, a bot reads only commands.
    await (await page.reads('hello everybody')).getByText('Ada').waitFor();
  });
});
