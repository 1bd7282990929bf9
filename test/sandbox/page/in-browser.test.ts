import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../../browser/bot-page.ts';
import { hasBrowser, launchBrowser, openTab } from '../../browser/browser.ts';
import type { Tab } from '../../browser/tab.ts';
import { YOU } from '../terminal/people.ts';
import type { Call, UpdateEntry } from '../timeline/entries.ts';
import { PageStage } from './fixtures.ts';

const UPDATE = {
  update_id: 5,
  message: {
    ...{ message_id: 1, date: 1, text: 'hello' },
    from: { id: 7, is_bot: false, first_name: 'Ada' },
    chat: { id: 7, type: 'private', first_name: 'Ada' },
  },
} as const;

const CALL: Call = {
  ...{ key: 'call 1', method: 'sendMessage', via: 'token', parameters: {}, at: 1 },
  answer: { ok: true, result: {} },
};

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
    // From now on the page receives every event.
    await page.timeline.waitFor();
  }

  /** Shows an update in the timeline. */
  function show(entry: Partial<UpdateEntry>): void {
    stage.changed.emit({
      ...{ kind: 'update', key: 'update 5', botId: stage.stage.bot.id, at: 1, update: UPDATE },
      ...{ origin: 'person', status: 'handled', deliveries: [], invocations: [], calls: [] },
      ...entry,
    });
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

  it('what is refused stays to be changed', async () => {
    await open();
    answer({ method: 'sendMessage', text: 'Read' });
    await page.say('tpyo');
    await page.reads('Read');
    const { messages } = stage.stage.telegram.chat(stage.stage.bot.id, YOU);
    await page.messages('tpyo').getByRole('button', { name: 'Message actions' }).click();
    await tab.page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.messageBox.fill('typo');
    const [typo] = messages;
    if (!typo) throw new Error('There is no message');
    await stage.act({ do: 'delete', placeId: stage.placeId, messageId: typo.message_id });
    const save = tab.page.getByRole('button', { name: 'Save' });
    await save.click();
    await tab.page.getByRole('alert').getByText('This message was deleted.').waitFor();
    expect(await page.messageBox.inputValue()).toBe('typo');
    expect(await save.isVisible()).toBe(true);
    expect(messages.filter(({ text }) => text === 'typo')).toEqual([]);
  });

  it('the menu of a message stays when another message moves it', async () => {
    await open();
    const chat = stage.stage.telegram.chat(stage.stage.bot.id, YOU);
    for (let line = 1; line <= 30; line++) chat.send(`line ${line}`);
    const last = await page.reads('line 30');
    await last.getByRole('button', { name: 'Message actions' }).click();
    const edit = tab.page.getByRole('button', { name: 'Edit', exact: true });
    await edit.waitFor();
    chat.send('another\n'.repeat(3));
    await page.reads('another');
    await edit.click();
    await page.page.getByRole('button', { name: 'Save' }).waitFor();
    expect(await page.messageBox.inputValue()).toBe('line 30');
  });

  it('a bot without a watch offers none to run', async () => {
    await open({ watched: false });
    await page.show('State');
    await page.state.getByText('No watch is deployed for this bot.').waitFor();
    expect(await page.state.getByRole('button', { name: /watch|diagnose/ }).count()).toBe(0);
  });

  describe('a poll', () => {
    const options = ['Green', 'Black', 'White'].map((text) => ({ text }));
    /** Resolves with the message of a poll that the bot sends. */
    async function ask(poll: object): Promise<Locator> {
      await open();
      answer({ method: 'sendPoll', question: 'Tea?', options, ...poll });
      await page.say('hello');
      return page.reads('Tea?');
    }

    it('shows its results to who has voted, and lets them take it back', async () => {
      const poll = await ask({});
      await poll.getByText('anonymous poll, 0 votes').waitFor();
      await tab.expectAccessible();
      await poll.getByRole('button', { name: 'Black' }).click();
      const mine = poll.getByRole('listitem').filter({ hasText: 'your vote' });
      await mine.getByText('100 %').waitFor();
      expect(await mine.textContent()).toContain('Black');
      await poll.getByText('1 vote', { exact: false }).waitFor();
      await tab.expectAccessible();
      await poll.getByRole('button', { name: 'Take the vote back' }).click();
      await poll.getByRole('button', { name: 'Green' }).waitFor();
    });

    it('takes several answers if it asks for them', async () => {
      const poll = await ask({ allows_multiple_answers: true });
      const vote = poll.getByRole('button', { name: 'Vote', exact: true });
      expect(await vote.isDisabled()).toBe(true);
      for (const name of ['White', 'Green', 'Black']) {
        await poll.getByRole('checkbox', { name }).check();
      }
      await poll.getByRole('checkbox', { name: 'Black' }).uncheck();
      await tab.expectAccessible();
      await vote.click();
      const mine = poll.getByRole('listitem').filter({ hasText: 'your vote' });
      await mine.nth(1).waitFor();
      expect(await mine.allTextContents()).toEqual([
        expect.stringContaining('Green'),
        expect.stringContaining('White'),
      ]);
    });

    it('is final as a quiz, and says what is correct', async () => {
      const poll = await ask({ type: 'quiz', correct_option_ids: [2], explanation: 'Because' });
      await poll.getByText('anonymous quiz').waitFor();
      await poll.getByRole('button', { name: 'Green' }).click();
      await poll.getByText('Because').waitFor();
      const correct = poll.getByRole('listitem').filter({ hasText: 'correct' });
      expect(await correct.textContent()).toMatch(/^0 % *White/);
      expect(await poll.getByRole('button', { name: 'Take the vote back' }).count()).toBe(0);
    });
  });

  describe('a file that is dropped', () => {
    /** Drops a file anywhere. @returns whether the browser would open it in place of the page */
    const drop = (name: string) =>
      tab.page.evaluate(`(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['hello'], ${JSON.stringify(name)}));
        const dropped = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
        return document.body.dispatchEvent(dropped);
      })()`);

    it('is sent after the person has said how, one at a time', async () => {
      await open();
      expect(await drop('first.txt')).toBe(false);
      await page.dialog.getByText('first.txt').waitFor();
      expect(await drop('second.txt')).toBe(false);
      // Twice, as people click who think that nothing happens.
      await page.dialog.getByRole('button', { name: 'Send' }).dblclick();
      await page.reads('first.txt');
      await page.say('done');
      await page.reads('done');
      expect(await page.messages('first.txt').count()).toBe(1);
      expect(await page.messages('second.txt').count()).toBe(0);
    });

    it('opens no dialog that nobody sees', async () => {
      await open();
      await tab.page.setViewportSize({ width: 380, height: 700 });
      await page.show('State');
      expect(await drop('first.txt')).toBe(false);
      await page.show('Chat');
      expect(await page.dialog.count()).toBe(0);
    });

    it('is not a text that is dragged into the message', async () => {
      await open();
      const isOpened = tab.page.evaluate(`document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true }),
      )`);
      expect(await isOpened).toBe(true);
    });
  });

  describe('the timeline', () => {
    const ran = { function: 'Bot/Endpoint/Receiver', memoryMb: 256, durationMs: 1, log: [] };

    it('shows the way of an update in the order of time', async () => {
      await open();
      show({
        deliveries: [
          { at: 1, durationMs: 3, status: 500, problem: 'Wrong response' },
          { at: 6, durationMs: 3, status: 200 },
        ],
        invocations: [
          { ...ran, requestId: 'a', at: 2, calls: [] },
          { ...ran, requestId: 'b', at: 7, calls: [] },
        ],
        calls: [{ ...CALL, at: 10 }],
        queue: { enqueuedAt: 2, attempts: 1 },
      });
      const update = await page.update('hello', 'handled');
      expect(await update.textContent()).toMatch(
        /Delivery.*500.*Queue.*Receiver.*Delivery 2.*200.*Receiver.*sendMessage/s,
      );
    });

    it('shows each line that threw, once', async () => {
      await open();
      const thrown = (requestId: string, at: number, line: number) => ({
        ...{ ...ran, requestId, at, calls: [] },
        error: {
          ...{ type: 'Error', message: `Attempt ${requestId}` },
          source: { file: 'functions/bot.ts', line, lines: [{ number: line, text: 'throw' }] },
        },
      });
      show({ invocations: [thrown('a', 1, 7), thrown('b', 2, 9), thrown('c', 3, 9)] });
      const update = await page.update('hello', 'handled');
      expect(await update.textContent()).toMatch(/Attempt a.*Attempt b.*Attempt c/s);
      expect(await update.getByRole('figure').allTextContents()).toEqual([
        expect.stringContaining('functions/bot.ts:7'),
        expect.stringContaining('functions/bot.ts:9'),
      ]);
    });

    it('keeps the name of a function on its line in a narrow window', async () => {
      await open();
      await tab.page.setViewportSize({ width: 380, height: 700 });
      await page.show('Timeline');
      const invocation = { ...ran, requestId: 'a', at: 2, calls: [] };
      stage.changed.emit({ kind: 'invocation', key: 'i', at: 2, invocation });
      const name = page.timeline.getByText('Bot/Endpoint/Receiver');
      const { height = 0 } = (await name.boundingBox()) ?? {};
      expect(height).toBeGreaterThan(0);
      expect(height).toBeLessThan(30);
    });

    it('shows an update to edit from its beginning', async () => {
      await open();
      show({ update: { ...UPDATE, message: { ...UPDATE.message, text: 'long\n'.repeat(50) } } });
      await page.timeline.getByRole('button', { name: 'Edit and send' }).click();
      const area = page.dialog.getByRole('textbox');
      const seen = await area.evaluate((element) => {
        const { selectionStart, scrollTop } = element as unknown as Record<string, number>;
        return { selectionStart, scrollTop, hasFocus: element.matches(':focus') };
      });
      expect(seen).toEqual({ selectionStart: 0, scrollTop: 0, hasFocus: true });
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
      show({ calls: [CALL] });
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
