import type { KeyboardButton } from '@grammyjs/types';
import { badRequest } from './bot-api-error.ts';
import { type ButtonFace, checkFace, checkSite, readFace } from './button.ts';
import { JsonFieldError, JsonObject } from './json-object.ts';

type ReadButton = ButtonFace & Exclude<KeyboardButton, string>;

/** Reads a button of a reply keyboard (telegram-bot-api, Client.cpp). @throws JsonFieldError */
export function readKeyboardButton(json: unknown): ReadButton {
  if (typeof json === 'string') return { text: json };
  const object = JsonObject.of(json);
  if (!object) throw new JsonFieldError('KeyboardButton must be a String or an Object');
  return { ...readFace(object), ...readAction(object) };
}

/** Checks a button that is shown (tdlib, ReplyMarkup.cpp). @throws BotApiError */
export function buildKeyboardButton(button: ReadButton, privateChat: boolean): KeyboardButton {
  const checked = checkFace(button, 'Keyboard button');
  if (!privateChat) {
    for (const [field, refusal] of Object.entries(ONLY_IN_PRIVATE)) {
      if (field in checked) throw badRequest(`${refusal} in private chats only`);
    }
  }
  if ('web_app' in checked) checkSite(checked.web_app.url, 'Keyboard button Web App', 'Web App');
  return checked;
}

const ONLY_IN_PRIVATE = {
  request_contact: 'Phone number can be requested',
  request_location: 'Location can be requested',
  request_poll: 'Poll can be requested',
  web_app: 'Web App buttons can be used',
  request_users: 'Users can be requested',
  request_chat: 'Chats can be requested',
  request_managed_bot: 'Managed bots can be requested',
};

/** Returns the one action that counts, in Telegram's order, when a button has several. */
function readAction(object: JsonObject): object {
  const contact = [object.flag('request_phone_number'), object.flag('request_contact')];
  if (contact.includes(true)) return { request_contact: true };
  if (object.flag('request_location')) return { request_location: true };
  if (object.has('request_poll')) {
    const type = object.requiredObject('request_poll').text('type');
    return { request_poll: type === 'quiz' || type === 'regular' ? { type } : {} };
  }
  if (object.has('web_app')) {
    return { web_app: { url: object.requiredObject('web_app').requiredText('url') } };
  }
  if (object.has('request_users')) return { request_users: readUsers(object, 'request_users') };
  if (object.has('request_user')) return { request_users: readUsers(object, 'request_user') };
  if (object.has('request_chat')) {
    return { request_chat: readChat(object.requiredObject('request_chat')) };
  }
  if (object.has('request_managed_bot')) {
    const bot = object.requiredObject('request_managed_bot');
    const request_id = bot.requiredInteger('request_id');
    return { request_managed_bot: { request_id, ...texts(bot, MANAGED_BOT_TEXTS) } };
  }
  return {};
}

const MANAGED_BOT_TEXTS = ['suggested_name', 'suggested_username'];

function readUsers(object: JsonObject, field: string): object {
  const request = object.requiredObject(field);
  return {
    request_id: request.requiredInteger('request_id'),
    ...flags(request, ['user_is_bot', 'user_is_premium']),
    max_quantity: request.integer('max_quantity', 1),
    ...flags(request, ['request_name', 'request_username', 'request_photo']),
  };
}

function readChat(request: JsonObject): object {
  return {
    request_id: request.requiredInteger('request_id'),
    chat_is_channel: request.flag('chat_is_channel'),
    ...flags(request, ['chat_is_forum', 'chat_has_username', 'chat_is_created']),
    ...rights(request, 'user_administrator_rights'),
    ...rights(request, 'bot_administrator_rights'),
    ...flags(request, ['bot_is_member', 'request_title', 'request_username', 'request_photo']),
  };
}

function rights(request: JsonObject, name: string): object {
  return request.has(name) ? { [name]: request.requiredObject(name).content } : {};
}

function flags(object: JsonObject, names: readonly string[]): object {
  const present = names.filter((name) => object.has(name));
  return Object.fromEntries(present.map((name) => [name, object.flag(name)]));
}

function texts(object: JsonObject, names: readonly string[]): object {
  const read = names.map((name) => [name, object.text(name)]);
  return Object.fromEntries(read.filter(([, text]) => text !== ''));
}
