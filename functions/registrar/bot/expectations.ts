import type { UserFromGetMe } from '@grammyjs/types';
import {
  type BotSwitch,
  type Expects,
  type IdentityProperties,
  type SettingDifference,
  UPDATES_BEHIND_SWITCHES,
} from '../../contract.ts';
import { DeploymentError } from '../errors.ts';
import type { Described } from '../event.ts';

/** A switch that is not set as declared, and how to set it. */
export interface UnmetExpectation extends SettingDifference {
  /** An imperative, without a full stop: `send /setinline to @BotFather`. */
  readonly fix: string;
}

interface Switch {
  /** What @BotFather calls it. */
  readonly title: string;
  /** The field of getMe that shows it. */
  readonly field: keyof UserFromGetMe;
  /** Whether the field is true when the switch is off. */
  readonly isInverse?: true;
  readonly fix: string;
}

const menu = (path: string) => `send /mybots to @BotFather, choose the bot, then ${path}`;

/** For what Telegram documents as a setting of the Mini App, or not at all. */
const miniApp = (what: string) =>
  `open @BotFather's Mini App, choose the bot, and look for ${what} in its settings`;

const switches: Readonly<Record<BotSwitch, Switch>> = {
  inlineMode: {
    title: 'inline mode',
    field: 'supports_inline_queries',
    fix: 'send /setinline to @BotFather',
  },
  privacyMode: {
    title: 'privacy mode',
    field: 'can_read_all_group_messages',
    isInverse: true,
    fix: 'send /setprivacy to @BotFather, then add the bot to its groups again',
  },
  joinGroups: {
    title: 'the permission to join groups',
    field: 'can_join_groups',
    fix: 'send /setjoingroups to @BotFather',
  },
  business: {
    title: 'secretary mode (business mode)',
    field: 'can_connect_to_business',
    fix: menu('Bot Settings > Secretary Mode'),
  },
  mainWebApp: {
    title: 'the main mini app',
    field: 'has_main_web_app',
    fix: menu('Bot Settings > Configure Mini App'),
  },
  topics: {
    title: 'threaded mode (topics in private chats)',
    field: 'has_topics_enabled',
    fix: menu('Bot Settings > Threads Settings'),
  },
  userTopics: {
    title: "the users' permission to create topics",
    field: 'allows_users_to_create_topics',
    fix: miniApp('creating topics'),
  },
  guestQueries: {
    title: 'guest mode',
    field: 'supports_guest_queries',
    fix: menu('Bot Settings > Guest Mode'),
  },
  manageBots: {
    title: 'bot management mode',
    field: 'can_manage_bots',
    fix: menu('Bot Settings > Bot Management Mode'),
  },
  joinRequestQueries: {
    title: 'join request queries',
    field: 'supports_join_request_queries',
    fix: miniApp('join requests'),
  },
};

/** Returns whether each switch is on. */
export function switchesOf(me: UserFromGetMe): Record<BotSwitch, boolean> {
  const names = Object.keys(switches) as BotSwitch[];
  return Object.fromEntries(names.map((name) => [name, isOn(me, name)])) as Record<
    BotSwitch,
    boolean
  >;
}

/** Returns the switches that are not set as declared. A server that does not know a switch has it off. */
export function unmetExpectations(me: UserFromGetMe, expects: Expects): UnmetExpectation[] {
  return (Object.keys(switches) as BotSwitch[]).flatMap((name) => {
    const declared = expects[name];
    const actual = isOn(me, name);
    if (declared === undefined || declared === String(actual)) return [];
    const { fix } = switches[name];
    return [{ setting: `expects.${name}`, declared, actual: String(actual), fix }];
  });
}

/**
 * Compares the bot with what its resource declares. Returns a warning about what differs without being a failure:
 * update types that can never arrive, and during a rollback everything.
 *
 * @throws DeploymentError that names every switch that is not set as declared, and how to set it
 */
export function checkExpectations(
  me: UserFromGetMe,
  { ResourceProperties }: Described,
  { isRollback }: { readonly isRollback: boolean },
): string | undefined {
  const { Expects = {}, AllowedUpdates = [] } = ResourceProperties as Partial<IdentityProperties>;
  const unmet = describeUnmet(me, Expects);
  if (unmet && !isRollback) {
    throw new DeploymentError(`${unmet} Or correct expects. Then deploy again.`);
  }
  return [unmet, describeImpossible(me, AllowedUpdates)].filter(Boolean).join(' ') || undefined;
}

function describeUnmet(me: UserFromGetMe, expects: Expects): string {
  const sentences = unmetExpectations(me, expects).map(({ setting, declared, fix }) => {
    const { title } = switches[setting.replace('expects.', '') as BotSwitch];
    return `${setting} is ${declared}, but ${title} is ${declared === 'true' ? 'off' : 'on'}: ${fix}.`;
  });
  return sentences.length > 0
    ? `@${me.username} is not set as the stack expects. ${sentences.join(' ')}`
    : '';
}

/** Describes the update types that the bot asks for and can never receive. */
function describeImpossible(me: UserFromGetMe, allowedUpdates: readonly string[]): string {
  return (Object.keys(UPDATES_BEHIND_SWITCHES) as (keyof typeof UPDATES_BEHIND_SWITCHES)[])
    .filter((name) => !isOn(me, name))
    .flatMap((name) => {
      const never = UPDATES_BEHIND_SWITCHES[name].filter((type) => allowedUpdates.includes(type));
      const { title, fix } = switches[name];
      return never.length > 0
        ? `No ${never.join(', ')} will arrive, because ${title} is off: ${fix}.`
        : [];
    })
    .join(' ');
}

function isOn(me: UserFromGetMe, name: BotSwitch): boolean {
  const { field, isInverse = false } = switches[name];
  return (me[field] === true) !== isInverse;
}
