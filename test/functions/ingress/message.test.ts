import type { Update } from '@grammyjs/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../functions/ingress/message.ts';

const chat = { id: -1001234567890, type: 'supergroup', title: 'Group' };
const from = { id: 42, is_bot: false, first_name: 'Ada' };

function message(update: object, text = JSON.stringify(update)) {
  return toMessage({ update: update as Update, text }, '7000000001');
}

describe('the message group', () => {
  it.each<[string, object]>([
    ['message', { chat, from }],
    ['edited_message', { chat, from }],
    ['channel_post', { chat }],
    ['business_message', { chat, from }],
    ['deleted_business_messages', { chat, message_ids: [1] }],
    ['message_reaction', { chat, user: from }],
    ['message_reaction_count', { chat }],
    ['callback_query', { from, message: { chat } }],
    ['my_chat_member', { chat, from }],
    ['chat_join_request', { chat, from }],
    ['chat_boost', { chat }],
    ['poll_answer', { voter_chat: chat, poll_id: '1' }],
    ['a_future_type', { chat, from }],
  ])('groups a %s by its chat', (type, content) => {
    expect(message({ update_id: 1, [type]: content }).MessageGroupId).toBe(
      '7000000001-chat--1001234567890',
    );
  });

  it.each<[string, object]>([
    ['inline_query', { from, query: 'x' }],
    ['chosen_inline_result', { from }],
    ['callback_query', { from, inline_message_id: 'x' }],
    ['shipping_query', { from }],
    ['pre_checkout_query', { from }],
    ['poll_answer', { user: from, poll_id: '1' }],
    ['business_connection', { user: from, user_chat_id: 42 }],
    ['purchased_paid_media', { from }],
    ['a_future_type', { user: from }],
  ])('groups a %s without a chat by its user', (type, content) => {
    expect(message({ update_id: 1, [type]: content }).MessageGroupId).toBe('7000000001-user-42');
  });

  it('groups a poll by its id, and any other update by itself', () => {
    expect(message({ update_id: 1, poll: { id: '77' } }).MessageGroupId).toBe('7000000001-poll-77');
    expect(message({ update_id: 5, a_future_type: {} }).MessageGroupId).toBe('7000000001-update-5');
    expect(message({ update_id: 6 }).MessageGroupId).toBe('7000000001-update-6');
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
