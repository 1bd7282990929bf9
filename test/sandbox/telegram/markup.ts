import type {
  ForceReply,
  InlineKeyboardMarkup,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
} from '@grammyjs/types';
import { badRequest } from './bot-api-error.ts';
import type { Parameters } from './parameters.ts';

export type ReplyMarkup =
  | InlineKeyboardMarkup
  | ReplyKeyboardMarkup
  | ReplyKeyboardRemove
  | ForceReply;

/**
 * Reads `reply_markup`. A placeholder: does not check what is in a keyboard.
 *
 * @throws BotApiError with Telegram's refusal
 */
export function readMarkup(parameters: Parameters): ReplyMarkup | undefined {
  let markup: unknown;
  try {
    markup = parameters.json('reply_markup');
  } catch {
    throw badRequest("can't parse reply keyboard markup JSON object");
  }
  if (markup === undefined) return undefined;
  if (typeof markup !== 'object' || markup === null) {
    throw badRequest('object expected as reply markup');
  }
  return markup as ReplyMarkup;
}
