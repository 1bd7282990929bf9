import type { BotCommand, ChatAdministratorRights, MenuButton } from '@grammyjs/types';
import { TelegramUnreachableError } from '../../telegram/errors.ts';
import type { AnyMethod } from '../services.ts';
import type { Where } from './slots.ts';

/** A text, a list of commands, a menu button or flags, by the slot's kind. */
export type SlotValue = unknown;

/** A kind of slot: how Telegram reads, sets and clears it. */
export interface Kind {
  /** The parameter of the set method that holds the value. */
  readonly parameter: string;
  /** Whether a read in a language without a text of its own returns the default's. */
  readonly hasFallback: boolean;
  /** What Telegram returns for a slot that was never set. */
  readonly unset: SlotValue;
  /** The method that sets and clears the slot, which Telegram may ration. */
  readonly setMethod: string;
  read(api: AnyMethod, where: Where): Promise<SlotValue>;
  /** Sets the slot, or clears it if the value is that of a slot that was never set. */
  write(api: AnyMethod, where: Where, value: SlotValue): Promise<unknown>;
  isSame(one: SlotValue, other: SlotValue, where: Where): boolean;
  /** Describes a value in one line, for people. */
  describe(value: SlotValue): string;
  /**
   * Returns what the slot should hold.
   *
   * @param declared undefined if nothing is declared any more
   * @param current what it holds
   */
  target(current: SlotValue, declared: SlotValue, previous: SlotValue): SlotValue;
}

type Call = (method: string, parameters: object) => Promise<unknown>;

/** Calls a method by a name that is known only at run time. */
function callOf(api: AnyMethod): Call {
  return (method, parameters) => (api.call as Call)(method, parameters);
}

interface KindOptions extends Pick<Kind, 'parameter' | 'unset'> {
  /** What the names of the methods end in: `MyName`. */
  readonly noun: string;
  readonly hasFallback?: boolean;
  /** Returns the value in a result; undefined if the result is none of Telegram's. */
  readonly valueIn: (result: unknown) => SlotValue | undefined;
  /** Returns what Telegram makes of a value, so that two values with the same effect are equal. */
  readonly normalize: (value: never, where: Where) => unknown;
  readonly describe: (value: never) => string;
  readonly target?: Kind['target'];
  /** The parameters that clear the slot. */
  readonly clear?: (call: Call, where: Where) => Promise<unknown>;
}

function kind({
  noun,
  valueIn,
  normalize,
  clear,
  describe,
  target,
  hasFallback,
  ...rest
}: KindOptions): Kind {
  const isSame: Kind['isSame'] = (one, other, where) =>
    JSON.stringify(normalize(one as never, where)) ===
    JSON.stringify(normalize(other as never, where));
  const setMethod = `set${noun}`;
  return {
    ...rest,
    setMethod,
    hasFallback: hasFallback ?? false,
    async read(api, where) {
      const method = `get${noun}`;
      const value = valueIn(await callOf(api)(method, where));
      if (value !== undefined) return value;
      throw new TelegramUnreachableError(method, `the answer is JSON without a ${rest.parameter}`);
    },
    async write(api, where, value) {
      const call = callOf(api);
      if (clear && isSame(value, rest.unset, where)) return clear(call, where);
      return call(setMethod, { [rest.parameter]: value, ...where });
    },
    isSame,
    describe: (value) => describe(value as never),
    target: target ?? ((_, declared) => declared ?? rest.unset),
  };
}

/** Telegram drops carriage returns, turns other control characters into spaces, and trims. */
function cleanText(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .trim();
}

function textKind(parameter: string, noun: string): Kind {
  return kind({
    parameter,
    noun,
    hasFallback: true,
    unset: '',
    valueIn: (result) => {
      const text = (result as Record<string, unknown> | null)?.[parameter];
      return typeof text === 'string' ? text : undefined;
    },
    normalize: cleanText,
    describe: (text: string) => (text === '' ? 'none' : JSON.stringify(text)),
  });
}

const commands = kind({
  parameter: 'commands',
  noun: 'MyCommands',
  unset: [],
  valueIn: (result) => (Array.isArray(result) && result.every(isCommand) ? result : undefined),
  normalize: (list: readonly BotCommand[]) =>
    list.map(({ command, description, is_ephemeral = false }) => [
      command,
      cleanText(description),
      is_ephemeral,
    ]),
  describe: (list: readonly BotCommand[]) =>
    list.map(({ command, description }) => `/${command} ${description}`).join(', ') || 'none',
  clear: (call, where) => call('deleteMyCommands', where),
});

function isCommand(item: unknown): item is BotCommand {
  const { command, description } = (item ?? {}) as Partial<BotCommand>;
  return typeof command === 'string' && typeof description === 'string';
}

const menuButton = kind({
  parameter: 'menu_button',
  noun: 'ChatMenuButton',
  unset: { type: 'default' },
  valueIn: (result) =>
    typeof (result as Partial<MenuButton> | null)?.type === 'string' ? result : undefined,
  normalize: (button: MenuButton, { chat_id }) => {
    if (button.type === 'web_app') return [button.text, canonicalUrl(button.web_app.url)];
    // The default button of a bot is the list of commands; that of a chat is the bot's.
    return chat_id === undefined ? 'commands' : button.type;
  },
  describe: (button: MenuButton) =>
    button.type === 'web_app'
      ? `${JSON.stringify(button.text)} (${button.web_app.url})`
      : button.type,
});

/** Returns a URL as Telegram writes it: `https://example.com` becomes `https://example.com/`. */
function canonicalUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

type Rights = Partial<ChatAdministratorRights>;

const rights = kind({
  parameter: 'rights',
  noun: 'MyDefaultAdministratorRights',
  unset: {},
  valueIn: (result) =>
    typeof result === 'object' && result !== null && !Array.isArray(result) ? result : undefined,
  normalize: flagsOf,
  describe: (flags: Rights) => flagsOf(flags).join(', ') || 'none',
  clear: (call, { for_channels }) => call('setMyDefaultAdministratorRights', { for_channels }),
  target: (current, declared, previous) =>
    rightsTarget(current as Rights, declared as Rights, previous as Rights),
});

/**
 * Returns the rights that a bot should ask for. Flags that the app does not name keep their values: new ones come with
 * new versions of the Bot API. `can_manage_chat` is implied by any other flag, and goes with the last one.
 */
function rightsTarget(current: Rights, declared: Rights = {}, previous: Rights = {}): Rights {
  const withdrawn = Object.fromEntries(Object.keys(previous).map((flag) => [flag, false]));
  const target = { ...current, ...withdrawn, ...declared };
  const isOnlyImplied = flagsOf(target).join() === 'can_manage_chat' && !declared.can_manage_chat;
  return isOnlyImplied && flagsOf(previous).length > 0 ? {} : target;
}

/** Returns the flags that are on. */
function flagsOf(flags: Rights): string[] {
  return Object.entries(flags)
    .flatMap(([flag, isOn]) => (isOn === true ? [flag] : []))
    .sort();
}

export const kinds: readonly Kind[] = [
  textKind('name', 'MyName'),
  textKind('description', 'MyDescription'),
  textKind('short_description', 'MyShortDescription'),
  commands,
  menuButton,
  rights,
];
