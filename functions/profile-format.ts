import type { BotProperties } from './contract.ts';

/*
 * How a bot's profile crosses process boundaries. Import it from `contract.ts`.
 */

/** What a stack declares of a bot's profile. */
export interface DeclaredProfile {
  /**
   * The slots: what Telegram reads, sets and clears on its own. Each is, in JSON, the parameters of the Bot API method
   * that sets it: `{"name":"Laden","language_code":"de"}`. The first key names the kind of slot.
   */
  readonly Slots: readonly string[];
  readonly Photo?: PhotoProperties;
}

/** The settings of the app that a slot's value may come from, by its key. */
const PROFILE_SETTINGS: Readonly<Record<string, string>> = {
  name: 'name',
  description: 'description',
  short_description: 'shortDescription',
  commands: 'commands',
  menu_button: 'menuButton',
  rights: 'administratorRights',
};

/** Names the setting of a slot as the app writes it: `profile.commands (scope chat 42, language de)`. */
export function profileSetting(slot: Readonly<Record<string, unknown>>): string {
  const key = Object.keys(slot).find((parameter) => parameter in PROFILE_SETTINGS) ?? '';
  const name = `profile.${PROFILE_SETTINGS[key]}`;
  if (key === 'rights') return `${name}.${slot.for_channels ? 'channels' : 'groups'}`;
  const { type = 'default', ...ids } = (slot.scope ?? {}) as Record<string, unknown>;
  const { chat_id, language_code } = slot;
  const details = [
    ...(type === 'default' ? [] : [`scope ${[type, ...Object.values(ids)].join(' ')}`]),
    ...(chat_id === undefined ? [] : [`chat ${chat_id}`]),
    ...(language_code === undefined ? [] : [`language ${language_code}`]),
  ];
  return details.length > 0 ? `${name} (${details.join(', ')})` : name;
}

/** A profile photo, as a CDK asset. */
export interface PhotoProperties {
  /** `https://s3.<region>.amazonaws.com/<bucket>/<hash of the content>.jpg` */
  readonly Url: string;
  readonly Type: 'static' | 'animated';
  /** Seconds; only of an animated photo. */
  readonly MainFrameTimestamp?: string;
}

/** Properties of `Custom::TelegramBotProfile`. */
export interface ProfileProperties extends BotProperties, DeclaredProfile {}

/** Attributes of `Custom::TelegramBotProfile`. */
export interface ProfileAttributes {
  /** What Telegram's rations have postponed and only the watch can complete, encoded; empty if there is nothing. */
  readonly Unfinished: string;
}
