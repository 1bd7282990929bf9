import type { UserFromGetMe } from '@grammyjs/types';
import { describe, expect, it } from 'vitest';
import type { BotSwitch, IdentityProperties } from '../../../../functions/contract.ts';
import { unmetExpectations } from '../../../../functions/registrar/bot/expectations.ts';
import {
  createEvent,
  failureOf,
  handle,
  makeFakes,
  me,
  properties,
  refusedWith,
  updateEvent,
} from '../fakes.ts';

const type = 'Custom::TelegramBot';

/** The field of getMe that is true when the switch is on; of privacy mode, when it is off. */
const fields: [BotSwitch, keyof UserFromGetMe, string][] = [
  ['inlineMode', 'supports_inline_queries', '/setinline'],
  ['privacyMode', 'can_read_all_group_messages', '/setprivacy'],
  ['joinGroups', 'can_join_groups', '/setjoingroups'],
  ['business', 'can_connect_to_business', 'Secretary Mode'],
  ['mainWebApp', 'has_main_web_app', 'Configure Mini App'],
  ['topics', 'has_topics_enabled', 'Threads Settings'],
  ['userTopics', 'allows_users_to_create_topics', 'creating topics'],
  ['guestQueries', 'supports_guest_queries', 'Guest Mode'],
  ['manageBots', 'can_manage_bots', 'Bot Management Mode'],
  ['joinRequestQueries', 'supports_join_request_queries', 'join requests'],
];

describe.each(fields)('the expectation %s', (name, field, command) => {
  const inverse = name === 'privacyMode';

  it.each([true, false])(`compares with ${field}, when it is %s`, (value) => {
    const bot = { ...me, [field]: value } as UserFromGetMe;
    const isOn = value !== inverse;
    expect(unmetExpectations(bot, { [name]: String(isOn) })).toEqual([]);
    expect(unmetExpectations(bot, { [name]: String(!isOn) })).toEqual([
      {
        setting: `expects.${name}`,
        declared: String(!isOn),
        actual: String(isOn),
        fix: expect.stringMatching(new RegExp(`@BotFather.*${command}|${command}.*@BotFather`)),
      },
    ]);
  });

  it('takes a field that an older Bot API server leaves out for false', () => {
    const isOn = inverse;
    expect(unmetExpectations(me as UserFromGetMe, { [name]: String(isOn) })).toEqual([]);
  });
});

/** Returns the properties of a bot that expects this, and fakes whose bot is set like that. */
function botThat(declared: Partial<IdentityProperties>, actual: Partial<UserFromGetMe>) {
  const fakes = makeFakes();
  fakes.telegram.me = { ...me, ...actual };
  return { fakes, properties: { ...properties, AllowedUpdates: undefined, ...declared } };
}

describe('a bot that is not set as the stack expects', () => {
  const unmet = () =>
    botThat(
      { Expects: { inlineMode: 'true', privacyMode: 'false', joinGroups: 'true' } },
      { can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false },
    );
  const reason =
    '@test_bot is not set as the stack expects. ' +
    'expects.inlineMode is true, but inline mode is off: send /setinline to @BotFather. ' +
    'expects.privacyMode is false, but privacy mode is on: send /setprivacy to @BotFather, then add the bot to its ' +
    'groups again.';

  it('fails the deploy, with every switch and how to set it', async () => {
    const { fakes, properties } = unmet();
    const { message } = await failureOf(fakes, createEvent(type, properties));
    expect(message).toBe(`${reason} Or correct expects. Then deploy again.`);
  });

  it('is a warning in a rollback, which keeps all attributes', async () => {
    const { fakes, properties } = unmet();
    fakes.status = () => 'UPDATE_ROLLBACK_IN_PROGRESS';
    const response = await handle(fakes, updateEvent(type, undefined, properties));
    expect(response.Data).toMatchObject({ Username: 'test_bot' });
    expect(fakes.lines).toEqual([
      {
        level: 'warn',
        facts: expect.objectContaining({ outcome: 'identified', because: reason }),
      },
    ]);
  });

  it('has a complete reason even if every switch differs', async () => {
    const names = fields.map(([name]) => [name, name === 'privacyMode' ? 'false' : 'true']);
    const { fakes, properties } = botThat({ Expects: Object.fromEntries(names) }, {});
    const { message } = await failureOf(fakes, createEvent(type, properties));
    for (const [name, , command] of fields) {
      expect(message).toContain(`expects.${name} is`);
      expect(message).toContain(command);
    }
    expect(message).toMatch(/deploy again\.$/);
  });

  it('is not noticed in a rollback that Telegram does not answer', async () => {
    const { fakes, properties } = unmet();
    fakes.status = () => 'UPDATE_ROLLBACK_IN_PROGRESS';
    fakes.telegram.faults.getMe = () => refusedWith(401, 'Unauthorized');
    await handle(fakes, updateEvent(type, undefined, properties));
    expect(fakes.lines.at(-1)?.facts).toMatchObject({ outcome: 'unfinished' });
  });
});

it('a bot that is set as the stack expects causes no warning', async () => {
  const { fakes, properties } = botThat(
    { Expects: { inlineMode: 'true', privacyMode: 'true' }, AllowedUpdates: ['inline_query'] },
    { supports_inline_queries: true, can_read_all_group_messages: false },
  );
  await handle(fakes, createEvent(type, properties));
  expect(fakes.lines).toEqual([{ level: 'info', facts: expect.anything() }]);
});

it.each([
  ['inline_query', 'inline mode'],
  ['chosen_inline_result', 'inline mode'],
  ['business_connection', 'secretary mode'],
  ['business_message', 'secretary mode'],
  ['edited_business_message', 'secretary mode'],
  ['deleted_business_messages', 'secretary mode'],
  ['guest_message', 'guest mode'],
  ['managed_bot', 'bot management mode'],
])(
  'a deploy warns about %s, which cannot arrive while its switch is off',
  async (update, title) => {
    const { fakes, properties } = botThat({ AllowedUpdates: ['message', update] }, {});
    await handle(fakes, createEvent(type, properties));
    expect(fakes.lines).toEqual([
      {
        level: 'warn',
        facts: expect.objectContaining({
          outcome: 'identified',
          because: expect.stringMatching(
            `^No ${update} will arrive, because ${title}.* is off: send /.*`,
          ),
        }),
      },
    ]);
  },
);
