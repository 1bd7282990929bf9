import { createHash } from 'node:crypto';
import type { BotCommand, ChatAdministratorRights, MenuButton, PhotoSize } from '@grammyjs/types';
import { NO_RIGHTS } from './members.ts';
import { Rations } from './rations.ts';

/** The texts of a bot's profile, by the name of their parameter. */
export type ProfileText = 'name' | 'description' | 'short_description';

/** A photo or a video, in the sizes that people see. */
export interface ProfilePhoto {
  readonly type: 'static' | 'animated';
  readonly content: Buffer;
  /** In seconds, of an animated photo. */
  readonly mainFrameTimestamp?: number;
  readonly sizes: PhotoSize[];
}

/** What a bot has declared about itself: texts and commands by language, menu buttons, default rights, a photo. */
export class Profile {
  /** How often the bot may change its texts and its photo, by the name of the method. No limits unless a test sets them. */
  readonly rations = new Rations();
  photo: ProfilePhoto | undefined;
  groupRights: ChatAdministratorRights = NO_RIGHTS;
  channelRights: ChatAdministratorRights = NO_RIGHTS;
  /** The button of people for whom the bot has set no other. */
  menuButton: MenuButton = { type: 'commands' };
  readonly menuButtons = new Map<number, MenuButton>();
  private readonly commands = new Map<string, readonly BotCommand[]>();
  private readonly texts = new Map<string, string>();

  /** @param scope is a key that identifies the scope with its chat and user */
  commandsOf(scope: string, language: string): readonly BotCommand[] {
    return this.commands.get(`${scope} ${language}`) ?? [];
  }

  setCommands(scope: string, language: string, commands: readonly BotCommand[]): void {
    this.commands.set(`${scope} ${language}`, commands);
  }

  deleteCommands(scope: string, language: string): void {
    this.commands.delete(`${scope} ${language}`);
  }

  /** Returns the text for a language, or else the text for all languages. */
  text(kind: ProfileText, language: string): string | undefined {
    return this.texts.get(`${kind} ${language}`) ?? this.texts.get(`${kind} `);
  }

  /** Returns everything that is set, by kind, scope, chat and language. A photo's content is its hash. */
  get state(): Record<string, unknown> {
    const { photo, menuButton } = this;
    const rights = { groups: this.groupRights, channels: this.channelRights };
    const hash = photo && createHash('sha256').update(photo.content).digest('hex');
    const entries: (readonly [name: string, value: unknown, isSet: boolean])[] = [
      ...[...this.texts].map(([key, text]) => [key, text, true] as const),
      ...[...this.commands].map(
        ([key, list]) => [`commands ${key}`, list, list.length > 0] as const,
      ),
      ['menu button', menuButton, menuButton.type === 'web_app'],
      ...[...this.menuButtons].map(
        ([chat, button]) => [`menu button ${chat}`, button, button.type !== 'default'] as const,
      ),
      ...Object.entries(rights).map(
        ([place, flags]) => [`rights ${place}`, flags, flags.can_manage_chat] as const,
      ),
      ['photo', photo && `${photo.type} ${hash}`, photo !== undefined],
    ];
    return Object.fromEntries(
      entries.flatMap(([name, value, isSet]) => (isSet ? [[name.trim(), value]] : [])),
    );
  }

  /** An empty text removes the one that was set. */
  setText(kind: ProfileText, language: string, text: string): void {
    if (text === '') this.texts.delete(`${kind} ${language}`);
    else this.texts.set(`${kind} ${language}`, text);
  }
}
