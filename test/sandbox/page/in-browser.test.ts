import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../../browser/bot-page.ts';
import { hasBrowser, launchBrowser, openTab } from '../../browser/browser.ts';
import type { Tab } from '../../browser/tab.ts';
import type { UpdateEntry } from '../timeline/entries.ts';
import { PageStage } from './fixtures.ts';

const UPDATE = {
  update_id: 5,
  message: {
    ...{ message_id: 1, date: 1, text: 'hello' },
    from: { id: 7, is_bot: false, first_name: 'Ada' },
    chat: { id: 7, type: 'private', first_name: 'Ada' },
  },
} as const;

let browser: Browser;
let stage: PageStage;
let tab: Tab;
let page: BotPage;

describe.skipIf(!hasBrowser)('in a browser,', () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await tab.close();
    await stage.close();
    tab.expectQuiet();
  });

  async function open(options: Parameters<typeof PageStage.open>[0] = {}): Promise<void> {
    stage = await PageStage.open(options);
    tab = await openTab(browser, stage.server.url);
    page = new BotPage(tab.page);
  }

  /** Lets the bot answer a message, and a pressed button. */
  function answer(message: object, press: object = {}): void {
    stage.reply(({ update }) => {
      const { callback_query: query } = update;
      if (query) return { method: 'answerCallbackQuery', callback_query_id: query.id, ...press };
      return update.message ? { chat_id: update.message.chat.id, ...message } : {};
    });
  }

  describe('an alert', () => {
    const button = { text: 'Order', callback_data: 'order' };
    const message = {
      ...{ method: 'sendMessage', text: 'Tea?' },
      reply_markup: { inline_keyboard: [[button]] },
    };
    const alert = () => tab.page.getByRole('alertdialog', { name: 'Kit', exact: true });

    it.each([
      ['Enter', 'Escape'],
      ['Escape', 'Enter'],
    ])(
      'stays until the person closes it, and then the next one is shown: %s, %s',
      async (...keys) => {
        await open();
        answer(message, { text: 'No milk <b>today</b>', show_alert: true });
        await page.say('hello');
        const order = (await page.reads('Tea?')).getByRole('button', { name: 'Order' });
        await order.click();
        await alert().getByText('No milk <b>today</b>').waitFor();
        expect(await page.notices.getByText('No milk').count()).toBe(0);
        await tab.expectAccessible();
        stage.page.alert('Nor sugar', stage.placeId);
        stage.page.notice('This comes after it');
        await page.notice('This comes after it');
        await alert().getByText('No milk').waitFor();
        const [first = '', second = ''] = keys;
        await tab.page.keyboard.press(first);
        await alert().getByText('Nor sugar').waitFor();
        await tab.page.keyboard.press(second);
        await alert().waitFor({ state: 'detached' });
        expect(await order.evaluate((element) => element.matches(':focus'))).toBe(true);
      },
    );

    it('is none without show_alert', async () => {
      await open();
      answer(message, { text: 'With milk' });
      await page.say('hello');
      await (await page.reads('Tea?')).getByRole('button', { name: 'Order' }).click();
      await page.notice('With milk');
      expect(await alert().count()).toBe(0);
    });
  });

  describe('live mode', () => {
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

    /** Shows an update with one call, and its details. */
    async function showCall(): Promise<void> {
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
    }

    /** Returns how many buttons of each name there are, in all panes. */
    const buttons = (names: readonly string[]) =>
      Promise.all(
        names.map((name) =>
          tab.page.getByRole('button', { name, exact: true, includeHidden: true }).count(),
        ),
      );

    it('offers nothing that the server refuses there', async () => {
      await open({ mode: 'live' });
      await showCall();
      expect(await buttons(LOCAL_BUTTONS)).toEqual(LOCAL_BUTTONS.map(() => 0));
      expect(await page.state.textContent()).not.toMatch(/Break it|next calls/);
      expect(await buttons(['JSON', 'Copy as a test', 'Run the watch now'])).toEqual([1, 1, 1]);
    });

    it('is what keeps the page from offering it', async () => {
      await open();
      await showCall();
      expect(await buttons(LOCAL_BUTTONS)).toEqual(LOCAL_BUTTONS.map(() => 1));
    });
  });
});
