import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  BotCommandScope,
  BotCommandScopeChatMember,
  ChatAdministratorRights,
} from '@grammyjs/types';
import { Token } from 'aws-cdk-lib';
import { profileSetting } from '../../functions/contract.ts';
import { checkOneOf, checkWholeNumber, parseUrl } from './checks.ts';
import type { AnimatedPhoto, CommandList, MenuButtonSetting } from './profile.ts';

/*
 * Telegram refuses or silently changes what these checks refuse. Lengths are in code points, as Telegram's library counts
 * them (`utf8_length` in td): an emoji is one or more of them, and two UTF-16 units.
 */

/** Checks the texts of a setting, by language. @throws Error that shows the value, what is allowed, and the fix */
export function checkLocalizedText(
  name: string,
  texts: { readonly [language: string]: string | undefined },
  limits: { readonly min: number; readonly max: number; readonly isOneLine: boolean },
): void {
  for (const [language, text] of Object.entries(texts)) {
    if (text === undefined) continue;
    const isDefault = language === 'default';
    if (!isDefault) checkLanguage(name, language);
    // Telegram takes an empty text as none, and shows the default in its place.
    const min = isDefault ? limits.min : 1;
    checkText(isDefault ? name : `${name}.${language}`, text, { ...limits, min });
  }
}

function checkLanguage(name: string, language: string): void {
  if (Token.isUnresolved(language) || /^[a-z]{2}$/.test(language)) return;
  throw new Error(
    `${name} must name languages by two small letters of ISO 639-1, such as de, or default; got ${language}`,
  );
}

function checkText(
  name: string,
  text: string,
  { min, max, isOneLine }: { min: number; max: number; isOneLine: boolean },
): void {
  if (Token.isUnresolved(text)) return;
  if (typeof text !== 'string') throw new Error(`${name} must be a text, got ${text}`);
  const { length } = [...text];
  if (length < min || length > max) {
    const fix = length === 0 ? 'leave it out instead of an empty text' : 'shorten it';
    throw new Error(`${name} must have ${min} to ${max} characters, got ${length}: ${fix}`);
  }
  const forbidden = isOneLine ? /\p{Cc}/u : /[^\P{Cc}\n]/u;
  if (text !== text.trim() || forbidden.test(text)) {
    throw new Error(
      `${name} must not begin or end with white space, or have ${isOneLine ? 'line breaks or tabs' : 'tabs'}, because ` +
        `Telegram removes them and every deploy would set it again; got ${JSON.stringify(text)}`,
    );
  }
}

/** Checks lists of commands. @throws Error that shows the value, what is allowed, and the fix */
export function checkCommandLists(lists: readonly CommandList[]): void {
  const known = new Set<string>();
  for (const { commands, scope, language } of lists) {
    const name = profileSetting({ commands, scope, language_code: language });
    if (known.has(name)) {
      throw new Error(`${name} is declared twice: put all commands for it into one list`);
    }
    known.add(name);
    if (language !== undefined) checkLanguage(name, language);
    if (scope) checkScope(name, scope);
    if (commands.length < 1 || commands.length > 100) {
      throw new Error(
        `${name} must have 1 to 100 commands, got ${commands.length}: ` +
          `${commands.length === 0 ? 'leave the list out' : 'Telegram accepts no more'}`,
      );
    }
    checkCommands(name, commands);
  }
}

function checkCommands(list: string, commands: CommandList['commands']): void {
  const names = new Set<string>();
  for (const { command, description } of commands) {
    if (!Token.isUnresolved(command) && !/^[a-z0-9_]{1,32}$/.test(command)) {
      throw new Error(
        `${list} must name commands by 1 to 32 of a-z, 0-9 and _, without the slash; got ${command}`,
      );
    }
    if (names.has(command)) throw new Error(`${list} has the command ${command} twice: remove one`);
    names.add(command);
    const limits = { min: 1, max: 256, isOneLine: false };
    checkText(`the description of /${command} in ${list}`, description, limits);
  }
}

/** Every scope; the compiler keeps the list equal to that of `@grammyjs/types`. Whether each is for one chat. */
const SCOPES: Record<BotCommandScope['type'], boolean> = {
  default: false,
  all_private_chats: false,
  all_group_chats: false,
  all_chat_administrators: false,
  chat: true,
  chat_administrators: true,
  chat_member: true,
};

function checkScope(name: string, scope: BotCommandScope): void {
  const { type } = scope;
  checkOneOf(`scope.type of ${name}`, type, Object.keys(SCOPES));
  if (!SCOPES[type]) return;
  const { chat_id: chat, user_id: user } = scope as BotCommandScopeChatMember;
  if (Token.isUnresolved(chat)) return;
  const isId = Number.isSafeInteger(Number(chat)) && Number(chat) !== 0;
  if (!isId && !/^@\w{4,32}$/.test(String(chat))) {
    throw new Error(
      `${name} must have the id of a chat, such as -1001234567890, or the @name of a public group; got ${chat}`,
    );
  }
  if (type !== 'chat' && Number(chat) > 0) {
    throw new Error(
      `${name} must be for a group, whose id is negative, and ${chat} is a private chat: add the minus sign, or use ` +
        `{ type: 'chat', chat_id: ${chat} }`,
    );
  }
  if (type === 'chat_member') {
    checkWholeNumber(`user_id in ${name}`, user, { min: 1, max: Number.MAX_SAFE_INTEGER });
  }
}

/** Checks a menu button. @throws Error that shows the value, what is allowed, and the fix */
export function checkMenuButton(chat: string | undefined, button: MenuButtonSetting): void {
  const name = profileSetting({ menu_button: button, chat_id: chat });
  if (chat !== undefined && !/^[1-9]\d*$/.test(chat)) {
    throw new Error(`${name} must be for a private chat, whose id is a positive number: remove it`);
  }
  if (Token.isUnresolved(button) || button === 'commands' || button === 'default') return;
  if (button.type !== 'web_app') {
    throw new Error(
      `${name} must be 'commands', 'default', or { type: 'web_app', text, web_app: { url } }; got ${JSON.stringify(button)}`,
    );
  }
  const { text, web_app } = button;
  checkText(`text of ${name}`, text, { min: 1, max: 64, isOneLine: true });
  const { url } = web_app;
  if (Token.isUnresolved(url)) return;
  if (parseUrl(url)?.protocol !== 'https:') {
    throw new Error(`web_app.url of ${name} must be an https URL, got ${url}`);
  }
}

type Place = 'groups' | 'channels';

/** The rights, and where Telegram has them. The compiler keeps the list equal to that of `@grammyjs/types`. */
const RIGHTS: Record<keyof ChatAdministratorRights, Place | 'both'> = {
  is_anonymous: 'groups',
  can_manage_chat: 'both',
  can_delete_messages: 'both',
  can_manage_video_chats: 'both',
  can_restrict_members: 'both',
  can_promote_members: 'both',
  can_change_info: 'both',
  can_invite_users: 'both',
  can_manage_tags: 'groups',
  can_post_stories: 'both',
  can_edit_stories: 'both',
  can_delete_stories: 'both',
  can_post_messages: 'channels',
  can_edit_messages: 'channels',
  can_pin_messages: 'groups',
  can_manage_topics: 'groups',
  can_manage_direct_messages: 'channels',
  can_send_welcome_messages: 'both',
};

/** Checks default administrator rights. @throws Error that shows the value, what is allowed, and the fix */
export function checkRights(place: Place, rights: Partial<ChatAdministratorRights>): void {
  const name = profileSetting({ rights, for_channels: place === 'channels' });
  for (const [right, isOn] of Object.entries(rights)) {
    if (isOn === undefined) continue;
    const where = RIGHTS[right as keyof ChatAdministratorRights];
    if (where === undefined) {
      throw new Error(`${name} must have rights of ChatAdministratorRights, got ${right}`);
    }
    if (typeof isOn !== 'boolean') {
      throw new Error(`${name}.${right} must be true or false, got ${isOn}`);
    }
    if (isOn && where !== 'both' && where !== place) {
      throw new Error(`${name} must not have ${right}, which only ${where} have: remove it`);
    }
  }
  if (rights.can_manage_chat === false && Object.values(rights).includes(true)) {
    throw new Error(
      `${name}.can_manage_chat must not be false beside a right that is true, which implies it: remove it`,
    );
  }
}

/** The largest photo that the Bot API takes, and the registrar's memory holds. */
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
/** Telegram's limit for the length of an animated photo. */
const MAX_SECONDS = 10;

/** Checks the file of a photo. @throws Error that shows the value, what is allowed, and the fix */
export function checkPhoto(photo: string | AnimatedPhoto): void {
  const isAnimated = typeof photo !== 'string';
  const path = isAnimated ? photo.animated : photo;
  const { size, start } = inspect(path);
  const isRight = isAnimated
    ? start.subarray(4, 8).toString('latin1') === 'ftyp'
    : start.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
  if (!isRight) {
    const fix = isAnimated ? '' : ', or { animated } for an MP4 file';
    throw new Error(
      `profile.photo must be ${isAnimated ? 'an MP4' : 'a JPEG'} file, and ${path} is not: convert it${fix}`,
    );
  }
  if (size > MAX_PHOTO_BYTES) {
    throw new Error(
      `profile.photo must be a file of at most ${MAX_PHOTO_BYTES} bytes, got ${size}: make ${path} smaller`,
    );
  }
  const { mainFrameTimestamp: second = 0 } = isAnimated ? photo : {};
  if (!(second >= 0 && second <= MAX_SECONDS)) {
    throw new Error(
      `profile.photo.mainFrameTimestamp must be 0 to ${MAX_SECONDS} seconds, got ${second}`,
    );
  }
}

/** Returns the size of a file and its first bytes. */
function inspect(path: string): { size: number; start: Buffer } {
  try {
    const bytes = readFileSync(path);
    return { size: bytes.length, start: bytes.subarray(0, 12) };
  } catch {
    throw new Error(
      `profile.photo must be the path of a file, but ${resolve(path)} cannot be read`,
    );
  }
}
