import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BotPage } from '../../browser/bot-page.ts';
import { hasBrowser, launchBrowser, openTab } from '../../browser/browser.ts';
import type { UpdateEntry } from '../timeline/entries.ts';
import { PageStage } from './fixtures.ts';
import type { PageState } from './protocol.ts';

const UPDATE = {
  update_id: 5,
  message: {
    ...{ message_id: 1, date: 1, text: 'hello' },
    from: { id: 7, is_bot: false, first_name: 'Ada' },
    chat: { id: 7, type: 'private', first_name: 'Ada' },
  },
} as const;

/** What the server refuses in live mode. */
const LOCAL_BUTTONS = [
  'Send again',
  'Edit and send',
  'Copy as curl',
  '429: Too Many Requests',
  'Delete the webhook',
  'Set a foreign webhook',
  'Revoke the token',
  'Store the new token',
];

describe.skipIf(!hasBrowser)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** Opens the page after an update with one call, whose details are shown. */
  async function open(mode: PageState['mode']): Promise<BotPage> {
    const stage = await PageStage.open({ mode });
    const tab = await openTab(browser, stage.server.url);
    onTestFinished(async () => {
      await tab.close();
      await stage.close();
    });
    const page = new BotPage(tab.page);
    await page.show('Timeline');
    const entry: UpdateEntry = {
      ...{ kind: 'update', key: 'update 5', botId: stage.stage.bot.id, at: 1, update: UPDATE },
      ...{ origin: 'person', status: 'handled', deliveries: [], invocations: [] },
      calls: [
        {
          ...{ key: 'call 1', method: 'sendMessage', via: 'token', parameters: {}, at: 1 },
          answer: { ok: true, result: {} },
        },
      ],
    };
    stage.changed.emit(entry);
    await page.toggleCall(await page.update('hello', 'handled'), 'sendMessage');
    await page.show('State');
    await page.state.getByRole('button', { name: 'Only diagnose' }).waitFor();
    return page;
  }

  /** Returns how many buttons of each name there are, in all panes. */
  const buttons = (page: BotPage, names: readonly string[]) =>
    Promise.all(
      names.map((name) =>
        page.page.getByRole('button', { name, exact: true, includeHidden: true }).count(),
      ),
    );

  it('offers in live mode nothing that the server refuses there', async () => {
    const page = await open('live');
    expect(await buttons(page, LOCAL_BUTTONS)).toEqual(LOCAL_BUTTONS.map(() => 0));
    expect(await page.state.textContent()).not.toMatch(/Break it|next calls/);
    expect(await buttons(page, ['JSON', 'Copy as a test', 'Run the watch now'])).toEqual([1, 1, 1]);
  });

  it('offers it all on the local Telegram', async () => {
    expect(await buttons(await open('local'), LOCAL_BUTTONS)).toEqual(LOCAL_BUTTONS.map(() => 1));
  });
});
