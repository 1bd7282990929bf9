import type { Message } from '@grammyjs/types';
import { describe, expect, it } from 'vitest';
import { describeMessage } from './describe-message.ts';
import { describeUpdate } from './describe-update.ts';

const message = (content: object) => ({ message_id: 1, date: 0, ...content }) as Message;
const file = { file_id: 'f', file_unique_id: 'u' };
const ada = { id: 1, is_bot: false, first_name: 'Ada' };

describe('a message is described in one readable line', () => {
  it.each<[string, object, string]>([
    ['text', { text: 'two\nlines' }, 'two\nlines'],
    [
      'a photo with a caption',
      {
        caption: 'Sea',
        photo: [
          { ...file, width: 90, height: 60 },
          { ...file, width: 800, height: 600 },
        ],
      },
      '[photo, 800×600] Sea',
    ],
    [
      'a document',
      { document: { ...file, file_name: 'a.pdf', file_size: 12_345 } },
      '[document “a.pdf”, 12 kB]',
    ],
    [
      'an animation, although it is a document too',
      { animation: { ...file, duration: 3 }, document: { ...file, file_name: 'a.mp4' } },
      '[animation, 3 s]',
    ],
    [
      'one photo of an album',
      { media_group_id: '7', photo: [{ ...file, width: 8, height: 6 }] },
      '[photo, 8×6, album]',
    ],
    ['a location', { location: { latitude: 48.2, longitude: 16.4 } }, '[location, 48.2, 16.4]'],
    [
      'a venue, although it is a location too',
      { venue: { title: 'Café', address: 'Ring 1' }, location: { latitude: 1, longitude: 2 } },
      '[venue “Café”, Ring 1]',
    ],
    [
      'a contact',
      { contact: { phone_number: '+1', first_name: 'Ada', last_name: 'L' } },
      '[contact “Ada L”, +1]',
    ],
    [
      'a quiz',
      {
        poll: {
          type: 'quiz',
          question: '2 + 2?',
          options: [{ text: '4' }, { text: '5' }],
          correct_option_ids: [0],
        },
      },
      '[quiz “2 + 2?”, 4 ✓ / 5]',
    ],
    ['a dice', { dice: { emoji: '🎲', value: 6 } }, '[dice “🎲”, shows 6]'],
    [
      'a sticker',
      { sticker: { ...file, emoji: '👍', set_name: 'Hands' } },
      '[sticker “👍”, Hands]',
    ],
    [
      'an invoice',
      { invoice: { title: 'Tea', currency: 'EUR', total_amount: 250 } },
      '[invoice “Tea”, 250 of the smallest unit of EUR]',
    ],
    [
      'a service message',
      { new_chat_members: [ada, { ...ada, username: 'bob' }] },
      '[Ada, @bob joined]',
    ],
    [
      'a kind that it does not know',
      { proximity_alert_triggered: {} },
      '[proximity alert triggered]',
    ],
    ['nothing', {}, '[empty message]'],
  ])('%s', (_what, content, described) => {
    expect(describeMessage(message(content))).toBe(described);
  });
});

describe('an update is named by what the person did', () => {
  const keyboard = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] };
  it.each<[object, string]>([
    [{ message: message({ text: 'hello' }) }, '“hello”'],
    [{ message: message({ text: 'one\ntwo' }) }, '“one…”'],
    [{ message: message({ text: 'x'.repeat(50) }) }, `“${'x'.repeat(39)}…”`],
    [{ edited_message: message({ text: 'hi' }) }, 'the edit “hi”'],
    [
      { callback_query: { data: 'y', message: message({ reply_markup: keyboard }) } },
      'the button “Yes”',
    ],
    [{ callback_query: { data: 'gone' } }, 'the button “gone”'],
    [{ message_reaction: {} }, 'the message reaction 5'],
  ])('%j', (update, named) => {
    expect(describeUpdate({ update_id: 5, ...update } as never)).toBe(named);
  });
});
