import type {
  ForceReply,
  InlineKeyboardMarkup,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
} from '@grammyjs/types';
import { badRequest } from './bot-api-error.ts';
import { type ButtonPlace, buildInlineButton, readInlineButton } from './inline-button.ts';
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
  let build: (() => ReplyMarkup | undefined) | undefined;
  try {
    build = read(object, options);
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw badRequest(error.message);
  }
  return build?.();
}

/** Reads all fields before the markup is built, because Telegram refuses mistakes in this order. */
function read(
  object: JsonObject,
  options: MarkupOptions,
): (() => ReplyMarkup | undefined) | undefined {
  const { privateChat = true, onlyInline = false, invoice = false } = options;
  const rows = readRows(
    object,
    'keyboard',
    'Field "keyboard"',
    "Can't parse keyboard button",
    (json) => readKeyboardButton(json),
  );
  const inlineRows = readRows(
    object,
    'inline_keyboard',
    'Field "inline_keyboard" of the InlineKeyboardMarkup',
    "Can't parse inline keyboard button",
    (json) => readInlineButton(json),
  );
  const remove = [object.flag('hide_keyboard'), object.flag('remove_keyboard')].includes(true);
  const personal = [object.flag('personal_keyboard'), object.flag('selective')].includes(true);
  const force = [object.flag('force_reply_keyboard'), object.flag('force_reply')].includes(true);
  const placeholder = object.text('input_field_placeholder');
  // In a private chat everything is personal.
  const selective = personal && !privateChat && { selective: true as const };
  const expectInline = () => {
    if (onlyInline) throw badRequest('Inline keyboard expected');
  };

  if (rows.length > 0) {
    const flags = ['resize_keyboard', 'one_time_keyboard', 'is_persistent'] as const;
    const set = Object.fromEntries(flags.filter((name) => object.flag(name)).map((n) => [n, true]));
    return () => {
      expectInline();
      const keyboard = build(rows, (button) => buildKeyboardButton(button, privateChat));
      if (keyboard.length === 0) return undefined;
      return {
        keyboard,
        ...set,
        ...(placeholder && { input_field_placeholder: placeholder }),
        ...selective,
      };
    };
  }
  if (inlineRows.length > 0) {
    return () => {
      const keyboard = build(inlineRows, (button, place) =>
        buildInlineButton(button, { ...place, invoice }),
      );
      return keyboard.length === 0 ? undefined : { inline_keyboard: keyboard };
    };
  }
  if (remove) {
    return () => {
      expectInline();
      return { remove_keyboard: true, ...selective };
    };
  }
  if (!force) return undefined;
  return () => {
    expectInline();
    return {
      force_reply: true,
      ...(placeholder && { input_field_placeholder: placeholder }),
      ...selective,
    };
  };
}

function readRows<T>(
  object: JsonObject,
  field: string,
  name: string,
  problem: string,
  readButton: (json: unknown) => T,
): T[][] {
  return object.array(field).map((row) => {
    if (!Array.isArray(row)) throw badRequest(`${name} must be an Array of Arrays`);
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
function build<T extends { readonly text: string; readonly icon_custom_emoji_id?: string }, B>(
  rows: readonly (readonly T[])[],
  buildButton: (button: T, place: Pick<ButtonPlace, 'first'>) => B,
): B[][] {
  let left = MAX_BUTTONS;
  const built: B[][] = [];
  for (const row of rows) {
    const shown = row.filter((button) => button.text !== '' || button.icon_custom_emoji_id);
    const kept = shown.slice(0, Math.min(MAX_BUTTONS_IN_ROW, left));
    left -= kept.length;
    if (kept.length === 0) continue;
    built.push(
      kept.map((button, index) => buildButton(button, { first: index + built.length === 0 })),
    );
  }
  return built;
}
