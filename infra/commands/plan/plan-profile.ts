import type { BotCommand, ChatAdministratorRights, MenuButton } from '@grammyjs/types';
import {
  type PhotoProperties,
  type ProfileProperties,
  profileSetting,
} from '../../../functions/contract.ts';
import type { SettingChange } from './plan-bot.ts';

/** The properties of `Custom::TelegramBotProfile` in a template, where any may be an intrinsic function. */
type Profile = { readonly [Name in keyof ProfileProperties]?: unknown };

/** Returns what a deploy sets and clears of a profile, compared with what is deployed. */
export function profileChanges(declared: Profile = {}, deployed?: Profile): SettingChange[] {
  const before = valuesOf(deployed ?? {});
  const after = valuesOf(declared);
  const settings = [...new Set([...after.keys(), ...before.keys()])];
  return settings
    .filter((setting) => before.get(setting) !== after.get(setting))
    .map((setting) => ({
      setting,
      ...(before.has(setting) && { before: before.get(setting) }),
      after: after.get(setting) ?? 'cleared',
    }));
}

/** Returns a text for the value of each setting. */
function valuesOf({ Slots, Photo }: Profile): Map<string, string> {
  const values = new Map<string, string>();
  for (const slot of Array.isArray(Slots) ? Slots : []) {
    const parameters = parse(slot);
    if (parameters) values.set(profileSetting(parameters), describe(parameters));
    // An intrinsic function is in the place of a text with values that only the deploy knows.
    else values.set('profile', 'known during the deploy');
  }
  if (Photo) values.set('profile.photo', photoOf(Photo as Partial<PhotoProperties>));
  return values;
}

/** Names a photo by the hash that its file has among the assets. */
function photoOf({
  Url,
  MainFrameTimestamp,
}: { [Name in keyof PhotoProperties]?: unknown }): string {
  const [, hash = ''] = /([0-9a-f]{8})[0-9a-f]{56}\.\w+/.exec(JSON.stringify(Url)) ?? [];
  return `file ${hash}…${MainFrameTimestamp ? `, frame at ${MainFrameTimestamp} s` : ''}`;
}

function parse(slot: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(String(slot));
  } catch {
    return undefined;
  }
}

function describe({
  commands,
  menu_button,
  rights,
  ...texts
}: Readonly<Record<string, unknown>>): string {
  if (commands) {
    const list = commands as readonly BotCommand[];
    return list.map(({ command, description }) => `/${command} ${description}`).join(', ');
  }
  if (menu_button) {
    const button = menu_button as MenuButton;
    return button.type === 'web_app' ? `${button.text} (${button.web_app.url})` : button.type;
  }
  if (rights) {
    const flags = Object.entries(rights as Partial<ChatAdministratorRights>);
    return flags.map(([flag, isOn]) => `${isOn ? '' : 'not '}${flag}`).join(', ') || 'none';
  }
  return JSON.stringify(texts.name ?? texts.description ?? texts.short_description);
}
