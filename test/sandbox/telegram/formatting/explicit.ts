import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { JsonFieldError, JsonObject } from '../json-object.ts';
import { cleanText, isUtf8 } from './characters.ts';
import { dateTime, readDateFormat } from './date-format.ts';
import { mentionOf, sortEntities } from './entities.ts';
import { checkLink, mentionedUser, parseInteger } from './link.ts';

/** Types without fields of their own. */
const PLAIN_TYPES = [
  ...(['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'code'] as const),
  ...(['blockquote', 'expandable_blockquote'] as const),
];

/** Types that Telegram finds by itself, and ignores when an author sets them. */
const FOUND_TYPES = [
  ...['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number'],
  'bank_card_number',
];

/** An entity that is read, but not yet checked: Telegram checks only once all of them are read. */
type Reading = () => MessageEntity;

/** Reads the entities of an author from parsed JSON (telegram-bot-api, Client.cpp). @throws BotApiError */
export function readEntities(json: unknown): MessageEntity[] {
  if (!Array.isArray(json)) return [];
  const readings = json.map((value) => {
    try {
      return readEntity(value);
    } catch (error) {
      if (!(error instanceof JsonFieldError)) throw error;
      throw badRequest(`Can't parse MessageEntity: ${error.message}`);
    }
  });
  return sortEntities(readings.flatMap((reading) => (reading ? [reading()] : [])));
}

/** Returns undefined for an entity that Telegram ignores. @throws JsonFieldError */
function readEntity(value: unknown): Reading | undefined {
  const object = JsonObject.of(value);
  if (!object) throw new JsonFieldError('expected an Object');
  const offset = object.requiredInteger('offset');
  const length = object.requiredInteger('length');
  const type = object.requiredText('type');
  if (type === '') throw new JsonFieldError('Type is not specified');
  const plain = PLAIN_TYPES.find((name) => name === type);
  if (plain) return () => ({ type: plain, offset, length });
  switch (type) {
    case 'pre': {
      const language = cleanText(object.text('language'));
      return () => ({ type: 'pre', offset, length, ...(language && { language }) });
    }
    case 'text_link': {
      const url = object.requiredText('url');
      return () => readLink(url, offset, length);
    }
    case 'text_mention': {
      const id = object.requiredObject('user').requiredLong('id');
      return () => mentionOf(Number(id), offset, length);
    }
    case 'custom_emoji': {
      const id = object.requiredLong('custom_emoji_id');
      if (!parseInteger(id)) {
        return () => {
          throw badRequest('Invalid custom emoji identifier specified');
        };
      }
      return () => ({ type: 'custom_emoji', offset, length, custom_emoji_id: id });
    }
    case 'date_time':
      return readDate(object, offset, length);
  }
  if (FOUND_TYPES.includes(type)) return undefined;
  throw new JsonFieldError('Unsupported type specified');
}

function readLink(url: string, offset: number, length: number): MessageEntity {
  if (!isUtf8(url)) throw badRequest('MessageEntityTextUrl.url must be encoded in UTF-8');
  const link = cleanText(url);
  const user = mentionedUser(link);
  if (user !== undefined) return mentionOf(user, offset, length);
  const checked = checkLink(link);
  if ('problem' in checked) {
    throw badRequest(`Entity URL '${link}' is invalid: ${checked.problem}`);
  }
  return { type: 'text_link', offset, length, url: checked.url };
}

function readDate(object: JsonObject, offset: number, length: number): Reading {
  const unixTime = object.requiredInteger('unix_time');
  const format = readDateFormat(object.text('date_time_format'));
  if (format === undefined) throw new JsonFieldError('Invalid date-time format specified');
  return () => {
    if (unixTime <= 0) throw badRequest('Invalid date specified');
    return dateTime(unixTime, format, offset, length);
  };
}
