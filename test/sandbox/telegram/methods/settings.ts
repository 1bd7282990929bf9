import type { BotCommand, ChatAdministratorRights, MenuButton } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { MethodName } from '../method-names.ts';
import { NO_RIGHTS } from '../state/members.ts';
import type { ProfileText } from '../state/profile.ts';
import {
  dialogOf,
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  nested,
  prefixed,
  requiredText,
  userId,
} from './method.ts';

/** What a bot declares about itself. */
export const settingMethods: MethodTable = {
  setMyCommands: (call) => {
    const commands = readCommands(call);
    const scope = readScope(call);
    call.bot.profile.setCommands(scope, languageOf(call), commands);
    return true;
  },
  deleteMyCommands: (call) => {
    call.bot.profile.deleteCommands(readScope(call), languageOf(call));
    return true;
  },
  getMyCommands: (call) => [...call.bot.profile.commandsOf(readScope(call), languageOf(call))],
  setMyName: (call) => setText(call, 'name', 64),
  getMyName: (call) => ({ name: textOf(call, 'name') || call.bot.user.first_name }),
  setMyDescription: (call) => setText(call, 'description', 512),
  getMyDescription: (call) => ({ description: textOf(call, 'description') }),
  setMyShortDescription: (call) => setText(call, 'short_description', 120),
  getMyShortDescription: (call) => ({ short_description: textOf(call, 'short_description') }),
  setChatMenuButton: (call) => {
    const { bot, parameters } = call;
    const button = readMenuButton(call);
    if (!parameters.has('chat_id')) bot.profile.menuButton = button;
    else bot.profile.menuButtons.set(knownPerson(call), button);
    return true;
  },
  getChatMenuButton: (call) => {
    const { bot, parameters } = call;
    if (!parameters.has('chat_id')) return bot.profile.menuButton;
    return bot.profile.menuButtons.get(knownPerson(call)) ?? { type: 'default' };
  },
  setMyDefaultAdministratorRights: (call) => {
    const { bot, parameters } = call;
    const rights = readRights(call);
    if (parameters.flag('for_channels')) bot.profile.channelRights = rights;
    else bot.profile.groupRights = rights;
    return true;
  },
  getMyDefaultAdministratorRights: ({ bot, parameters }) =>
    parameters.flag('for_channels') ? bot.profile.channelRights : bot.profile.groupRights,
};

/** Client::get_bot_commands, then BotCommand.cpp: set_commands */
function readCommands({ parameters }: MethodCall): BotCommand[] {
  const values = jsonOf(parameters, 'commands', "can't parse commands JSON object");
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw badRequest('expected an Array of BotCommand');
  const commands = values.map((value) =>
    prefixed("can't parse BotCommand: ", () => {
      if (!isRecord(value)) throw badRequest('expected an Object');
      return {
        command: requiredText(value, 'command'),
        description: requiredText(value, 'description'),
        ...(value.is_ephemeral === true && { is_ephemeral: true }),
      };
    }),
  );
  // Telegram's server: https://core.telegram.org/method/bots.setBotCommands
  if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  return commands.map(checkCommand);
}

function checkCommand({ command, description, ...flags }: BotCommand): BotCommand {
  const name = command.trim().replace(/^\//, '');
  if (name === '') throw badRequest('command must be non-empty');
  if ([...name].length > 32) throw badRequest('command length must not exceed 32');
  const text = description.trim();
  if (text === '') throw badRequest('command description must be non-empty');
  if ([...text].length > 256) throw badRequest('command description length must not exceed 256');
  // Telegram's server: https://core.telegram.org/method/bots.setBotCommands
  if (!/^[a-z0-9_]+$/.test(name)) throw badRequest('BOT_COMMAND_INVALID');
  return { command: name, description: text, ...flags };
}

const SCOPES = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'];
const CHAT_SCOPES = ['chat', 'chat_administrators', 'chat_member'];

/** Returns a key for the scope, with the chat and the user it is for (Client::get_bot_command_scope). */
function readScope(call: MethodCall): string {
  const scope = jsonOf(call.parameters, 'scope', "can't parse BotCommandScope JSON object");
  if (scope === undefined) return 'default';
  const { type, fields } = prefixed("can't parse BotCommandScope: ", () => checkScope(scope));
  if (!fields) return type;
  const parameters = nested(call.parameters, fields);
  const dialog = dialogOf({ ...call, parameters }, 'read members');
  return [type, dialog.id, ...(type === 'chat_member' ? [userId(parameters)] : [])].join(' ');
}

function checkScope(scope: unknown): { type: string; fields?: Record<string, unknown> } {
  if (!isRecord(scope)) throw badRequest('BotCommandScope must be an Object');
  const type = requiredText(scope, 'type');
  if (SCOPES.includes(type)) return { type };
  if (!CHAT_SCOPES.includes(type)) throw badRequest('Unsupported type specified');
  if (requiredText(scope, 'chat_id') === '') throw badRequest('Empty chat_id specified');
  if (type === 'chat_member' && !(Number(requiredText(scope, 'user_id')) > 0)) {
    throw badRequest('Invalid user_id specified');
  }
  return { type, fields: scope };
}

/** BotInfoManager::validate_bot_language_code */
function languageOf({ parameters }: MethodCall): string {
  const code = parameters.text('language_code');
  if (code !== '' && !/^[a-z]{2}$/.test(code)) throw badRequest('invalid language code specified');
  return code;
}

function setText(call: MethodCall, kind: ProfileText, limit: number): true {
  const text = call.parameters.text(kind);
  const language = languageOf(call);
  // Telegram's server: https://core.telegram.org/method/bots.setBotInfo
  if ([...text].length > limit) throw badRequest(`BOT_${TEXT_NAMES[kind]}_TOO_LONG`);
  call.bot.profile.rations.spend(SET_METHODS[kind], call.bot.now());
  call.bot.profile.setText(kind, language, text);
  return true;
}

const SET_METHODS = {
  name: 'setMyName',
  description: 'setMyDescription',
  short_description: 'setMyShortDescription',
} as const satisfies Record<ProfileText, MethodName>;

const TEXT_NAMES: Record<ProfileText, string> = {
  name: 'TITLE',
  description: 'DESCRIPTION',
  short_description: 'ABOUT',
};

function textOf(call: MethodCall, kind: ProfileText): string {
  return call.bot.profile.text(kind, languageOf(call)) ?? '';
}

function knownPerson({ bot, parameters }: MethodCall): number {
  const id = userId(parameters, 'chat_id');
  if (!bot.findPerson(id)) throw badRequest('user not found');
  return id;
}

/** Client::get_bot_menu_button, then BotMenuButton.cpp: set_menu_button */
function readMenuButton({ parameters }: MethodCall): MenuButton {
  const value = jsonOf(parameters, 'menu_button', "can't parse menu button JSON object");
  if (value === undefined) return { type: 'default' };
  if (!isRecord(value)) throw badRequest("can't parse menu button: MenuButton must be an Object");
  if (value.type === 'default' || value.type === 'commands') return { type: value.type };
  if (value.type !== 'web_app') {
    throw badRequest("can't parse menu button: MenuButton has unsupported type");
  }
  const { text, url } = prefixed("can't parse menu button: ", () => {
    const label = requiredText(value, 'text');
    const { web_app } = value;
    if (web_app === undefined) throw badRequest('Can\'t find field "web_app"');
    if (!isRecord(web_app)) throw badRequest('Field "web_app" must be of type Object');
    return { text: label, url: requiredText(web_app, 'url') };
  });
  if (text === '') throw badRequest('menu button text must be non-empty');
  return { type: 'web_app', text, web_app: { url: checkWebAppUrl(url) } };
}

/** Returns the URL as Telegram writes it (LinkManager::check_link). */
function checkWebAppUrl(url: string): string {
  if (!URL.canParse(url) || !url.startsWith('https://')) {
    throw badRequest(`menu button Web App URL '${url}' is invalid: Only HTTPS links are allowed`);
  }
  return new URL(url).href;
}

/** The rights that make no sense in groups, and in channels (TDLib's AdministratorRights). */
const NOT_IN_GROUPS = ['can_post_messages', 'can_edit_messages', 'can_manage_direct_messages'];
const NOT_IN_CHANNELS = [
  'can_pin_messages',
  'can_manage_topics',
  'can_manage_tags',
  'is_anonymous',
];

function readRights({ parameters }: MethodCall): ChatAdministratorRights {
  const refusal = "can't parse ChatAdministratorRights JSON object";
  const value = jsonOf(parameters, 'rights', refusal);
  if (value === undefined) return NO_RIGHTS;
  if (!isRecord(value)) {
    throw badRequest(
      "can't parse ChatAdministratorRights: ChatAdministratorRights must be an Object",
    );
  }
  const dropped = parameters.flag('for_channels') ? NOT_IN_CHANNELS : NOT_IN_GROUPS;
  const granted = Object.entries(value).flatMap(([right, isGranted]) =>
    isGranted === true && !dropped.includes(right) ? [[right, true]] : [],
  );
  // Every right implies this one.
  const implied = granted.length > 0 && { can_manage_chat: true };
  return { ...NO_RIGHTS, ...Object.fromEntries(granted), ...implied };
}
