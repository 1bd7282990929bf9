import type { Update } from '@grammyjs/types';
import { expect, it } from 'vitest';
import { summarizeUpdate } from './summarize-update.ts';

const from = { id: 7, is_bot: false, first_name: 'Ada' };
const chat = { id: 7, type: 'private', first_name: 'Ada' };
const group = { id: -7, type: 'supergroup', title: 'Team' };
const member = (status: string) => ({ status, user: from });

it.each([
  [{ message: { from, chat, text: 'hello' } }, { type: 'message', from: 'Ada', text: 'hello' }],
  [
    { message: { from, chat: group, text: 'hello' } },
    { type: 'message', from: 'Ada', chat: 'Team', text: 'hello' },
  ],
  [
    { message: { from, chat, location: { latitude: 1, longitude: 2 } } },
    { type: 'message', from: 'Ada', text: '[location, 1, 2]' },
  ],
  [
    {
      callback_query: {
        from,
        data: 'yes',
        message: {
          chat,
          reply_markup: { inline_keyboard: [[{ text: 'Sure', callback_data: 'yes' }]] },
        },
      },
    },
    { type: 'callback_query', from: 'Ada', text: 'presses “Sure”' },
  ],
  [
    { callback_query: { from, data: 'yes' } },
    { type: 'callback_query', from: 'Ada', text: 'presses “yes”' },
  ],
  [
    {
      message_reaction: {
        user: from,
        chat,
        message_id: 3,
        new_reaction: [{ type: 'emoji', emoji: '🔥' }],
      },
    },
    { type: 'message_reaction', from: 'Ada', text: 'reacts with 🔥 to message 3' },
  ],
  [
    {
      my_chat_member: {
        from,
        chat,
        old_chat_member: member('member'),
        new_chat_member: member('kicked'),
      },
    },
    { type: 'my_chat_member', from: 'Ada', text: 'changes the bot from member to kicked' },
  ],
  [
    { poll: { question: 'Tea?', total_voter_count: 1 } },
    { type: 'poll', text: '“Tea?” has 1 vote' },
  ],
  [
    { poll_answer: { user: from, option_ids: [0, 2] } },
    { type: 'poll_answer', from: 'Ada', text: 'votes, with option_ids 0, 2' },
  ],
  [{ chat_boost: { chat: group } }, { type: 'chat_boost', chat: 'Team', text: 'chat boost' }],
  [{ my_chat_member: {} }, { type: 'my_chat_member', text: 'my chat member' }],
  [{}, { type: 'update', text: 'nothing' }],
])('describes %j', (content, summary) => {
  expect(summarizeUpdate({ update_id: 1, ...content } as unknown as Update)).toEqual(summary);
});
