import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionStage } from '../fixtures.ts';

let stage: SessionStage;
let received: Update[];

beforeEach(async () => {
  stage = await SessionStage.open();
  received = [];
  await stage.stage.setWebhook({
    allowed_updates: JSON.stringify([
      ...['message', 'my_chat_member', 'inline_query', 'chosen_inline_result'],
      ...['pre_checkout_query', 'callback_query'],
    ]),
  });
});

afterEach(() => stage.close());

/** Lets the bot answer each update with a call. */
function answer(call: (update: Update) => object): void {
  stage.reply((_, { update }) => {
    received.push(update);
    return call(update);
  });
}

it('sends a photo and a file of this machine', async () => {
  answer(() => ({}));
  const path = join(mkdtempSync(join(tmpdir(), 'sent-')), 'notes.txt');
  writeFileSync(path, 'four');
  await stage.type(':photo');
  await stage.type(`:file ${path}`);
  expect(received[0]?.message?.photo).toHaveLength(1);
  expect(received[1]?.message?.document).toMatchObject({ file_name: 'notes.txt', file_size: 4 });
});

it('says so when there is no such file, and goes on', async () => {
  answer(() => ({}));
  await stage.type(':photo no-such-file.jpg');
  expect(stage.news()).toEqual([expect.stringContaining('no-such-file.jpg')]);
  expect(received).toEqual([]);
});

describe('a group', () => {
  beforeEach(() => {
    answer(({ message }) =>
      message?.text
        ? { method: 'sendMessage', chat_id: message.chat.id, text: `to ${message.chat.type}` }
        : {},
    );
  });

  it('gets the bot as a member, and its messages go there', async () => {
    await stage.type(':group Team');
    expect(received[0]?.my_chat_member).toMatchObject({
      chat: { title: 'Team', type: 'supergroup' },
      new_chat_member: { status: 'member' },
    });
    stage.news();
    await stage.type('/hello');
    await stage.type(':private');
    await stage.type('hello');
    expect(stage.news()).toEqual(['@kit_bot: to supergroup', '@kit_bot: to private']);
  });

  it('can be entered with a bot that does not ask to be told', async () => {
    await stage.stage.setWebhook({ allowed_updates: '["message"]' });
    await stage.type(':group Team');
    await stage.type('/hello');
    expect(stage.news()).toContain('@kit_bot: to supergroup');
    expect(received.some((update) => 'my_chat_member' in update)).toBe(false);
    expect(stage.session.problems).toBe(0);
  });

  it('has several people, and shows each message once', async () => {
    await stage.type(':group Team');
    await stage.type(':as Ada');
    stage.news();
    await stage.type('/hello');
    expect(received.at(-1)?.message).toMatchObject({
      from: { first_name: 'Ada' },
      chat: { title: 'Team' },
    });
    expect(stage.news()).toEqual(['@kit_bot: to supergroup']);
  });

  it('is named when the bot writes to it from elsewhere', async () => {
    await stage.type(':group Team');
    const { id } = stage.session.conversation.chat.chat;
    await stage.type(':private');
    answer(() => ({ method: 'sendMessage', chat_id: id, text: 'news' }));
    stage.news();
    await stage.type('hello');
    expect(stage.news()).toEqual(['@kit_bot in Team: news']);
  });
});

it('lists the results of an inline query, and sends one', async () => {
  answer(({ inline_query: query }) =>
    query
      ? {
          method: 'answerInlineQuery',
          inline_query_id: query.id,
          results: [
            {
              type: 'article',
              id: 'a',
              title: 'Tea',
              input_message_content: { message_text: 'tea' },
            },
            {
              type: 'article',
              id: 'b',
              title: 'Milk',
              input_message_content: { message_text: 'milk' },
            },
          ],
        }
      : {},
  );
  await stage.type(':inline drinks');
  await expect.poll(() => stage.printed, { timeout: 60_000 }).toHaveLength(2);
  expect(stage.news()).toEqual(['  :choose 1  Tea', '  :choose 2  Milk']);
  await stage.type(':choose 2');
  expect(
    received.map(
      ({ inline_query, chosen_inline_result }) =>
        inline_query?.query ?? chosen_inline_result?.result_id,
    ),
  ).toContain('b');
});

it('pays an invoice with its button', async () => {
  answer(({ message, pre_checkout_query: query }) =>
    query
      ? { method: 'answerPreCheckoutQuery', pre_checkout_query_id: query.id, ok: true }
      : message?.text
        ? {
            method: 'sendInvoice',
            chat_id: message.chat.id,
            ...{ title: 'Tea', description: 'A cup', payload: 'tea', currency: 'XTR' },
            prices: [{ label: 'Tea', amount: 3 }],
          }
        : {},
  );
  await stage.type('tea');
  const pay = stage.news().find((line) => line.includes(':1'));
  expect(pay).toContain('Pay');
  await stage.type(':1');
  await expect
    .poll(() => received.map(({ message }) => message?.successful_payment?.invoice_payload))
    .toContain('tea');
});
