import type { InlineKeyboardButton } from '@grammyjs/types';
import { badRequest } from './bot-api-error.ts';
import { type ButtonFace, checkFace, checkSite, readFace } from './button.ts';
import { cleanText } from './formatting/characters.ts';
import { checkLink, mentionedUser } from './formatting/link.ts';
import { JsonFieldError, JsonObject } from './json-object.ts';

/** Where a button is, which decides whether some kinds are allowed. */
export interface ButtonPlace {
  /** The first button of the first row. */
  readonly first: boolean;
  readonly invoice: boolean;
}

type ReadButton = ButtonFace & InlineKeyboardButton;

const MAX_CALLBACK_BYTES = 64;
const MAX_COPIED_CHARACTERS = 256;

/** Reads a button of an inline keyboard (telegram-bot-api, Client.cpp). @throws JsonFieldError */
export function readInlineButton(json: unknown): ReadButton {
  const object = JsonObject.of(json);
  if (!object) throw new JsonFieldError('InlineKeyboardButton must be an Object');
  return { ...readFace(object), ...readAction(object) };
}

/**
 * Checks a button that is shown (tdlib, ReplyMarkup.cpp). Errors in capitals come from Telegram's
 * closed servers, and only their documented limits are known.
 *
 * @throws BotApiError
 */
export function buildInlineButton(button: ReadButton, place: ButtonPlace): InlineKeyboardButton {
  const checked = checkFace(button, 'Inline keyboard button');
  if ('url' in checked) return { ...checked, url: checkUrl(checked.url) };
  if ('callback_data' in checked) {
    if (Buffer.byteLength(checked.callback_data) > MAX_CALLBACK_BYTES) {
      throw badRequest('BUTTON_DATA_INVALID');
    }
    return checked;
  }
  if ('login_url' in checked) {
    const url = checkSite(checked.login_url.url, 'Inline keyboard button login', 'login');
    const { login_url: _, ...rest } = checked;
    // Telegram shows only the URL of such a button.
    return { ...rest, url };
  }
  if ('web_app' in checked) {
    const url = checkSite(checked.web_app.url, 'Inline keyboard button Web App', 'Web App');
    return { ...checked, web_app: { url } };
  }
  if ('switch_inline_query_chosen_chat' in checked) {
    const { query: _, ...allowed } = checked.switch_inline_query_chosen_chat;
    if (!Object.values(allowed).includes(true)) {
      throw badRequest('At least one chat type must be allowed');
    }
  }
  if ('copy_text' in checked) {
    const text = cleanText(checked.copy_text.text);
    const { length } = [...text];
    if (length < 1 || length > MAX_COPIED_CHARACTERS) throw badRequest('BUTTON_COPY_TEXT_INVALID');
    return { ...checked, copy_text: { text } };
  }
  if ('pay' in checked && !place.invoice) throw badRequest('BUTTON_TYPE_INVALID');
  if (('pay' in checked || 'callback_game' in checked) && !place.first) {
    throw badRequest('BUTTON_POS_INVALID');
  }
  return checked;
}

function checkUrl(url: string): string {
  const user = mentionedUser(url);
  if (user !== undefined) return `tg://user?id=${user}`;
  const checked = checkLink(url);
  if ('url' in checked) return cleanText(checked.url);
  throw badRequest(`Inline keyboard button URL '${url}' is invalid: ${checked.problem}`);
}

/** Returns the one action that counts, in Telegram's order, when a button has several. */
function readAction(object: JsonObject) {
  const url = object.text('url');
  if (url !== '') return { url };
  const data = object.text('callback_data');
  if (data !== '') return { callback_data: data };
  if (object.has('callback_game')) return { callback_game: {} };
  if (object.has('pay')) return { pay: true };
  if (object.has('switch_inline_query')) {
    return { switch_inline_query: object.requiredText('switch_inline_query') };
  }
  if (object.has('switch_inline_query_chosen_chat')) {
    return readChosenChat(object.requiredObject('switch_inline_query_chosen_chat'));
  }
  if (object.has('switch_inline_query_current_chat')) {
    return {
      switch_inline_query_current_chat: object.requiredText('switch_inline_query_current_chat'),
    };
  }
  if (object.has('login_url')) return readLoginUrl(object.requiredObject('login_url'));
  if (object.has('web_app')) {
    return { web_app: { url: object.requiredObject('web_app').requiredText('url') } };
  }
  if (object.has('copy_text')) {
    return { copy_text: { text: object.requiredObject('copy_text').requiredText('text') } };
  }
  throw new JsonFieldError('Text buttons are unallowed in the inline keyboard');
}

function readChosenChat(object: JsonObject) {
  const chosen = {
    query: object.text('query'),
    allow_user_chats: object.flag('allow_user_chats'),
    allow_bot_chats: object.flag('allow_bot_chats'),
    allow_group_chats: object.flag('allow_group_chats'),
    allow_channel_chats: object.flag('allow_channel_chats'),
  };
  const { query, ...allowed } = chosen;
  // A button that allows every chat is a plain one.
  if (!Object.values(allowed).includes(false)) return { switch_inline_query: query };
  return { switch_inline_query_chosen_chat: chosen };
}

function readLoginUrl(object: JsonObject) {
  const url = object.requiredText('url');
  const username = object.text('bot_username');
  object.flag('request_write_access');
  object.text('forward_text');
  if (username !== '' && !/^@?\w+$/.test(username)) {
    throw new JsonFieldError('LoginUrl bot username is invalid');
  }
  return { login_url: { url } };
}
