import type { Value } from './cloudformation/values.ts';
import type { BotSwitches } from './telegram/bot.ts';

/** The fields of getMe by the kit's names of @BotFather's switches. The first is true when its switch is off. */
const FIELDS: Readonly<Record<string, keyof BotSwitches>> = {
  privacyMode: 'can_read_all_group_messages',
  inlineMode: 'supports_inline_queries',
  joinGroups: 'can_join_groups',
  business: 'can_connect_to_business',
  mainWebApp: 'has_main_web_app',
  topics: 'has_topics_enabled',
  userTopics: 'allows_users_to_create_topics',
  guestQueries: 'supports_guest_queries',
  manageBots: 'can_manage_bots',
  joinRequestQueries: 'supports_join_request_queries',
};

/** Returns the switches as the property `Expects` of a bot has them, which a person sets with @BotFather. */
export function switchesFor(expects: Value | undefined): BotSwitches {
  const switches = Object.entries(expects ?? {}).flatMap(([name, value]) => {
    const field = FIELDS[name];
    return field ? [[field, (value === 'true') !== (name === 'privacyMode')]] : [];
  });
  return Object.fromEntries(switches);
}
