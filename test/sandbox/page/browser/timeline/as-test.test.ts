import type { Update } from '@grammyjs/types';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { Call, UpdateEntry } from '../../../timeline/entries.ts';
import { asTest } from './as-test.ts';

const from = { id: 1001, is_bot: false, first_name: 'You', language_code: 'en' };
const chat = { id: 1001, type: 'private', first_name: 'You' };
const group = { id: -5, type: 'supergroup', title: 'Team' };
const keyboard = { inline_keyboard: [[{ text: 'Press me', callback_data: 'x' }]] };
const botMessage = { message_id: 2, chat, from: { is_bot: true }, reply_markup: keyboard };

let updates = 0;
function entryOf(content: object, calls: readonly Partial<Call>[] = [], change = {}): UpdateEntry {
  const update_id = ++updates;
  return {
    kind: 'update',
    key: `u${update_id}`,
    botId: 1,
    at: update_id,
    update: { update_id, ...content } as Update,
    origin: 'person',
    status: 'handled',
    deliveries: [],
    invocations: [],
    calls: calls.map((call, index) => ({
      key: `c${update_id}-${index}`,
      at: index,
      method: 'sendMessage',
      via: 'token',
      parameters: {},
      answer: { ok: true, result: true },
      ...call,
    })),
    ...change,
  };
}

const message = (fields: object) => ({
  message: { message_id: 1, date: 0, from, chat, ...fields },
});
const start = entryOf(message({ text: '/start' }), [
  {
    parameters: { chat_id: 1001, text: 'Hello', reply_markup: keyboard },
    answer: { ok: true, result: { message_id: 2, chat, text: 'Hello', reply_markup: keyboard } },
  },
]);

/** Returns the code, once a TypeScript parser has accepted it. */
function codeFor(
  entry: UpdateEntry,
  entries: readonly UpdateEntry[] = [start, entry],
  queued = false,
) {
  const test = asTest(entry, entries, { isQueued: queued });
  if (!test.ok) throw new Error(test.reason);
  transformSync(test.code, { loader: 'ts' });
  return test.code;
}

function reasonFor(entry: UpdateEntry, entries: readonly UpdateEntry[] = [start, entry]) {
  const test = asTest(entry, entries, { isQueued: false });
  return test.ok ? undefined : test.reason;
}

describe('the test of an update', () => {
  it('says what the person said, and expects the calls', () => {
    expect(codeFor(start)).toBe(`import { expect, it } from 'vitest';
import { chatWith } from './chat/chat-with.ts';

it('answers /start', async () => {
  const chat = await chatWith(() => import('../functions/bot.ts'), {
    person: { firstName: 'You' },
  });
  try {
    const messages = await chat.say('/start');
    expect(messages).toMatchObject([
      {
        text: 'Hello',
        reply_markup: { inline_keyboard: [[{ text: 'Press me', callback_data: 'x' }]] },
      },
    ]);
    expect(chat.calls()).toMatchObject([{ method: 'sendMessage', answer: { ok: true } }]);
  } finally {
    chat.close();
  }
});
`);
  });

  it('has the delivery and the person of the chat', () => {
    const ada = { ...from, first_name: 'Ada', username: 'ada', language_code: 'de' };
    const code = codeFor(entryOf(message({ text: 'hi', from: ada })), undefined, true);
    expect(code).toContain(`delivery: 'queued',`);
    expect(code).toContain(`person: { firstName: 'Ada', username: 'ada', languageCode: 'de' },`);
  });

  it('begins with what led to the message of a pressed button', () => {
    const press = entryOf({ callback_query: { id: '1', from, data: 'x', message: botMessage } }, [
      { method: 'answerCallbackQuery', parameters: { callback_query_id: '1', text: 'Ow' } },
      {
        method: 'editMessageText',
        answer: { ok: true, result: { message_id: 2, chat, text: 'Pressed' } },
      },
    ]);
    const code = codeFor(press);
    expect(code).toContain(`
    await chat.say('/start');
    const { answer, messages } = await chat.press('Press me');
    expect(answer).toMatchObject({ text: 'Ow' });
    expect(messages).toMatchObject([]);
    expect(chat.person.messages).toContainEqual(expect.objectContaining({ text: 'Pressed' }));
`);
    expect(reasonFor(press, [press])).toMatch(/refers to a message/);
  });

  it('replies and reacts to the latest message of the bot', () => {
    const reply = entryOf(message({ text: 'me too', reply_to_message: botMessage }));
    expect(codeFor(reply)).toContain(`person.reply(latest, 'me too')`);
    const reaction = entryOf({
      message_reaction: {
        chat,
        user: from,
        message_id: 2,
        new_reaction: [{ type: 'emoji', emoji: '🔥' }],
      },
    });
    expect(codeFor(reaction)).toContain(`person.react(latest, '🔥')`);
  });

  it.each([
    [{ photo: [], caption: 'look' }, `person.sendPhoto({ caption: 'look' })`],
    [
      { document: { file_name: 'a.pdf', mime_type: 'application/pdf' } },
      `person.sendFile('document', { fileName: 'a.pdf', mimeType: 'application/pdf' })`,
    ],
    [{ sticker: { emoji: '🔥' } }, `person.sendSticker({ emoji: '🔥' })`],
    [{ location: { latitude: 1.5, longitude: -2 } }, 'person.sendLocation(1.5, -2)'],
    [
      { contact: { phone_number: '+1', first_name: 'You' } },
      `person.sendContact({ phoneNumber: '+1', firstName: 'You' })`,
    ],
    [{ web_app_data: { data: 'd', button_text: 'b' } }, `person.sendWebAppData('d', 'b')`],
    [{ dice: { emoji: '🎲', value: 3 } }, `person.sendAny({ dice: { emoji: '🎲', value: 3 } })`],
  ])('sends %j', (fields, action) => {
    expect(codeFor(entryOf(message(fields)))).toContain(`await chat.does((person) => ${action});`);
  });

  it('blocks and unblocks the bot', () => {
    const changed = (status: string) =>
      entryOf({ my_chat_member: { chat, from, new_chat_member: { status } } });
    expect(codeFor(changed('kicked'))).toContain('person.block()');
    expect(codeFor(changed('member'))).toMatch(/person\.block\(\)\);\n.*person\.unblock\(\)/);
  });

  it('expects a refused call as one, and no message to another chat', () => {
    const code = codeFor(
      entryOf(message({ text: 'hi' }), [
        { answer: { ok: false, error_code: 403, description: 'Forbidden' } },
        { answer: { ok: true, result: { message_id: 9, chat: group, text: 'news' } } },
      ]),
    );
    expect(code).toContain('expect(messages).toMatchObject([]);');
    expect(code).toContain('answer: { ok: false, error_code: 403 }');
  });

  it('of an update that failed, names the error and expects nothing yet', () => {
    const error = { type: 'TypeError', message: 'x is\nundefined' };
    const invocations = [
      { requestId: 'r', function: 'Bot', at: 0, memoryMb: 1, log: [], calls: [], error },
    ];
    const code = codeFor(entryOf(message({ text: 'hi' }), [], { status: 'failing', invocations }));
    expect(code).toContain('// The bot has failed: TypeError: x is undefined\n');
  });

  it('keeps hostile texts in their strings', () => {
    const text = `'); process.exit(); ('"\n\u2028\`\${x}\` */ // </script>`;
    const code = codeFor(entryOf(message({ text })));
    const lines = code.split('\n').filter((line) => line.includes('process.exit'));
    expect(
      lines.every((line) =>
        /^\s*(it|const messages = await chat\.say)\('.*'(, async.*|\);)$/.test(line),
      ),
    ).toBe(true);
    expect(lines).toHaveLength(2);
  });

  it('opens a group, in which the bot reads what is not meant for it as an administrator only', () => {
    const command = [{ type: 'bot_command', offset: 0, length: 16 }];
    const start = message({ chat: group, text: '/start@kit_bot 1', entities: command });
    const code = codeFor(entryOf(start));
    expect(code).toContain("    group: { title: 'Team' },\n");
    expect(code).toContain("await chat.say('/start 1');");
    expect(codeFor(entryOf(message({ chat: group, text: 'hi' })))).toContain(
      "    group: { title: 'Team', bot: 'administrator' },\n",
    );
    const basic = entryOf(message({ chat: { ...group, type: 'group' }, text: 'hi' }));
    expect(codeFor(basic)).toContain("type: 'group'");
  });

  it('does not take the message of another chat for the one that an update refers to', () => {
    const elsewhere = { ...botMessage, chat: group };
    const press = entryOf({ callback_query: { id: '1', from, data: 'x', message: elsewhere } });
    expect(reasonFor(press)).toMatch(/refers to a message/);
  });

  it('edits what the person has sent, again too', () => {
    const sent = entryOf(message({ text: 'one' }));
    const [twice, thrice] = ['two', 'three'].map((text) =>
      entryOf({ edited_message: { ...message({ text }).message, edit_date: 1 } }),
    ) as [UpdateEntry, UpdateEntry];
    expect(codeFor(thrice, [start, sent, twice, thrice])).toContain(`
    await chat.say('one');
    await chat.edit('two');
    const messages = await chat.edit('three');
`);
    expect(reasonFor(thrice, [thrice])).toMatch(/refers to a message/);
  });

  it.each([
    [{ channel_post: { chat: { ...group, type: 'channel' }, text: 'hi' } }, /copy it as curl/],
    [message({ chat: group, text: 'hi', is_topic_message: true }), /no topics/],
    [{ my_chat_member: { chat: group, from, new_chat_member: {} } }, /copy it as curl/],
    [{ poll_answer: { user: from, poll_id: '9', option_ids: [] } }, /refers to a message/],
    [{ message_reaction: { chat, user: from } }, /lacks what Telegram/],
    [{ callback_query: { from, data: 'gone', message: botMessage } }, /no longer below/],
  ])('says why there is none: %j', (content, reason) => {
    expect(reasonFor(entryOf(content))).toMatch(reason);
  });
});
