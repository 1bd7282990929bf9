import type { InlineQueryResult, InlineQueryResultsButton, Message, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import type { Dialog, MessageFields } from '../state/dialog.ts';
import { deliverMessage } from './visibility.ts';

/** A result that a bot offers, and the message that it becomes when it is chosen. */
export interface InlineChoice {
  readonly result: InlineQueryResult;
  readonly fields: MessageFields;
}

/** A bot's answer to an inline query. */
export interface InlineAnswer {
  readonly query: string;
  readonly choices: readonly InlineChoice[];
  readonly results: readonly InlineQueryResult[];
  readonly nextOffset: string;
  /** Whether the answer is kept for this person only. */
  readonly isPersonal: boolean;
  readonly cacheTime: number;
  /** The button above the results. */
  readonly button: InlineQueryResultsButton | undefined;
}

/** Types `@bot query` into the input field. Resolves when the bot answers, and never if it does not. */
export async function askInline(
  bot: Bot,
  dialog: Dialog,
  person: User,
  query: string,
  offset: string,
): Promise<InlineAnswer> {
  if (!bot.user.supports_inline_queries) {
    throw new Error(
      `@${bot.user.username} does not support inline queries (BotFather's /setinline)`,
    );
  }
  const { id, answer } = bot.queries.ask<Omit<InlineAnswer, 'query'>>('inline');
  const chatType = dialog.isPrivate ? 'sender' : dialog.chat.type;
  bot.receive({ inline_query: { id, from: person, query, offset, chat_type: chatType } });
  return { ...(await answer), query };
}

/** Sends the chosen result as a message of the person via the bot. */
export function sendChoice(
  bot: Bot,
  dialog: Dialog,
  person: User,
  { fields }: InlineChoice,
): { message: Message; inlineMessageId: string } {
  const { reply_markup, ...content } = fields;
  const message = dialog.post({ from: person, via_bot: bot.user, ...content }, reply_markup);
  const inlineMessageId = bot.addInlineMessage(dialog, message);
  deliverMessage(bot, dialog, message);
  return { message, inlineMessageId };
}
