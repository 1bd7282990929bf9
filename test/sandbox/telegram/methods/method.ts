import type { ApiMethods, Message, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import { BotApiError, badRequest, forbidden } from '../bot-api-error.ts';
import type { MethodName } from '../method-names.ts';
import type { Parameters } from '../parameters.ts';
import type { Dialog } from '../state/dialog.ts';
import type { AdministratorRight } from '../state/members.ts';

/** A call of a method, as its implementation sees it. */
export interface MethodCall {
  readonly bot: Bot;
  readonly parameters: Parameters;
  /** Records that the sandbox did something else than Telegram, in words for the bot's developer. */
  readonly note: (text: string) => void;
}

/** Methods of the Bot API with the results that its types promise. */
export type MethodTable = {
  readonly [M in MethodName]?: (
    call: MethodCall,
  ) => ReturnType<ApiMethods<never>[M]> | Promise<ReturnType<ApiMethods<never>[M]>>;
};

/** What a bot wants to do in a chat (telegram-bot-api, Client::check_chat_access). */
export type Access = 'read' | 'edit' | 'write' | 'read members';

/** @throws BotApiError when a required parameter is missing (Client::get_required_string_arg) */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.text(name);
  if (value === '') throw badRequest(`parameter "${name}" is required`);
  return value;
}

/** Returns the chat that a parameter names, if the bot has access (Client::check_chat). */
export function dialogOf(call: MethodCall, access: Access, name = 'chat_id'): Dialog {
  const value = call.parameters.text(name);
  if (value === '') throw badRequest('chat_id is empty');
  const dialog = call.bot.findDialog(value);
  if (!dialog?.met) throw badRequest('chat not found');
  checkAccess(call.bot, dialog, access);
  return dialog;
}

/** Client::check_chat_access: a bot that is not in a group may still read what it has seen there. */
function checkAccess({ user }: Bot, dialog: Dialog, access: Access): void {
  const { type } = dialog.chat;
  if (type === 'private') return;
  const { status } = dialog.members.of(user);
  const isMember = dialog.members.has(user);
  if (type === 'group' && access === 'read') return;
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${type} chat`);
  const isPublic = dialog.chat.username !== undefined;
  if (!isMember && !(isPublic && access.startsWith('read'))) {
    throw forbidden(`bot is not a member of the ${type} chat`);
  }
}

/**
 * Returns a message of a chat (Client::check_message).
 *
 * @param what is how Telegram names the message in its refusal: `message to edit`
 */
export function namedMessage(dialog: Dialog, parameters: Parameters, what: string): Message {
  const message = dialog.find(messageId(parameters));
  if (!message) throw badRequest(`${what} not found`);
  return message;
}

export function messageId(parameters: Parameters, name = 'message_id'): number {
  return Math.max(0, Number.parseInt(parameters.text(name), 10) || 0);
}

/** Client::get_message_ids */
export function messageIds(parameters: Parameters): number[] {
  const name = 'message_ids';
  if (parameters.text(name) === '') throw badRequest('message identifiers are not specified');
  const ids = jsonOf(parameters, name, `can't parse ${name} JSON object`);
  if (!Array.isArray(ids)) throw badRequest('expected an Array of message identifiers');
  if (ids.length > 100) throw badRequest('too many message identifiers specified');
  if (ids.length === 0) throw badRequest('message identifiers are not specified');
  return ids.map((id) => {
    if (typeof id !== 'number' && typeof id !== 'string') {
      throw badRequest('message identifier must be a Number');
    }
    const number = Number(id);
    if (!Number.isInteger(number)) throw badRequest("can't parse message identifier as a Number");
    if (number <= 0) throw badRequest('invalid message identifier specified');
    return number;
  });
}

/** Client::get_user_id */
export function userId(parameters: Parameters, name = 'user_id'): number {
  const id = Number.parseInt(parameters.text(name), 10) || 0;
  if (id <= 0) throw badRequest(`invalid ${name} specified`);
  return id;
}

/** Returns a user whom the bot has met, in private or in the given chat. */
export function userIn({ bot, parameters }: MethodCall, dialog?: Dialog): User {
  const id = userId(parameters);
  const known = dialog?.members.find(id)?.user ?? bot.findPerson(id)?.person;
  if (id === bot.id) return bot.user;
  if (!known) throw badRequest('user not found');
  return known;
}

/** Returns the value of a JSON parameter; undefined when it is missing. */
export function jsonOf(parameters: Parameters, name: string, refusal: string): unknown {
  try {
    return parameters.json(name);
  } catch {
    throw badRequest(refusal);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JsonObject::get_required_string_field, which takes numbers too */
export function requiredText(object: Record<string, unknown>, field: string): string {
  const value = object[field];
  if (value === undefined) throw badRequest(`Can't find field "${field}"`);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw badRequest(`Field "${field}" must be of type String`);
}

/** Returns the fields of an object as parameters, so that what is nested is read like what is not. */
export function nested(parameters: Parameters, fields: Record<string, unknown>): Parameters {
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return parameters.with(Object.fromEntries(texts));
}

/** Refuses what only an administrator with a certain right may do. */
export function needRight(
  { bot }: MethodCall,
  dialog: Dialog,
  right: AdministratorRight,
  refusal: string,
): void {
  if (!dialog.isPrivate && !dialog.members.can(bot.user, right)) throw badRequest(refusal);
}

/**
 * Runs a part of a call whose refusals Telegram begins with a prefix: `can't parse InputMedia: `. What follows the
 * prefix keeps its capital letter.
 */
export function prefixed<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof BotApiError) || error.code !== 400) throw error;
    throw badRequest(`${prefix}${error.original}`);
  }
}

/** Returns the value unless it is empty, for fields that Telegram leaves out. */
export function given<T extends string | number>(value: T): T | undefined {
  return value || undefined;
}

/** Returns an object without the fields that are undefined. */
export function compact<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

export const MAX_INTEGER = 2 ** 31 - 1;

export function integerOf(parameters: Parameters, name: string, fallback = 0): number {
  return parameters.integer(name, { default: fallback, min: 0, max: MAX_INTEGER });
}
