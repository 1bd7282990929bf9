import type { Poll, PreCheckoutQuery, ShippingQuery } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { DeliveryStage, messageIn } from './fixtures.ts';
import { Parameters } from './parameters.ts';
import type { NewUpdate } from './update-types.ts';

let stage: DeliveryStage;
beforeEach(async () => {
  stage = await DeliveryStage.open();
});
afterEach(() => stage.close());

const ada = { id: 1, is_bot: false, first_name: 'Ada' };
const pressed: NewUpdate = {
  callback_query: { id: '1', from: ada, chat_instance: '1', data: 'x' },
};
const inlineQuery: NewUpdate = { inline_query: { id: '1', from: ada, query: 'x', offset: '' } };

describe('queues', () => {
  it('delivers one update at a time per queue, which messages and edits of a chat share', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'first'));
    const { message } = messageIn(1, 'second');
    if (!message) throw new Error('no message');
    stage.deliver({ edited_message: { ...message, edit_date: 1 } });
    const first = await stage.network.next();
    expect(await stage.network.nothingMore()).toBe(true);
    first.answer(200);
    expect((await stage.network.next()).update.edited_message?.text).toBe('second');
  });

  it('delivers in parallel for different chats, and for a chat and its person', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(2, 'b'));
    stage.deliver(pressed);
    stage.deliver(inlineQuery);
    for (let i = 0; i < 4; i++) await stage.network.next();
  });

  it('delivers callback queries of one person one at a time', async () => {
    await stage.setWebhook();
    stage.deliver(pressed);
    stage.deliver(pressed);
    await stage.network.next();
    expect(await stage.network.nothingMore()).toBe(true);
  });

  it('delivers updates about one poll one at a time', async () => {
    await stage.setWebhook();
    stage.deliver({ poll: { id: '9' } as Poll });
    stage.deliver({
      poll_answer: { poll_id: '9', user: ada, option_ids: [], option_persistent_ids: [] },
    });
    stage.deliver({ poll: { id: '10' } as Poll });
    await stage.network.next();
    expect((await stage.network.next()).update.poll?.id).toBe('10');
    expect(await stage.network.nothingMore()).toBe(true);
  });

  it('shares max_connections between all queues', async () => {
    await stage.setWebhook({ max_connections: '2' });
    for (let chat = 1; chat <= 3; chat++) stage.deliver(messageIn(chat, 'a'));
    const first = await stage.network.next();
    await stage.network.next();
    expect(await stage.network.nothingMore()).toBe(true);
    first.answer(200);
    expect((await stage.network.next()).update.message?.chat.id).toBe(3);
  });

  it('keeps delivering from other queues while one fails', async () => {
    await stage.setWebhook({ max_connections: '1' });
    stage.deliver(messageIn(1, 'poison'));
    stage.deliver(messageIn(1, 'behind'));
    stage.deliver(messageIn(2, 'other'));
    (await stage.network.next()).answer(500);
    (await stage.network.next()).answer(200);
    (await stage.network.next()).answer(500);
    await settle();
    expect(stage.pending()).toBe(2);
    expect(await stage.network.nothingMore()).toBe(true);
  });
});

describe('queues that wait for a retry', () => {
  it('causes no leak warning from Node, however many queues there are', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.name);
    process.on('warning', onWarning);
    stage.network.automatic = (arrival) => arrival.answer(500);
    await stage.setWebhook();
    for (let chat = 1; chat <= 30; chat++) stage.deliver(messageIn(chat, 'a'));
    await settle();
    expect(stage.clock.sleeping).toBe(30);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('a retry', () => {
  async function expectRetryAfter(seconds: number) {
    await settle();
    if (seconds > 0) {
      await stage.clock.advance(seconds * 1000 - 1);
      expect(await stage.network.nothingMore()).toBe(true);
      await stage.clock.advance(1);
    }
    return stage.network.next();
  }

  it('comes after 0, 2, 4, 8, 16, 32 and 64 s, and then after 60 to 120 s each time', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    let arrival = await stage.network.next();
    for (const seconds of [0, 2, 4, 8, 16, 32, 64, 90, 90, 90]) {
      arrival.answer(500);
      arrival = await expectRetryAfter(seconds);
    }
  });

  it('follows Retry-After once, and then its schedule again', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(429, { headers: { 'retry-after': '7' } });
    (await expectRetryAfter(7)).answer(500);
    (await expectRetryAfter(2)).answer(500);
    await expectRetryAfter(4);
  });

  it('waits at most an hour', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(503, { headers: { 'retry-after': '99999' } });
    await expectRetryAfter(3600);
  });

  it('restarts its schedule with the next update', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    (await stage.network.next()).answer(500);
    (await stage.network.next()).answer(500);
    (await expectRetryAfter(2)).answer(200);
    (await stage.network.next()).answer(500);
    expect((await expectRetryAfter(0)).update.message?.text).toBe('b');
  });
});

describe('an update', () => {
  it.each([
    ['a message', messageIn(1, 'a'), 24 * 3600],
    ['a callback query', pressed, 150],
    ['a shipping query', { shipping_query: { from: ada } as ShippingQuery }, 150],
    ['a pre-checkout query', { pre_checkout_query: { from: ada } as PreCheckoutQuery }, 150],
    ['an inline query', inlineQuery, 30],
    [
      'a chosen inline result',
      { chosen_inline_result: { result_id: '1', from: ada, query: '' } } as NewUpdate,
      600,
    ],
  ])('expires after the lifetime of %s', async (_, update, seconds) => {
    stage.deliver(update);
    await stage.clock.advance(seconds * 1000);
    expect(stage.pending()).toBe(1);
    await stage.clock.advance(1);
    expect(stage.pending()).toBe(0);
  });

  it('is dropped when its next attempt would come too late', async () => {
    await stage.setWebhook();
    stage.deliver(inlineQuery);
    for (const seconds of [0, 2, 4, 8, 16]) {
      (await stage.network.next()).answer(500);
      await settle();
      await stage.clock.advance(seconds * 1000);
    }
    expect(stage.pending()).toBe(1);
    (await stage.network.next()).answer(500);
    await settle();
    expect(stage.pending()).toBe(0);
  });

  it('is never delivered when it has expired behind another', async () => {
    await stage.setWebhook();
    stage.deliver(inlineQuery);
    stage.deliver(inlineQuery);
    const first = await stage.network.next();
    await stage.clock.advance(30_001);
    first.answer(200);
    expect(await stage.network.nothingMore()).toBe(true);
    expect(stage.pending()).toBe(0);
  });

  it('waits for a webhook, and is then delivered in order', async () => {
    stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    await stage.setWebhook();
    const first = await stage.network.next();
    first.answer(200);
    const second = await stage.network.next();
    expect([first.update.message?.text, second.update.message?.text]).toEqual(['a', 'b']);
    expect(second.update.update_id).toBe(first.update.update_id + 1);
  });

  it('is delivered again when its webhook is replaced while it is in flight', async () => {
    await stage.setWebhook();
    const id = stage.deliver(messageIn(1, 'a'));
    const old = await stage.network.next();
    await stage.setWebhook({ secret_token: 'new' });
    expect(old.options.signal.aborted).toBe(true);
    const again = await stage.network.next();
    expect(again.update.update_id).toBe(id);
    expect(again.options.headers['X-Telegram-Bot-Api-Secret-Token']).toBe('new');
  });

  it('stays pending when the webhook is removed', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    await stage.network.next();
    stage.bot.webhook.remove(new Parameters(new Map()));
    await settle();
    expect(stage.pending()).toBe(1);
    expect(stage.clock.sleeping).toBe(0);
  });
});

describe('many updates', () => {
  it('are delivered one by one and in order in each of many chats, although some fail', async () => {
    const chats = 500;
    const each = 10;
    const seen = new Map<number, number[]>();
    let failures = 0;
    stage.network.automatic = ({ update, answer }) => {
      const id = update.message?.chat.id ?? 0;
      if (update.update_id % 7 === 0 && failures++ % 2 === 0) return answer(500);
      seen.set(id, [...(seen.get(id) ?? []), Number(update.message?.text)]);
      answer(200);
    };
    await stage.setWebhook({ max_connections: '100' });
    for (let i = 0; i < each; i++) {
      for (let id = 1; id <= chats; id++) stage.deliver(messageIn(id, String(i)));
    }
    while (stage.pending() > 0) {
      await settle();
      await stage.clock.advance(2000);
    }
    const inOrder = Array.from({ length: each }, (_, i) => i);
    expect(seen.size).toBe(chats);
    for (const texts of seen.values()) expect(texts).toEqual(inOrder);
    expect(failures).toBeGreaterThan(0);
  });
});
