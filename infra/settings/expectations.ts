import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  type BotSwitch,
  type IdentityProperties,
  UPDATES_BEHIND_SWITCHES,
} from '../../functions/contract.ts';
import { checkOneOf } from './checks.ts';
import type { WebhookSettings } from './webhook.ts';

/**
 * What only @BotFather switches, as the bot needs it: `true` for on, `false` for off. A switch that is left out may
 * be either.
 *
 * @example
 * expects: { inlineMode: true, privacyMode: false }
 */
export interface Expectations {
  /** Whether people can call the bot from any chat by its name (/setinline). */
  readonly inlineMode?: boolean;

  /**
   * Whether the bot sees only the messages of a group that are meant for it (/setprivacy). `false` for a bot that
   * reads all of them. A change takes effect in a group when the bot is added to it again.
   */
  readonly privacyMode?: boolean;

  /** Whether the bot can be added to groups (/setjoingroups). */
  readonly joinGroups?: boolean;

  /** Whether people can connect the bot to their accounts, to answer in their name (Secretary Mode). */
  readonly business?: boolean;

  /** Whether the bot has a main mini app (Configure Mini App). */
  readonly mainWebApp?: boolean;

  /** Whether private chats with the bot have topics (Threaded Mode). */
  readonly topics?: boolean;

  /** Whether people can create and delete topics in their chats with the bot. */
  readonly userTopics?: boolean;

  /** Whether people can mention the bot in chats that it is no member of (Guest Mode). */
  readonly guestQueries?: boolean;

  /** Whether the bot can create and control other bots (Bot Management Mode). */
  readonly manageBots?: boolean;

  /** Whether the bot can decide on requests to join a chat while the person waits. */
  readonly joinRequestQueries?: boolean;
}

/** Every switch: one that is misspelled would never be compared. */
const SWITCHES: Record<BotSwitch, true> = {
  inlineMode: true,
  privacyMode: true,
  joinGroups: true,
  business: true,
  mainWebApp: true,
  topics: true,
  userTopics: true,
  guestQueries: true,
  manageBots: true,
  joinRequestQueries: true,
};

/** The setting of a bot's switches. */
export interface ExpectationSettings {
  /**
   * How the bot must be set in @BotFather. A deploy compares it with `getMe` before it builds anything, and fails with
   * the command to send to @BotFather if something differs; a rollback only warns.
   *
   * @default - every setting is accepted
   */
  readonly expects?: Expectations;
}

type IdentitySettings = ExpectationSettings & Pick<WebhookSettings, 'allowedUpdates'>;

/**
 * Turns the expectations into properties for the registrar, and warns about update types that contradict them.
 *
 * @throws Error for an unknown switch, or a value that is not a boolean
 */
export function toExpectedProperties(
  scope: Construct,
  { expects, allowedUpdates }: IdentitySettings,
): Pick<IdentityProperties, 'Expects' | 'AllowedUpdates'> {
  warnAboutImpossibleUpdates(scope, { expects, allowedUpdates });
  const declared = Object.entries(expects ?? {}).filter(([, value]) => value !== undefined);
  for (const [name, value] of declared) {
    checkOneOf('a switch in expects', name, Object.keys(SWITCHES));
    checkOneOf(`expects.${name}`, value, [true, false]);
  }
  const gated: readonly string[] = Object.values(UPDATES_BEHIND_SWITCHES).flat();
  const types = allowedUpdates?.filter((type) => gated.includes(type)) ?? [];
  return {
    Expects:
      declared.length > 0
        ? Object.fromEntries(declared.map(([name, value]) => [name, value ? 'true' : 'false']))
        : undefined,
    AllowedUpdates: types.length > 0 ? types : undefined,
  };
}

/** Warns about update types that the bot asks for, and by its own expectations can never receive. */
function warnAboutImpossibleUpdates(
  scope: Construct,
  { expects = {}, allowedUpdates = [] }: IdentitySettings,
): void {
  for (const [name, types] of Object.entries(UPDATES_BEHIND_SWITCHES)) {
    const never = allowedUpdates.filter((type) => (types as readonly string[]).includes(type));
    if (expects[name as BotSwitch] !== false || never.length === 0) continue;
    Validations.of(scope).addWarning(
      'telegram-webhook-kit:impossibleUpdates',
      `allowedUpdates names ${never.join(', ')}, which never arrive because expects.${name} is false: remove them, ` +
        `or set expects.${name} to true`,
    );
  }
}
