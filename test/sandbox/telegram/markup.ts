import type {
  ForceReply,
  InlineKeyboardMarkup,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
} from '@grammyjs/types';
import { badRequest } from './bot-api-error.ts';
import type { ButtonFace } from './button.ts';
import { buildInlineButton, readInlineButton } from './inline-button.ts';
import { JsonFieldError, JsonObject } from './json-object.ts';
import { buildKeyboardButton, readKeyboardButton } from './keyboard-button.ts';
import type { Parameters } from './parameters.ts';

export type ReplyMarkup =
  | InlineKeyboardMarkup
  | ReplyKeyboardMarkup
  | ReplyKeyboardRemove
  | ForceReply;

export interface MarkupOptions {
  /** Only private chats have keyboards that request contacts, locations and the like. @default true */
  readonly privateChat?: boolean;
  /** Refuses all other kinds, as for edited messages. @default false */
  readonly onlyInline?: boolean;
  /** Only invoices may have a pay button. @default false */
  readonly invoice?: boolean;
}

/** Telegram ignores the buttons beyond these limits (tdlib, ReplyMarkup.cpp). */
const MAX_BUTTONS_IN_ROW = 12;
const MAX_BUTTONS = 300;

/**
 * Reads the parameter `reply_markup` as Telegram does. Returns undefined when it is missing, or when
 * nothing of it is left, such as a keyboard whose buttons have no text.
 *
 * @throws BotApiError
 */
export function readMarkup(
  parameters: Parameters,
  options: MarkupOptions = {},
): ReplyMarkup | undefined {
  let json: unknown;
  try {
    json = parameters.json('reply_markup');
  } catch {
    throw badRequest("Can't parse reply keyboard markup JSON object");
  }
  return json === undefined ? undefined : parseMarkup(json, options);
}

/**
 * Reads a markup from parsed JSON (telegram-bot-api, Client.cpp; tdlib, ReplyMarkup.cpp).
 *
 * @throws BotApiError
 */
export function parseMarkup(json: unknown, options: MarkupOptions = {}): ReplyMarkup | undefined {
  const object = JsonObject.of(json);
  if (!object) throw badRequest('Object expected as reply markup');
  const { onlyInline = false } = options;
  const reading = read(object, options);
  if (!reading) return undefined;
  if (onlyInline && !reading.isInline) throw badRequest('Inline keyboard expected');
  return reading.build();
}

/** A markup whose fields are all read, but whose buttons are not checked: Telegram refuses in this order. */
interface Reading {
  readonly isInline: boolean;
  readonly build: () => ReplyMarkup | undefined;
}

function read(object: JsonObject, options: MarkupOptions): Reading | undefined {
  try {
    return readFields(object, options);
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw badRequest(error.message);
  }
}

function readFields(object: JsonObject, options: MarkupOptions): Reading | undefined {
  const { privateChat = true, invoice = false } = options;
  const rows = readRows(object, KEYBOARD, readKeyboardButton);
  const inlineRows = readRows(object, INLINE_KEYBOARD, readInlineButton);
  const removes = anyFlag(object, 'hide_keyboard', 'remove_keyboard');
  const isPersonal = anyFlag(object, 'personal_keyboard', 'selective');
  const forcesReply = anyFlag(object, 'force_reply_keyboard', 'force_reply');
  const placeholder = object.text('input_field_placeholder');
  // In a private chat everything is personal.
  const selective = isPersonal && !privateChat && { selective: true as const };
  const hint = placeholder !== '' && { input_field_placeholder: placeholder };

  if (rows.length > 0) {
    const shown = trueFlags(object, 'resize_keyboard', 'one_time_keyboard', 'is_persistent');
    const build = () => {
      const keyboard = buildRows(rows, (button) => buildKeyboardButton(button, privateChat));
      return keyboard.length > 0 ? { keyboard, ...shown, ...hint, ...selective } : undefined;
    };
    return { isInline: false, build };
  }
  if (inlineRows.length > 0) {
    const build = () => {
      const keyboard = buildRows(inlineRows, (button, first) =>
        buildInlineButton(button, { first, invoice }),
      );
      return keyboard.length > 0 ? { inline_keyboard: keyboard } : undefined;
    };
    return { isInline: true, build };
  }
  if (removes) {
    return { isInline: false, build: () => ({ remove_keyboard: true, ...selective }) };
  }
  if (!forcesReply) return undefined;
  return { isInline: false, build: () => ({ force_reply: true, ...hint, ...selective }) };
}

function anyFlag(object: JsonObject, ...names: string[]): boolean {
  return Object.keys(trueFlags(object, ...names)).length > 0;
}

/** Reads all the flags, also behind a true one: each must be a boolean. */
function trueFlags(object: JsonObject, ...names: string[]): Record<string, true> {
  return Object.fromEntries(names.filter((name) => object.flag(name)).map((name) => [name, true]));
}

/** A field with rows of buttons, and how Telegram words its refusals. */
interface RowsField {
  readonly field: string;
  readonly title: string;
  readonly problem: string;
}

const KEYBOARD: RowsField = {
  field: 'keyboard',
  title: 'Field "keyboard"',
  problem: "Can't parse keyboard button",
};
const INLINE_KEYBOARD: RowsField = {
  field: 'inline_keyboard',
  title: 'Field "inline_keyboard" of the InlineKeyboardMarkup',
  problem: "Can't parse inline keyboard button",
};

function readRows<T>(
  object: JsonObject,
  { field, title, problem }: RowsField,
  readButton: (json: unknown) => T,
): T[][] {
  return object.array(field).map((row) => {
    if (!Array.isArray(row)) throw badRequest(`${title} must be an Array of Arrays`);
    return row.map((json) => {
      try {
        return readButton(json);
      } catch (error) {
        if (!(error instanceof JsonFieldError)) throw error;
        throw badRequest(`${problem}: ${error.message}`);
      }
    });
  });
}

/** Builds the buttons within the limits. Buttons that show nothing are left out, and so are empty rows. */
function buildRows<T extends ButtonFace, B>(
  rows: readonly (readonly T[])[],
  buildButton: (button: T, first: boolean) => B,
): B[][] {
  let left = MAX_BUTTONS;
  const built: B[][] = [];
  for (const row of rows) {
    const shown = row.filter((button) => button.text !== '' || button.icon_custom_emoji_id);
    const kept = shown.slice(0, Math.min(MAX_BUTTONS_IN_ROW, left));
    left -= kept.length;
    if (kept.length === 0) continue;
    built.push(kept.map((button, index) => buildButton(button, index + built.length === 0)));
  }
  return built;
}
