import { describe, expect, it } from 'vitest';
import { parseMarkup, readMarkup } from './markup.ts';
import { Parameters } from './parameters.ts';

const read = (json: string) => readMarkup(new Parameters(new Map([['reply_markup', json]])));
const inline = (...buttons: unknown[]) => ({ inline_keyboard: [buttons] });
const reply = (...buttons: unknown[]) => ({ keyboard: [buttons] });
const button = (fields: object) => ({ text: 'a', ...fields });

describe('a reply markup', () => {
  it.each([
    ['a missing one', ''],
    ['an empty object', '{}'],
    ['a keyboard without rows', '{"keyboard":[]}'],
  ])('is none for %s', (_, json) => {
    expect(read(json)).toBeUndefined();
  });

  it.each([
    [inline(button({ url: 'Example.com' })), inline(button({ url: 'http://example.com/' }))],
    [inline(button({ url: 'tg://user?id=42' })), inline(button({ url: 'tg://user?id=42' }))],
    [inline(button({ callback_data: 'x' })), inline(button({ callback_data: 'x' }))],
    [inline(button({ callback_data: 7 })), inline(button({ callback_data: '7' }))],
    [
      inline(button({ callback_data: 'é'.repeat(32) })),
      inline(button({ callback_data: 'é'.repeat(32) })),
    ],
    [inline(button({ callback_game: {} })), inline(button({ callback_game: {} }))],
    [inline(button({ switch_inline_query: '' })), inline(button({ switch_inline_query: '' }))],
    [
      inline(button({ switch_inline_query_current_chat: 'x' })),
      inline(button({ switch_inline_query_current_chat: 'x' })),
    ],
    [
      inline(button({ switch_inline_query_chosen_chat: { allow_user_chats: true } })),
      inline(
        button({
          switch_inline_query_chosen_chat: {
            query: '',
            allow_user_chats: true,
            allow_bot_chats: false,
            allow_group_chats: false,
            allow_channel_chats: false,
          },
        }),
      ),
    ],
    [
      inline(button({ login_url: { url: 'https://example.com/login' } })),
      inline(button({ url: 'https://example.com/login' })),
    ],
    [
      inline(button({ web_app: { url: 'https://example.com/app' } })),
      inline(button({ web_app: { url: 'https://example.com/app' } })),
    ],
    [inline(button({ copy_text: { text: 'x' } })), inline(button({ copy_text: { text: 'x' } }))],
    [
      inline(button({ callback_data: 'x', url: 'https://a.de/', style: 'Danger', other: 1 })),
      inline(button({ style: 'danger', url: 'https://a.de/' })),
    ],
    [
      inline(button({ callback_data: 'x', icon_custom_emoji_id: '123', style: 'default' })),
      inline(button({ icon_custom_emoji_id: '123', callback_data: 'x' })),
    ],
    [
      { inline_keyboard: [[{ text: '', callback_data: 'x' }], [button({ callback_data: 'y' })]] },
      inline(button({ callback_data: 'y' })),
    ],
    [inline({ text: '', callback_data: 'x' }), undefined],
    [reply('a', { text: 'b' }), reply({ text: 'a' }, { text: 'b' })],
    [
      {
        ...reply('a'),
        resize_keyboard: true,
        one_time_keyboard: true,
        is_persistent: true,
        selective: true,
        input_field_placeholder: 'Type',
      },
      {
        ...reply({ text: 'a' }),
        resize_keyboard: true,
        one_time_keyboard: true,
        is_persistent: true,
        input_field_placeholder: 'Type',
      },
    ],
    [reply(button({ request_contact: true })), reply(button({ request_contact: true }))],
    [reply(button({ request_location: true })), reply(button({ request_location: true }))],
    [reply(button({ request_contact: false })), reply(button({}))],
    [
      reply(button({ request_poll: { type: 'quiz' } })),
      reply(button({ request_poll: { type: 'quiz' } })),
    ],
    [reply(button({ request_poll: { type: 'x' } })), reply(button({ request_poll: {} }))],
    [
      reply(button({ request_users: { request_id: 1, user_is_bot: false } })),
      reply(button({ request_users: { request_id: 1, user_is_bot: false, max_quantity: 1 } })),
    ],
    [
      reply(button({ request_chat: { request_id: '2', chat_is_channel: true } })),
      reply(button({ request_chat: { request_id: 2, chat_is_channel: true } })),
    ],
    [
      reply(button({ request_managed_bot: { request_id: 3, suggested_name: 'x' } })),
      reply(button({ request_managed_bot: { request_id: 3, suggested_name: 'x' } })),
    ],
    [
      reply(button({ web_app: { url: 'https://example.com' } })),
      reply(button({ web_app: { url: 'https://example.com' } })),
    ],
    [{ ...reply('a'), ...inline(button({ callback_data: 'x' })) }, reply({ text: 'a' })],
    [{ remove_keyboard: true }, { remove_keyboard: true }],
    [{ hide_keyboard: true, force_reply: true }, { remove_keyboard: true }],
    [
      { force_reply: true, input_field_placeholder: 'Name', selective: true },
      { force_reply: true, input_field_placeholder: 'Name' },
    ],
  ])('reads %j', (json, expected) => {
    expect(parseMarkup(json)).toEqual(expected);
  });

  it('has at most 12 buttons in a row and 300 in all', () => {
    const rows = Array.from({ length: 40 }, () => Array(20).fill('a'));
    const markup = parseMarkup({ keyboard: rows });
    expect(markup && 'keyboard' in markup && markup.keyboard.map(({ length }) => length)).toEqual(
      Array(25).fill(12),
    );
  });

  it('is for some people only in a group', () => {
    const keyboard = { ...reply('a'), selective: true };
    expect(parseMarkup(keyboard, { privateChat: false })).toMatchObject({ selective: true });
  });

  const textButton = "Can't parse inline keyboard button: ";
  it.each([
    ['"x"', 'object expected as reply markup'],
    ['[', "can't parse reply keyboard markup JSON object"],
    ['{"keyboard":{}}', 'field "keyboard" must be of type Array'],
    ['{"keyboard":["a"]}', 'field "keyboard" must be an Array of Arrays'],
    [
      '{"keyboard":[[1]]}',
      "can't parse keyboard button: KeyboardButton must be a String or an Object",
    ],
    ['{"keyboard":[[{}]]}', 'can\'t parse keyboard button: Can\'t find field "text"'],
    [
      '{"inline_keyboard":["a"]}',
      'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ],
    ['{"remove_keyboard":1}', 'field "remove_keyboard" must be of type Boolean'],
    ['{"inline_keyboard":[["a"]]}', `${textButton}InlineKeyboardButton must be an Object`],
    [
      '{"inline_keyboard":[[{"text":"a"}]]}',
      `${textButton}Text buttons are unallowed in the inline keyboard`,
    ],
    [
      '{"inline_keyboard":[[{"text":"a","callback_data":""}]]}',
      `${textButton}Text buttons are unallowed in the inline keyboard`,
    ],
    [
      '{"inline_keyboard":[[{"text":"a","callback_data":null}]]}',
      `${textButton}Field "callback_data" must be of type String`,
    ],
    ['{"inline_keyboard":[[{"text":"a","web_app":{}}]]}', `${textButton}Can't find field "url"`],
    [
      '{"inline_keyboard":[[{"text":"a","login_url":{"url":"https://a.de","bot_username":"@"}}]]}',
      `${textButton}LoginUrl bot username is invalid`,
    ],
    [
      '{"inline_keyboard":[[{"text":"a","style":"red","url":"a.de"}]]}',
      `${textButton}invalid button style specified`,
    ],
  ])('refuses %s', (json, problem) => {
    const description = problem.charAt(0).toLowerCase() + problem.slice(1);
    expect(() => read(json)).toThrow(
      expect.objectContaining({ code: 400, message: `Bad Request: ${description}` }),
    );
  });

  it.each([
    [inline(button({ callback_data: 'é'.repeat(33) })), 'BUTTON_DATA_INVALID'],
    [inline(button({ copy_text: { text: '' } })), 'BUTTON_COPY_TEXT_INVALID'],
    [inline(button({ copy_text: { text: 'x'.repeat(257) } })), 'BUTTON_COPY_TEXT_INVALID'],
    [inline(button({ pay: true })), 'BUTTON_TYPE_INVALID'],
    [inline(button({ url: 'a.de' }), button({ callback_game: {} })), 'BUTTON_POS_INVALID'],
    [
      inline(button({ url: 'nonsense' })),
      "inline keyboard button URL 'nonsense' is invalid: Wrong HTTP URL",
    ],
    [
      inline(button({ url: 'tel:+49123' })),
      "inline keyboard button URL 'tel:+49123' is invalid: Wrong port number specified in the URL",
    ],
    [
      inline(button({ url: 'javascript://a.de' })),
      "inline keyboard button URL 'javascript://a.de' is invalid: Unsupported URL protocol",
    ],
    [
      inline(button({ url: 'http://a.de:x' })),
      "inline keyboard button URL 'http://a.de:x' is invalid: Wrong port number specified in the URL",
    ],
    [
      inline(button({ web_app: { url: 'http://a.de' } })),
      "inline keyboard button Web App URL 'http://a.de' is invalid: Only HTTPS links are allowed",
    ],
    [
      inline(button({ login_url: { url: 'tg://user?id=1' } })),
      "link to a user can't be used in login URL buttons",
    ],
    [
      inline(button({ switch_inline_query_chosen_chat: {} })),
      'at least one chat type must be allowed',
    ],
    [
      inline({ text: '', icon_custom_emoji_id: 1, callback_data: 'x' }),
      'inline keyboard button text must be non-empty',
    ],
    [
      reply(button({ web_app: { url: 'http://a.de' } })),
      "keyboard button Web App URL 'http://a.de' is invalid: Only HTTPS links are allowed",
    ],
  ])('refuses %j', (json, problem) => {
    expect(() => parseMarkup(json)).toThrow(`Bad Request: ${problem}`);
  });

  it.each([
    ['request_contact', true, 'phone number can be requested'],
    ['request_location', true, 'location can be requested'],
    ['request_poll', {}, 'poll can be requested'],
    ['request_users', { request_id: 1 }, 'users can be requested'],
    ['request_chat', { request_id: 1 }, 'chats can be requested'],
    ['request_managed_bot', { request_id: 1 }, 'managed bots can be requested'],
    ['web_app', { url: 'https://a.de' }, 'web App buttons can be used'],
  ])('has no %s button in a group', (field, value, problem) => {
    expect(() => parseMarkup(reply(button({ [field]: value })), { privateChat: false })).toThrow(
      `Bad Request: ${problem} in private chats only`,
    );
  });

  it('is an inline keyboard under a message that is edited', () => {
    expect(() => parseMarkup(reply('a'), { onlyInline: true })).toThrow(
      'Bad Request: inline keyboard expected',
    );
    expect(() => parseMarkup({ remove_keyboard: true }, { onlyInline: true })).toThrow('expected');
  });

  it('begins with the pay button under an invoice', () => {
    const pay = button({ pay: true });
    expect(parseMarkup(inline(pay), { invoice: true })).toEqual(inline(pay));
    expect(() =>
      parseMarkup({ inline_keyboard: [[button({ url: 'a.de' })], [pay]] }, { invoice: true }),
    ).toThrow('BUTTON_POS_INVALID');
  });
});
