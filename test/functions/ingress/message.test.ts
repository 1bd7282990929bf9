import type { Update } from '@grammyjs/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../functions/ingress/message.ts';
import type { UpdateType } from '../../../infra/settings/update-types.ts';

const chat = { id: -1001234567890, type: 'supergroup', title: 'Group' };
const from = { id: 42, is_bot: false, first_name: 'Ada' };

function message(update: object, text = JSON.stringify(update)) {
  return toMessage({ update: update as Update, text }, '7000000001');
}

const inChat = { chat };
const fromUser = { from };

/**
 * An example of each update type, and its group. The compiler asks for types that Telegram adds: decide then what
 * must stay in order.
 */
const groups: Record<UpdateType, readonly [content: object, subject: 'chat' | 'user' | 'poll']> = {
  message: [{ chat, from }, 'chat'],
  edited_message: [{ chat, from }, 'chat'],
  channel_post: [inChat, 'chat'],
  edited_channel_post: [inChat, 'chat'],
  business_connection: [{ id: 'x', user: from, user_chat_id: 42 }, 'user'],
  business_message: [{ business_connection_id: 'x', chat, from }, 'chat'],
  edited_business_message: [{ business_connection_id: 'x', chat, from }, 'chat'],
  deleted_business_messages: [{ business_connection_id: 'x', chat, message_ids: [1] }, 'chat'],
  guest_message: [{ chat, from }, 'chat'],
  stopped_message_generation: [{ chat, draft_id: 1 }, 'chat'],
  message_reaction: [{ chat, user: from }, 'chat'],
  message_reaction_count: [inChat, 'chat'],
  inline_query: [{ id: 'x', from, query: 'x' }, 'user'],
  chosen_inline_result: [fromUser, 'user'],
  callback_query: [{ id: 'x', from, message: inChat }, 'chat'],
  shipping_query: [{ id: 'x', from }, 'user'],
  pre_checkout_query: [{ id: 'x', from }, 'user'],
  purchased_paid_media: [fromUser, 'user'],
  poll: [{ id: '77' }, 'poll'],
  poll_answer: [{ poll_id: '77', user: from }, 'user'],
  my_chat_member: [{ chat, from }, 'chat'],
  chat_member: [{ chat, from }, 'chat'],
  chat_join_request: [{ chat, from, user_chat_id: 42 }, 'chat'],
  chat_boost: [inChat, 'chat'],
  removed_chat_boost: [inChat, 'chat'],
  managed_bot: [{ user: from, bot: { id: 7 } }, 'user'],
  subscription: [{ user: from, invoice_payload: 'x' }, 'user'],
};

const subjects = { chat: 'chat--1001234567890', user: 'user-42', poll: 'poll-77' };

describe('the message group', () => {
  it.each(Object.entries(groups))(
    'of %s is that of its subject: %j',
    (type, [content, subject]) => {
      const { MessageGroupId } = message({ update_id: 1, [type]: content });
      expect(MessageGroupId).toBe(`7000000001-${subjects[subject]}`);
    },
  );

  it.each(Object.entries(groups))(
    'of %s ignores plain fields beside its content',
    (type, [content, subject]) => {
      const update = { update_id: 1, a_flag: true, a_name: 'x', nothing: null, [type]: content };
      expect(message(update).MessageGroupId).toBe(`7000000001-${subjects[subject]}`);
    },
  );

  it.each<[string, object, string]>([
    [
      'a callback_query without a message',
      { callback_query: { from, inline_message_id: 'x' } },
      'user-42',
    ],
    [
      'a poll_answer of a chat',
      { poll_answer: { voter_chat: chat, poll_id: '1' } },
      'chat--1001234567890',
    ],
    ['a future type in a chat', { a_future_type: { chat, from } }, 'chat--1001234567890'],
    ['a future type of a user', { a_future_type: { user: from } }, 'user-42'],
    ['a future type without either', { a_future_type: {} }, 'update-5'],
    ['an update without content', {}, 'update-5'],
  ])('of %s is known', (_, content, subject) => {
    expect(message({ update_id: 5, ...content }).MessageGroupId).toBe(`7000000001-${subject}`);
  });
});

describe('toMessage', () => {
  it('keeps the exact text that Telegram sent', () => {
    const text = '{"update_id":1, "x":12345678901234567890}';
    expect(message({ update_id: 1 }, text).MessageBody).toBe(text);
  });

  it("distinguishes the update from another bot's with the same id", () => {
    expect(message({ update_id: 9 }).MessageDeduplicationId).toBe('7000000001-9');
  });

  it('escapes every character that SQS refuses, without changing the update', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const update = { update_id: 1, message: { text: `${text}\uFFFE\uFFFF` } };
        const { MessageBody } = message(update);
        expect(JSON.parse(MessageBody)).toEqual(update);
        expect(MessageBody).not.toMatch(/[\uFFFE\uFFFF]/u);
      }),
    );
  });
});
