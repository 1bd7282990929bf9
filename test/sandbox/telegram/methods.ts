import type { Bot } from './bot.ts';
import { type BotApiAnswer, BotApiError, badRequest, succeed } from './bot-api-error.ts';
import { formatText } from './formatting/index.ts';
import { readMarkup } from './markup.ts';
import { METHOD_NAMES, type MethodName } from './method-names.ts';
import type { Parameters } from './parameters.ts';

type Method = (bot: Bot, parameters: Parameters) => BotApiAnswer | Promise<BotApiAnswer>;

const METHODS: Partial<Record<MethodName, Method>> = {
  getMe: (bot) => succeed(bot.user),
  setWebhook: (bot, parameters) => bot.webhook.set(parameters),
  deleteWebhook: (bot, parameters) => bot.webhook.remove(parameters),
  getWebhookInfo: (bot) => succeed(bot.webhook.info()),
  getUpdates,
  sendMessage,
  answerCallbackQuery,
};

const NAMES = new Map(METHOD_NAMES.map((name) => [name.toLowerCase(), name]));

/** Returns Telegram's spelling of a method it knows, given in any case; other names unchanged. */
export function methodNamed(name: string): string {
  return NAMES.get(name.toLowerCase()) ?? name;
}

/**
 * Calls a method by its name in Telegram's spelling. The answer to a method that Telegram has and the
 * sandbox does not emulate is 501, which Telegram itself never sends in this form: a bot that needs the
 * method fails immediately, instead of getting a made-up success or a "not found" that looks like a
 * misspelling.
 */
export async function callMethod(
  bot: Bot,
  name: string,
  parameters: Parameters,
): Promise<BotApiAnswer> {
  const method = METHODS[name as MethodName];
  try {
    if (!NAMES.has(name.toLowerCase())) throw new BotApiError(404, 'Not Found: method not found');
    if (!method) throw notEmulated(name);
    return await method(bot, parameters);
  } catch (error) {
    if (error instanceof BotApiError) return error.answer;
    throw error;
  }
}

/** Refuses long polling, which the sandbox does not emulate; beside a webhook, Telegram refuses it too. */
function getUpdates(bot: Bot): BotApiAnswer {
  if (!bot.webhook.state) throw notEmulated('getUpdates');
  throw new BotApiError(
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  );
}

/** Sends plain text, optionally with an inline keyboard. Formatting is not applied: it arrives as text. */
function sendMessage(bot: Bot, parameters: Parameters): BotApiAnswer {
  const { text } = formatText({
    text: parameters.text('text'),
    parseMode: parameters.text('parse_mode'),
    emptyError: 'message text is empty',
  });
  const markup = readMarkup(parameters);
  if (parameters.text('chat_id') === '') throw badRequest('chat_id is empty');
  const chat = bot.openChat(Number(parameters.text('chat_id')));
  if (!chat) throw badRequest('chat not found');
  if ([...text].length > 4096) throw badRequest('message is too long');
  return succeed(chat.receive(text, markup && 'inline_keyboard' in markup ? markup : undefined));
}

function answerCallbackQuery(bot: Bot, parameters: Parameters): BotApiAnswer {
  const known = bot.answerQuery(parameters.text('callback_query_id'), {
    text: parameters.text('text'),
    showAlert: parameters.flag('show_alert'),
  });
  if (!known) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  }
  return succeed(true);
}

function notEmulated(name: string): BotApiError {
  return new BotApiError(501, `Not Implemented: the sandbox does not emulate ${name}`);
}
