import type {
  BotCommand,
  BotCommandScope,
  ChatAdministratorRights,
  LanguageCode,
  MenuButtonWebApp,
} from '@grammyjs/types';
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import {
  checkCommandLists,
  checkLocalizedText,
  checkMenuButton,
  checkPhoto,
  checkRights,
} from './profile-checks.ts';

/** A text for everybody, or by language: `{ default: 'Shop', de: 'Laden' }`. */
export type LocalizedText = string | ({ readonly default?: string } & LanguageTexts);

/** Texts by two-letter ISO 639-1 code. */
export type LanguageTexts = { readonly [L in LanguageCode]?: string };

/** A list of commands for some of the chats, in one language. */
export interface CommandList {
  /** 1 to 100 commands. A name has 1 to 32 of `a-z`, `0-9` and `_`; a description 1 to 256 characters. */
  readonly commands: readonly BotCommand[];
  /**
   * The chats that the list is for. Telegram shows a user the list with the narrowest scope.
   *
   * @default - all chats that have no list of their own
   */
  readonly scope?: BotCommandScope;
  /**
   * Two-letter ISO 639-1 code of the users' language.
   *
   * @default - all languages that have no list of their own
   */
  readonly language?: LanguageCode;
}

/** `commands` opens the list of commands, `default` is Telegram's choice, and a web app has a text of its own. */
export type MenuButtonSetting = 'commands' | 'default' | MenuButtonWebApp;

/** The menu button of the bot, and those of private chats. */
export interface MenuButtons {
  /** @default - left as it is */
  readonly bot?: MenuButtonSetting;
  /**
   * By the id of the user.
   *
   * @default - left as they are
   */
  readonly chats?: { readonly [chatId: number]: MenuButtonSetting };
}

/** A video as the photo. */
export interface AnimatedPhoto {
  /** Path of an MP4 file of at most 10 MB, relative to the folder that the CDK runs in. */
  readonly animated: string;
  /**
   * The second of the frame that stands for the video, 0 to 10.
   *
   * @default 0
   */
  readonly mainFrameTimestamp?: number;
}

/**
 * What users see of a bot. What is declared is set if it differs, whoever changed it. What is left out is left as it is;
 * once it was declared, it is cleared when it is removed from the app, unless another process has changed it since.
 *
 * @example
 * const profile: ProfileSettings = {
 *   name: { default: 'Corner Shop', de: 'Eckladen' },
 *   shortDescription: 'Orders for the shop around the corner',
 *   commands: [
 *     { commands: [{ command: 'order', description: 'Place an order' }] },
 *     { commands: [{ command: 'order', description: 'Bestellen' }], language: 'de' },
 *     { commands: [{ command: 'stock', description: 'Show the stock' }], scope: { type: 'chat', chat_id: -1001234567890 } },
 *   ],
 *   menuButton: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } },
 *   photo: 'assets/shop.jpg',
 * };
 */
export interface ProfileSettings {
  /**
   * The name, 1 to 64 characters. Telegram allows few changes of it. One that it postpones does not fail the deploy: the
   * watch completes it.
   *
   * @default - left as it is
   */
  readonly name?: LocalizedText;

  /**
   * What an empty chat with the bot shows, up to 512 characters. An empty text shows nothing.
   *
   * @default - left as it is
   */
  readonly description?: LocalizedText;

  /**
   * What the bot's profile and links to it show, up to 120 characters. An empty text shows nothing.
   *
   * @default - left as it is
   */
  readonly shortDescription?: LocalizedText;

  /**
   * The commands for everybody, or one list for each scope and language.
   *
   * @default - left as they are
   */
  readonly commands?: readonly BotCommand[] | readonly CommandList[];

  /**
   * The button beside the text field: one for all private chats, or also some for single chats.
   *
   * @default - left as it is
   */
  readonly menuButton?: MenuButtonSetting | MenuButtons;

  /**
   * The rights that the bot asks for when it is added as an administrator. A right that is not named keeps the value that
   * it has at Telegram.
   *
   * @default - left as they are
   */
  readonly administratorRights?: {
    /** @default - left as they are */
    readonly groups?: Partial<ChatAdministratorRights>;
    /** @default - left as they are */
    readonly channels?: Partial<ChatAdministratorRights>;
  };

  /**
   * The photo: the path of a JPEG file of at most 10 MB, relative to the folder that the CDK runs in, or a video. It is
   * uploaded when the file changes. No method of the Bot API returns it, so a photo that was changed by hand stays until
   * then, and is removed when the stack is destroyed.
   *
   * @default - left as it is
   */
  readonly photo?: string | AnimatedPhoto;
}

/**
 * Checks a profile, and returns its slots, each as the parameters of the method that sets it, in JSON.
 *
 * @param scope a construct of the bot's stack
 * @throws Error that shows the value, what is allowed, and the fix
 */
export function toSlots(settings: ProfileSettings, scope: IConstruct): string[] {
  const { commands, administratorRights = {}, photo } = settings;
  const slots: object[] = [];
  for (const [parameter, setting, limits] of TEXTS) {
    const text = settings[setting];
    if (text === undefined) continue;
    const texts = typeof text === 'string' ? { default: text } : text;
    checkLocalizedText(`profile.${setting}`, texts, limits);
    for (const [language, value] of Object.entries(texts)) {
      if (value === undefined) continue;
      slots.push({
        [parameter]: value,
        ...(language !== 'default' && { language_code: language }),
      });
    }
  }
  if (commands) {
    const lists = toCommandLists(commands);
    checkCommandLists(lists);
    slots.push(...lists.map(commandSlot));
  }
  for (const [chat, button] of menuButtonsOf(settings.menuButton)) {
    checkMenuButton(chat, button);
    slots.push({
      menu_button: typeof button === 'string' ? { type: button } : button,
      ...(chat !== undefined && { chat_id: Number(chat) }),
    });
  }
  for (const [place, rights] of Object.entries(administratorRights)) {
    if (!rights) continue;
    checkRights(place as keyof typeof administratorRights, rights);
    slots.push({ rights, ...(place === 'channels' && { for_channels: true }) });
  }
  if (photo !== undefined) checkPhoto(photo);
  return slots.map((slot) => Stack.of(scope).toJsonString(slot));
}

/** Parameter, setting and limits of the texts. */
const TEXTS = [
  ['name', 'name', { min: 1, max: 64, isOneLine: true }],
  ['description', 'description', { min: 0, max: 512, isOneLine: false }],
  ['short_description', 'shortDescription', { min: 0, max: 120, isOneLine: false }],
] as const;

function toCommandLists(commands: NonNullable<ProfileSettings['commands']>): CommandList[] {
  const isList = (item: BotCommand | CommandList): item is CommandList => 'commands' in item;
  const items: readonly (BotCommand | CommandList)[] = commands;
  const lists = items.filter(isList);
  if (lists.length === 0) return [{ commands: items as readonly BotCommand[] }];
  if (lists.length < items.length) {
    throw new Error(
      'profile.commands must be commands, or lists of commands, not both: put the single commands into a list of their ' +
        'own, { commands: [ … ] }',
    );
  }
  return lists;
}

/** Spells a list in one order, so that it is the same slot however it was written. */
function commandSlot({ commands, scope, language }: CommandList): object {
  const { type, ...ids } = scope ?? { type: 'default' };
  const { chat_id, user_id } = ids as { chat_id?: number | string; user_id?: number };
  return {
    commands: commands.map(({ command, description, is_ephemeral }) => ({
      command,
      description,
      ...(is_ephemeral && { is_ephemeral }),
    })),
    ...(language && { language_code: language }),
    ...(type !== 'default' && { scope: { type, chat_id, user_id } }),
  };
}

function menuButtonsOf(
  setting: ProfileSettings['menuButton'],
): [chat: string | undefined, MenuButtonSetting][] {
  if (setting === undefined) return [];
  if (typeof setting === 'string' || 'type' in setting) return [[undefined, setting]];
  const { bot, chats = {} } = setting;
  return [
    ...(bot === undefined ? [] : [[undefined, bot] as [undefined, MenuButtonSetting]]),
    ...Object.entries(chats),
  ];
}
