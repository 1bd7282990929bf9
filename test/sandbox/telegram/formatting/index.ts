import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';

export interface TextToFormat {
  readonly text: string;
  /** @default '' */
  readonly parseMode?: string | undefined;
  /** Explicit entities, as they were decoded from JSON; ignored beside a parse mode. */
  readonly entities?: unknown;
  /** In characters. @default - no limit */
  readonly maxLength?: number | undefined;
  /** Telegram's refusal of an empty text, without its prefix. @default - an empty text is accepted */
  readonly emptyError?: string | undefined;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

/**
 * Returns a text as Telegram delivers it, and its entities. A placeholder: finds bot commands and applies no
 * formatting.
 *
 * @throws BotApiError with Telegram's refusal
 */
export function formatText({ text, maxLength, emptyError }: TextToFormat): FormattedText {
  if (emptyError !== undefined && text.trim() === '') throw badRequest(emptyError);
  if (maxLength !== undefined && [...text].length > maxLength) {
    throw badRequest(maxLength > 1024 ? 'message is too long' : 'message caption is too long');
  }
  const commands = [...text.matchAll(/(?<=^|\s)\/\w{1,32}(?:@\w+)?/g)];
  const entities = commands.map((match) => ({
    type: 'bot_command' as const,
    offset: match.index,
    length: match[0].length,
  }));
  return { text, entities };
}
