import type { Bot } from './bot.ts';
import { type BotApiAnswer, BotApiError, SandboxLimit, succeed } from './bot-api-error.ts';
import { METHOD_NAMES, type MethodName } from './method-names.ts';
import { businessMethods } from './methods/business.ts';
import { chatMethods } from './methods/chats.ts';
import { editMethods } from './methods/edits.ts';
import { fileMethods } from './methods/files.ts';
import { forwardingMethods } from './methods/forwarding.ts';
import { gameMethods } from './methods/games.ts';
import { mediaMethods } from './methods/media.ts';
import { memberMethods } from './methods/members.ts';
import { messageMethods } from './methods/messages.ts';
import type { MethodCall, MethodTable } from './methods/method.ts';
import { paymentMethods } from './methods/payments.ts';
import { pollMethods } from './methods/polls.ts';
import { profilePhotoMethods } from './methods/profile-photo.ts';
import { queryMethods } from './methods/queries.ts';
import { settingMethods } from './methods/settings.ts';
import { topicMethods } from './methods/topics.ts';
import type { Parameters } from './parameters.ts';

type Method = (bot: Bot, parameters: Parameters) => BotApiAnswer | Promise<BotApiAnswer>;

/** The methods about updates, whose answers have descriptions or are not results. */
const METHODS: Partial<Record<MethodName, Method>> = {
  getMe: (bot) => succeed(bot.user),
  setWebhook: (bot, parameters) => bot.webhook.set(parameters),
  deleteWebhook: (bot, parameters) => bot.webhook.remove(parameters),
  getWebhookInfo: (bot) => succeed(bot.webhook.info()),
  getUpdates: (bot, parameters) => bot.polling.poll(parameters),
};

const RESULTS: MethodTable = {
  ...messageMethods,
  ...mediaMethods,
  ...pollMethods,
  ...forwardingMethods,
  ...editMethods,
  ...queryMethods,
  ...paymentMethods,
  ...gameMethods,
  ...fileMethods,
  ...settingMethods,
  ...profilePhotoMethods,
  ...chatMethods,
  ...memberMethods,
  ...topicMethods,
  ...businessMethods,
};

/** Returns whether the sandbox emulates a method of Telegram's. */
export function isEmulated(name: MethodName): boolean {
  return name in METHODS || name in RESULTS;
}

const NAMES = new Map(METHOD_NAMES.map((name) => [name.toLowerCase(), name]));

/** Returns Telegram's spelling of a method it knows, given in any case; other names unchanged. */
export function methodNamed(name: string): string {
  return NAMES.get(name.toLowerCase()) ?? name;
}

/** Returns whether Telegram has a method of this name, in any case. */
export function isMethod(name: string): boolean {
  return NAMES.has(name.toLowerCase());
}

/** The answer to a call, and what the sandbox adds to it that Telegram would not say. */
export interface MethodOutcome {
  readonly answer: BotApiAnswer;
  /** What the sandbox does not emulate, when that is why the call failed. */
  readonly limit?: string;
  /** Where the sandbox did something else than Telegram, although the call succeeded. */
  readonly notes: readonly string[];
}

/**
 * Calls a method by its name in Telegram's spelling. The answer to what Telegram has and the sandbox does not
 * emulate is 501, which Telegram itself never sends in this form: a bot that needs it fails immediately,
 * instead of getting a made-up success or a "not found" that looks like a misspelling.
 */
export async function callMethod(
  bot: Bot,
  name: string,
  parameters: Parameters,
): Promise<MethodOutcome> {
  const notes: string[] = [];
  try {
    if (!NAMES.has(name.toLowerCase())) throw new BotApiError(404, 'Not Found: method not found');
    const answer = await dispatch(name as MethodName, {
      bot,
      parameters,
      note: (text) => notes.push(text),
    });
    return { answer, notes };
  } catch (error) {
    if (error instanceof SandboxLimit) return { answer: error.answer, limit: error.what, notes };
    if (error instanceof BotApiError) return { answer: error.answer, notes };
    throw error;
  }
}

async function dispatch(name: MethodName, call: MethodCall): Promise<BotApiAnswer> {
  const method = METHODS[name];
  if (method) return method(call.bot, call.parameters);
  const emulated: ((call: MethodCall) => unknown) | undefined = RESULTS[name];
  if (!emulated) throw new SandboxLimit(name);
  return succeed(await emulated(call));
}
