import { HOME, type Location, locationOf } from './aws/account.ts';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { pathOf, type Template } from './cloudformation/template.ts';
import { isObject, type Value } from './cloudformation/values.ts';
import type { BotSwitches } from './telegram/bot.ts';

/** The kit's custom resource that names a token secret. Only `start.ts` and `terminal/` know more about it. */
export const BOT_TYPE = 'Custom::TelegramBot';

/** The kit's custom resource that sets a bot's profile. */
const PROFILE_TYPE = 'Custom::TelegramBotProfile';

/** A bot as a stack declares it, with what a person does before the first deploy. */
export interface StackBot {
  /** Path of its construct in the app: `TelegramBot-dev/Bot`. */
  readonly path: string | undefined;
  readonly tokenSecret: TokenSecret;
  /** Root of the Bot API that it calls; undefined if the app does not know it before the deploy. */
  readonly apiRoot: string | undefined;
  /** What @BotFather has to switch. */
  readonly switches: BotSwitches;
  /** The same in words: `inline mode on`. */
  readonly switched: readonly string[];
  /** Ids and `@names` of the chats that its profile names, to which a person has added it. */
  readonly chats: readonly string[];
}

/** A secret as the stack identifies it. */
export interface TokenSecret extends Location {
  readonly name: string;
  /** The whole ARN, if the stack names it. */
  readonly arn?: string;
}

/**
 * Returns the bots of a stack and of its nested stacks.
 *
 * @throws Error for a secret that is known only during the deploy
 */
export function declaredBotsOf(stack: StackArtifact): StackBot[] {
  return templatesOf(stack).flatMap((template) => {
    const resources = Object.values(template.Resources);
    return resources
      .filter(({ Type }) => Type === BOT_TYPE)
      .map((definition) => {
        const { TokenSecret: secret, ApiRoot, Expects } = definition.Properties;
        return {
          path: botPathOf(pathOf(definition)),
          tokenSecret: identify(secret, template, stack),
          apiRoot: typeof ApiRoot === 'string' ? ApiRoot : undefined,
          ...switchesOf(Expects),
          chats: resources
            .filter(
              ({ Type, Properties }) => Type === PROFILE_TYPE && Properties.TokenSecret === secret,
            )
            .flatMap(({ Properties }) => chatsOf(Properties.Slots)),
        };
      });
  });
}

/** Returns the path of the bot's construct, which contains the custom resource with the given path. */
export function botPathOf(path: string | undefined): string | undefined {
  return path?.replace(/(\/(Resource|Default))+$/, '').replace(/\/[^/]+$/, '');
}

interface Switch {
  readonly field: keyof BotSwitches;
  readonly title: string;
  /** Whether the field is true when the switch is off. */
  readonly isInverse?: true;
}

/** By the kit's names. */
const SWITCHES: Readonly<Record<string, Switch>> = {
  inlineMode: { field: 'supports_inline_queries', title: 'inline mode' },
  privacyMode: { field: 'can_read_all_group_messages', title: 'group privacy', isInverse: true },
  joinGroups: { field: 'can_join_groups', title: 'joining groups' },
  business: { field: 'can_connect_to_business', title: 'secretary mode' },
  mainWebApp: { field: 'has_main_web_app', title: 'main mini app' },
  topics: { field: 'has_topics_enabled', title: 'threaded mode' },
  userTopics: { field: 'allows_users_to_create_topics', title: "users' topics" },
  guestQueries: { field: 'supports_guest_queries', title: 'guest mode' },
  manageBots: { field: 'can_manage_bots', title: 'bot management mode' },
  joinRequestQueries: { field: 'supports_join_request_queries', title: 'join request queries' },
};

function switchesOf(expects: Value | undefined): Pick<StackBot, 'switches' | 'switched'> {
  const expected = Object.entries(isObject(expects) ? expects : {}).flatMap(([name, value]) => {
    const known = SWITCHES[name];
    return known ? [{ ...known, isOn: value === 'true' }] : [];
  });
  return {
    switches: Object.fromEntries(
      expected.map(({ field, isInverse = false, isOn }) => [field, isOn !== isInverse]),
    ),
    switched: expected.map(({ title, isOn }) => `${title} ${isOn ? 'on' : 'off'}`),
  };
}

/** Returns the chats that slots name. One that is known only during the deploy is no text yet. */
function chatsOf(slots: Value | undefined): string[] {
  if (!Array.isArray(slots)) return [];
  return slots
    .filter((slot) => typeof slot === 'string')
    .flatMap((slot) => {
      const { scope, chat_id } = JSON.parse(slot);
      return scope?.chat_id ?? chat_id ?? [];
    })
    .map(String);
}

function identify(
  secret: Value | undefined,
  template: Template,
  { location = HOME }: StackArtifact,
): TokenSecret {
  if (typeof secret !== 'string') {
    throw new Error(
      'The sandbox can fill only token secrets that the app imports by name or by ARN ' +
        '(Secret.fromSecretNameV2): it does not know others before the deploy',
    );
  }
  if (!secret.startsWith('arn:')) return { ...location, name: secret };
  const name = secret.split(':').slice(6).join(':');
  // An ARN without AWS's suffix has a wildcard in the policies instead.
  const isPartial = JSON.stringify(template.Resources).includes(`${secret}-??????`);
  if (isPartial) return { ...locationOf(secret), name };
  return { ...locationOf(secret), name: name.slice(0, -'-XXXXXX'.length), arn: secret };
}

function templatesOf(stack: StackArtifact, template = stack.template): Template[] {
  const nested = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudFormation::Stack')
    .map(({ Properties }) => /\w+\.json/.exec(JSON.stringify(Properties.TemplateURL))?.[0] ?? '')
    .flatMap((key) => stack.nestedTemplate?.(key) ?? [])
    .flatMap((inner) => templatesOf(stack, inner));
  return [template, ...nested];
}
