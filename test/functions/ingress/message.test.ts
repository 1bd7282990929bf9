import type { Update } from '@grammyjs/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../functions/ingress/message.ts';

const chat = { id: -1001234567890, type: 'supergroup', title: 'Group' };
const from = { id: 42, is_bot: false, first_name: 'Ada' };

function message(update: object, text = JSON.stringify(update)) {
  return toMessage({ update: update as Update, text }, '7000000001');
}

describe('the group of an update', () => {
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
    ['a_type_of_tomorrow', { chat, from }],
  ])('is the chat of a %s', (type, content) => {
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
    ['a_type_of_tomorrow', { user: from }],
  ])('is the user of a %s without a chat', (type, content) => {
    expect(message({ update_id: 1, [type]: content }).MessageGroupId).toBe('7000000001-user-42');
  });

  it('is the poll of a poll, and else the update alone', () => {
    expect(message({ update_id: 1, poll: { id: '77' } }).MessageGroupId).toBe('7000000001-poll-77');
    expect(message({ update_id: 5, a_type_of_tomorrow: {} }).MessageGroupId).toBe(
      '7000000001-update-5',
    );
    expect(message({ update_id: 6 }).MessageGroupId).toBe('7000000001-update-6');
  });
});

describe('the message of an update', () => {
  it('is what Telegram sent, to the letter', () => {
    const text = '{"update_id":1, "x":12345678901234567890}';
    expect(message({ update_id: 1 }, text).MessageBody).toBe(text);
  });

  it("is told from another bot's of the same number", () => {
    expect(message({ update_id: 9 }).MessageDeduplicationId).toBe('7000000001-9');
  });

  it('means the same to JSON, and holds nothing that SQS refuses, whatever was written', () => {
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
